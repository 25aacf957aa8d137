import {
  type ParameterDescription,
  type ParameterGroup,
  parameterGroups,
  qualifiedName,
  summaryOf,
} from '../../../core/model/describe.js'
import type { Action } from '../../../core/model/flow.js'
import { allActions } from '../../../runtime/actions.js'
import { defaultOf, findAction, flagOf, takesFunctions, variableOf } from '../../input/actions.js'
import { answer, colorsFor, type Terminal, widthOf, wrap } from '../../terminal.js'

/** A summary gets the rest of its line where that is at least so wide, else lines of its own. */
const NARROWEST_SUMMARY = 30

/** `actions`: a line each. */
export function listActions({ json }: { json?: boolean }, terminal: Terminal): void {
  if (json === true) answer(terminal.stdout, true, { actions: allActions().map(aboutAction) }, () => '')
  else drawActions(terminal)
}

function aboutAction(action: Action) {
  const { flow } = action
  return {
    name: qualifiedName(action),
    summary: summaryOf(action),
    ...{ origin: flow.from.name, target: flow.to.name, entity: flow.entity, mode: flow.mode },
    incremental: flow.read.since !== undefined,
  }
}

function drawActions({ stdout, env }: Terminal): void {
  const colors = colorsFor(stdout, env)
  const names = allActions().map(qualifiedName)
  const column = Math.max(...names.map((name) => name.length)) + 2
  const width = widthOf(stdout)
  const isNarrow = width - column < NARROWEST_SUMMARY
  for (const action of allActions()) {
    const name = colors.bold(qualifiedName(action).padEnd(column))
    const below = ' '.repeat(isNarrow ? 4 : column)
    stdout.write(
      `${isNarrow ? `${name.trimEnd()}\n${below}` : name}${wrap(summaryOf(action), width, below, below.length)}\n`,
    )
  }
  stdout.write(`\n${wrap('hrflow-connectors describe ACTION shows every parameter of one.', width)}\n`)
}

/** `describe ACTION`: every parameter with type, default, description and where a terminal takes it from. */
export function describeAction(name: string, { json }: { json?: boolean }, terminal: Terminal): void {
  const action = findAction(name)
  const parameters = () =>
    parameterGroups(action).flatMap((group) =>
      group.parameters.map((parameter) => ({
        group: group.name,
        ...parameter,
        flag: flagFor(parameter),
        variable: variableOf(action, group.name, parameter.name) ?? null,
      })),
    )
  if (json === true) answer(terminal.stdout, true, { ...aboutAction(action), parameters: parameters() }, () => '')
  else drawAction(action, terminal)
}

/** Null: no flag gives it, for a secret would stand in the shell's history. */
function flagFor(parameter: ParameterDescription): string | null {
  if (parameter.name === 'persist') return '--dry-run'
  return parameter.secret || takesFunctions(parameter) ? null : flagOf(parameter.name)
}

function drawAction(action: Action, { stdout, env }: Terminal): void {
  const colors = colorsFor(stdout, env)
  const width = widthOf(stdout)
  stdout.write(`${colors.bold(qualifiedName(action))}\n${wrap(summaryOf(action), width)}\n`)
  for (const group of parameterGroups(action)) {
    stdout.write(`\n${colors.bold(group.title)}\n`)
    for (const parameter of group.parameters) {
      const given = defaultOf(action, parameter)
      const here = parameter.default === null && given !== undefined ? ' on the command line' : ''
      const isRequired = parameter.required && given === undefined && !takesFunctions(parameter)
      const type = parameter.values.length > 0 ? parameter.values.join(' | ') : parameter.type.replaceAll('|', ' | ')
      const standard = given === undefined ? '' : `, default ${given}${here}`
      const required = isRequired ? colors.red(' required') : ''
      const about = wrap(`${type}${standard}`, width, '      ', parameter.name.length + 4)
      stdout.write(`  ${colors.cyan(parameter.name)}  ${about}${required}\n`)
      stdout.write(`      ${wrap(parameter.description, width, '      ', 6)}\n`)
      stdout.write(`      ${colors.dim(wrap(takenFrom(action, group.name, parameter), width, '      ', 6))}\n`)
    }
  }
}

/** No flag holds a function: a workflow file names it, or says by an expression what it would do. */
const IN_CODE_OR_FILE: Record<string, string> = {
  logics: 'in a workflow file conditions (if: EXPRESSION) and functions (./file.ts#name), in the library functions',
  format: 'in a workflow file a mapping (base, fields) or a function (./file.ts#name), in the library a function',
  callback: 'in a workflow file a function (./file.ts#name), in the library a function',
}

/** Where a parameter is taken from: the command line, a workflow file, or a call of the library. */
function takenFrom(action: Action, group: ParameterGroup['name'], parameter: ParameterDescription): string {
  const variable = variableOf(action, group, parameter.name)
  if (variable !== undefined && parameter.secret) return `${variable} in the environment or in --secrets FILE`
  if (variable !== undefined) return `${flagOf(parameter.name)} or ${variable}`
  if (parameter.name === 'persist') return '--dry-run sets it to false'
  return IN_CODE_OR_FILE[parameter.name] ?? flagOf(parameter.name)
}
