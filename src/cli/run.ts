import { Option, type Command } from 'commander'
import {
  parameterGroups,
  qualifiedName,
  summaryOf,
  type ParameterDescription,
  type ParameterGroup,
} from '../core/manifest.js'
import type { Action } from '../core/run.js'
import { environmentParameters, environmentVariables } from '../runtime.js'
import { defaultOf, flagOf, isLibraryOnly, variableOf } from './actions.js'
import { execute } from './execute.js'
import { readSecretsFile } from './secrets-file.js'
import { UsageError, type ExitCode, type Terminal } from './terminal.js'
import { complain, UsageCommand } from './usage.js'

type Values = Record<string, string | boolean | undefined>
type Parameters = Record<ParameterGroup['name'], Record<string, unknown>>

/** `run ACTION`, with a flag for each pull and push parameter. */
export function runCommand(action: Action, terminal: Terminal, finish: (code: ExitCode) => void): Command {
  const command = new UsageCommand(qualifiedName(action))
  command.summary(summaryOf(action)).description(description(action)).addHelpText('after', examples(action))
  for (const group of parameterGroups(action))
    for (const parameter of group.parameters) addOption(command, action, group, parameter)
  return command
    .option('--secrets <file>', 'file of NAME=value lines, which come before the environment; - reads them from stdin')
    .option('--dry-run', 'read and map, write nothing')
    .option('--json', 'print the result as one JSON document, and nothing else, to stdout')
    .action(async (values: Values, self: Command) => {
      refuseEarlyFlags(self)
      const json = values['json'] === true
      const parameters = await gather(action, values, terminal)
      const missing = missingOf(action, parameters)
      if (missing.length > 0 && !json) throw new UsageError(missing.join('\n'))
      for (const sentence of missing) complain(sentence, terminal)
      finish(await execute({ action, parameters: requestOf(action, parameters, values) }, json, terminal))
    })
}

/** `run --dry-run ACTION`: the flag would be of `run`, and the action would not know of it. */
function refuseEarlyFlags({ parent }: Command): void {
  const early = parent?.options.find((option) => parent.getOptionValueSource(option.attributeName()) === 'cli')
  if (early?.long) throw new UsageError(`Flags come after the action: hrflow-connectors run ACTION ${early.long}.`)
}

function description(action: Action): string {
  const secrets = parameterGroups(action).flatMap((group) =>
    group.parameters.flatMap(({ name, secret }) => (secret ? (variableOf(action, group.name, name) ?? []) : [])),
  )
  return `${summaryOf(action)}\n\nThe secrets, ${secrets.join(' and ')}, come from the environment or from --secrets FILE, never from flags.`
}

/** Not wrapped by commander: they are there to be copied. */
function examples(action: Action): string {
  const run = `  hrflow-connectors run ${qualifiedName(action)} \\`
  return ['', 'Examples:', run, '    --board-key KEY --dry-run', run, '    --board-key KEY --incremental --json'].join(
    '\n',
  )
}

/** Secrets have a flag that says where they belong, so that nobody learns it from a shell's history. */
function addOption(command: Command, action: Action, group: ParameterGroup, parameter: ParameterDescription): void {
  const { name, secret, values } = parameter
  if (name === 'persist' || isLibraryOnly(parameter)) return
  const variable = variableOf(action, group.name, name)
  const standard = defaultOf(action, parameter)
  const remarks = [
    ...(values.length > 0 ? [values.join(', ')] : []),
    ...(standard === undefined || standard === 'false' ? [] : [`default: ${standard}`]),
    ...(parameter.required && standard === undefined ? ['required'] : []),
    ...(variable === undefined ? [] : [`or ${variable}`]),
  ]
  const flag = parameter.type.startsWith('boolean')
    ? flagOf(name)
    : `${flagOf(name)} <${group.name === 'other' ? 'id' : 'value'}>`
  const remark = remarks.length > 0 ? ` (${remarks.join('; ')})` : ''
  const option = new Option(flag, `${parameter.description}${remark}`)
  if (secret) option.hideHelp()
  command.addOption(option)
}

/** What the environment, a file of secrets and the flags say, by group. Flags come first. */
async function gather(action: Action, values: Values, terminal: Terminal): Promise<Parameters> {
  const file = values['secrets']
  const secrets = typeof file === 'string' ? await readSecretsFile(file, action, terminal) : {}
  const found = environmentParameters(action, { ...terminal.env, ...secrets })
  const parameters: Parameters = {
    connector_auth: { ...found['connector_auth'] },
    hrflow_auth: { ...found['hrflow_auth'] },
    pull_parameters: {},
    push_parameters: { ...found['push_parameters'] },
    other: {},
  }
  for (const group of parameterGroups(action)) {
    for (const { name, secret } of group.parameters) {
      const value = values[camel(name)]
      if (value === undefined) continue
      if (secret) {
        const variable = variableOf(action, group.name, name) ?? ''
        throw new UsageError(
          `${flagOf(name)}: secrets are not taken from flags. Set ${variable}, or use --secrets FILE.`,
        )
      }
      parameters[group.name][name] = value
    }
  }
  return parameters
}

/** A sentence for each required parameter that nobody gave: which, and where it belongs. */
function missingOf(action: Action, parameters: Parameters): string[] {
  return environmentVariables(action).flatMap(({ group, parameter: name, variable }) => {
    const known = parameterGroups(action).find((candidate) => candidate.name === group)
    const parameter = known?.parameters.find((candidate) => candidate.name === name)
    if (parameter?.required !== true || parameters[group][name] !== undefined) return []
    return parameter.secret
      ? [`Missing: ${name}. Set ${variable} in the environment or in --secrets FILE.`]
      : [`Missing: ${name}. Give ${flagOf(name)} or set ${variable}.`]
  })
}

function requestOf(action: Action, parameters: Parameters, values: Values): Record<string, unknown> {
  const { other, ...sides } = parameters
  return { workflow_id: qualifiedName(action), ...sides, logics: null, persist: values['dryRun'] !== true, ...other }
}

function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
