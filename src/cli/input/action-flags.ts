import { type Command, Option } from 'commander'
import {
  type ParameterDescription,
  type ParameterGroup,
  parameterGroups,
  qualifiedName,
  summaryOf,
} from '../../core/model/describe.js'
import type { Action } from '../../core/model/flow.js'
import { allActions } from '../../runtime/actions.js'
import { environmentParameters, environmentVariables } from '../../runtime/environment.js'
import { type Terminal, UsageError } from '../terminal.js'
import { defaultOf, flagOf, isOnlyOne, takesFunctions, variableOf } from './actions.js'
import { readSecretsFile } from './secrets-file.js'
import { UsageCommand } from './usage.js'
import { standardWorkflowId } from './workflow-id.js'

/** The flags of a command, as commander has read them. */
export type Values = Record<string, string | boolean | undefined>
type Parameters = Record<ParameterGroup['name'], Record<string, unknown>>

/** Adds a command for every action. It has a short name where no other connector has the same. */
export function addActions(parent: Command, commandOf: (action: Action) => Command): void {
  for (const action of allActions()) {
    const command = commandOf(action)
    if (isOnlyOne(action)) command.alias(action.id)
    parent.addCommand(command.copyInheritedSettings(parent))
  }
}

/**
 * A command for one action: a flag for each parameter that a command line can give, and a file for the secrets. What `fill`
 * adds comes after these.
 */
export function actionCommand(action: Action, fill: (command: UsageCommand) => unknown): UsageCommand {
  return new UsageCommand(qualifiedName(action)).summary(summaryOf(action)).whenUsed((command) => {
    for (const group of parameterGroups(action))
      for (const parameter of group.parameters) addOption(command, action, group, parameter)
    command.option(
      '--secrets <file>',
      'file of NAME=value lines, which come before the environment; - reads them from stdin',
    )
    fill(command)
  })
}

/** What the environment, a file of secrets and the flags say, as the action takes it, and a sentence for each gap. */
export async function requestFrom(
  action: Action,
  values: Values,
  terminal: Terminal,
): Promise<{ parameters: Record<string, unknown>; missing: string[] }> {
  const found = await gather(action, values, terminal)
  const { other, ...sides } = found
  const workflow_id = other['workflow_id'] ?? (await standardWorkflowId(action, sides, terminal))
  const parameters = { ...sides, logics: null, persist: true, ...other, workflow_id }
  return { parameters, missing: missingOf(action, found) }
}

/** `run --json ACTION`: the flag would be of `run`, and the action would not know of it. */
export function refuseEarlyFlags({ parent }: Command): void {
  const early = parent?.options.find((option) => parent.getOptionValueSource(option.attributeName()) === 'cli')
  if (early?.long)
    throw new UsageError(`Flags come after the action: hrflow-connectors ${parent?.name() ?? ''} ACTION ${early.long}.`)
}

/** Where the secrets of an action come from. */
export function secretsNote(action: Action): string {
  const secrets = parameterGroups(action).flatMap((group) =>
    group.parameters.flatMap(({ name, secret }) => (secret ? (variableOf(action, group.name, name) ?? []) : [])),
  )
  return `The secrets, ${secrets.join(' and ')}, come from the environment or from --secrets FILE, never from flags.`
}

/** Secrets have a flag that says where they belong, so that nobody learns it from a shell's history. */
function addOption(
  command: UsageCommand,
  action: Action,
  group: ParameterGroup,
  parameter: ParameterDescription,
): void {
  const { name, secret, values } = parameter
  if (name === 'persist' || takesFunctions(parameter)) return
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

function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
