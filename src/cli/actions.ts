import { registry } from '../connectors/index.js'
import { parameterGroups, qualifiedName, summaryOf, type ParameterDescription } from '../core/manifest.js'
import { nearest } from '../core/nearest.js'
import type { Action } from '../core/run.js'
import { variableName } from '../runtime.js'
import { colorsFor, UsageError, widthOf, wrap, type Terminal } from './terminal.js'

/** Every action of every connector. */
export function allActions(): Action[] {
  return Object.values(registry).flatMap((connector) => connector.actions)
}

/** An action by its name, with or without its connector's; the nearest one is named when there is none. */
export function findAction(name: string): Action {
  const actions = allActions()
  const found = actions.find((action) => qualifiedName(action) === name || action.id === name)
  if (found) return found
  const names = actions.map(qualifiedName)
  const meant =
    nearest(name, names) ??
    names[
      actions.findIndex(
        ({ id }) =>
          id ===
          nearest(
            name,
            actions.map((action) => action.id),
          ),
      )
    ]
  throw new UsageError(
    `There is no action ${name}.${meant === undefined ? '' : ` Did you mean ${meant}?`} Actions: ${names.join(', ')}.`,
  )
}

/** `actions`: a line each. */
export function listActions({ stdout, env }: Terminal): void {
  const colors = colorsFor(stdout, env)
  const names = allActions().map(qualifiedName)
  const column = Math.max(...names.map((name) => name.length)) + 2
  for (const action of allActions()) {
    const summary = wrap(summaryOf(action), widthOf(stdout) - column)
    stdout.write(
      `${colors.bold(qualifiedName(action).padEnd(column))}${summary.replaceAll('\n', `\n${' '.repeat(column)}`)}\n`,
    )
  }
  stdout.write('\nhrflow-connectors describe ACTION shows every parameter of one.\n')
}

/** `describe ACTION`: every parameter with type, default, description and where a terminal takes it from. */
export function describeAction(name: string, { stdout, env }: Terminal): void {
  const action = findAction(name)
  const colors = colorsFor(stdout, env)
  const width = widthOf(stdout)
  stdout.write(`${colors.bold(qualifiedName(action))}\n${wrap(summaryOf(action), width)}\n`)
  for (const group of parameterGroups(action)) {
    stdout.write(`\n${colors.bold(group.title)}\n`)
    for (const parameter of group.parameters) {
      const required = parameter.required ? colors.red(' required') : ''
      const type = parameter.values.length > 0 ? parameter.values.join(' | ') : parameter.type.replaceAll('|', ' | ')
      const standard = parameter.default === null ? '' : `, default ${JSON.stringify(parameter.default)}`
      stdout.write(`  ${colors.cyan(parameter.name)}  ${type}${standard}${required}\n`)
      stdout.write(`      ${wrap(parameter.description, width - 6, '      ')}\n`)
      const origin = takenFrom(action, group.name, parameter)
      if (origin !== '') stdout.write(`      ${colors.dim(wrap(origin, width - 6, '      '))}\n`)
    }
  }
}

/** Where the command line takes a parameter from. */
function takenFrom(action: Action, group: string, parameter: ParameterDescription): string {
  const { from, to } = action.flow
  const warehouse = group === 'hrflow_auth' || group === 'push_parameters' ? to : from
  const variable = variableName(warehouse, parameter.name)
  if (parameter.secret) return `${variable} in the environment or in --secrets FILE`
  if (group.endsWith('_auth')) return `${flagOf(parameter.name)} or ${variable}`
  if (parameter.name === 'board_key') return `${flagOf(parameter.name)} or ${variable}`
  if (group !== 'other') return flagOf(parameter.name)
  if (parameter.name === 'persist') return '--dry-run sets it to false'
  return parameter.type.includes('Callable') || parameter.name === 'logics' ? 'library only' : flagOf(parameter.name)
}

/** `updated_after` -> `--updated-after`. */
export function flagOf(parameter: string): string {
  return `--${parameter.replaceAll('_', '-')}`
}
