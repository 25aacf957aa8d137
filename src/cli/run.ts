import { readFile } from 'node:fs/promises'
import { Command, Option } from 'commander'
import {
  parameterGroups,
  qualifiedName,
  summaryOf,
  type ParameterDescription,
  type ParameterGroup,
} from '../core/manifest.js'
import { nearest } from '../core/nearest.js'
import type { RunResult } from '../core/result.js'
import type { Action } from '../core/run.js'
import { environmentParameters, runAction, variableName } from '../runtime.js'
import { flagOf } from './actions.js'
import { Progress } from './progress.js'
import { summarise } from './summary.js'
import { UsageError, type ExitCode, type Terminal } from './terminal.js'

type Values = Record<string, string | boolean | undefined>

/** `run ACTION`, with a flag for each pull and push parameter. */
export function runCommand(action: Action, terminal: Terminal, finish: (code: ExitCode) => void): Command {
  const command = new Command(qualifiedName(action))
  command.summary(summaryOf(action)).description(description(action))
  const groups = parameterGroups(action)
  for (const group of groups) for (const parameter of group.parameters) addOption(command, group, parameter)
  command
    .option(
      '--secrets <file>',
      'file of NAME=value lines with secrets, e.g. WORKABLE_API_ACCESS_TOKEN; - reads them from stdin',
    )
    .option('--dry-run', 'read and map, write nothing')
    .option('--json', 'print the result as one JSON document, and nothing else, to stdout')
    .action(async (values: Values) => {
      const parameters = await gather(action, groups, values, terminal)
      finish(await execute(action, parameters, values['json'] === true, terminal))
    })
  return command
}

function description(action: Action): string {
  const { from, to } = action.flow
  const name = qualifiedName(action)
  return [
    summaryOf(action),
    '',
    `Credentials come from the environment (${variableName(from, 'api_access_token')}, ${variableName(from, 'subdomain')}, ${variableName(to, 'api_secret')}, ${variableName(to, 'api_user')}) or from --secrets FILE, never from flags.`,
    '',
    'Examples:',
    `  hrflow-connectors run ${name} --board-key KEY --state published --dry-run`,
    `  hrflow-connectors run ${name} --board-key KEY --updated-after 2026-11-01 --json > result.json`,
  ].join('\n')
}

/** Secrets have a flag that says where they belong, so that nobody learns it from a shell's history. */
function addOption(command: Command, group: ParameterGroup, parameter: ParameterDescription): void {
  const { name, secret } = parameter
  if (name === 'persist' || name === 'logics' || name === 'format' || name === 'callback') return
  const values = parameter.values.length > 0 ? ` (${parameter.values.join(', ')})` : ''
  const flag = parameter.type.startsWith('boolean')
    ? flagOf(name)
    : `${flagOf(name)} <${group.name === 'other' ? 'id' : 'value'}>`
  const option = new Option(flag, `${parameter.description}${values}`)
  if (secret) option.hideHelp()
  command.addOption(option)
}

async function gather(
  action: Action,
  groups: ParameterGroup[],
  values: Values,
  terminal: Terminal,
): Promise<Record<string, unknown>> {
  const secrets =
    typeof values['secrets'] === 'string' ? await readSecrets(values['secrets'], action, groups, terminal) : {}
  const found = environmentParameters(action, { ...terminal.env, ...secrets })
  const parameters: Record<string, Record<string, unknown>> = {
    connector_auth: {},
    hrflow_auth: {},
    pull_parameters: {},
    push_parameters: {},
    other: {},
  }
  for (const [group, filled] of Object.entries(found)) Object.assign(parameters[group] ?? {}, filled)
  for (const group of groups) {
    for (const { name, secret } of group.parameters) {
      const value = values[camel(name)]
      if (value === undefined) continue
      if (secret)
        throw new UsageError(
          `${flagOf(name)}: secrets are not taken from flags. Set ${secretVariable(action, group, name)}, or use --secrets FILE.`,
        )
      Object.assign(parameters[group.name] ?? {}, { [name]: value })
    }
  }
  const { other, ...sides } = parameters
  return { workflow_id: qualifiedName(action), ...sides, logics: null, persist: values['dryRun'] !== true, ...other }
}

function secretVariable(action: Action, group: ParameterGroup, name: string): string {
  return variableName(group.name === 'hrflow_auth' ? action.flow.to : action.flow.from, name)
}

/** `NAME=value` lines; blank lines and lines that begin with # are passed over. A name nobody reads is refused. */
async function readSecrets(
  file: string,
  action: Action,
  groups: ParameterGroup[],
  terminal: Terminal,
): Promise<Record<string, string>> {
  const text = file === '-' ? await readAll(terminal.stdin) : await readFile(file, 'utf8').catch(() => null)
  if (text === null) throw new UsageError(`--secrets: ${file} cannot be read.`)
  const known = groups
    .filter((group) => group.name.endsWith('_auth'))
    .flatMap((group) => group.parameters.map(({ name }) => secretVariable(action, group, name)))
  const secrets: Record<string, string> = {}
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.trim().startsWith('#')) continue
    const [, name, value] = /^\s*(?:export\s+)?([A-Z0-9_]+)\s*=\s*(.*?)\s*$/.exec(line) ?? []
    if (name === undefined || value === undefined)
      throw new UsageError(`--secrets, line ${index + 1}: expected NAME=value.`)
    if (!known.includes(name)) {
      const meant = nearest(name, known)
      throw new UsageError(
        `--secrets, line ${index + 1}: unknown name ${name}.${meant === undefined ? ` Known: ${known.join(', ')}.` : ` Did you mean ${meant}?`}`,
      )
    }
    secrets[name] = value.replace(/^(["'])(.*)\1$/, '$2')
  }
  return secrets
}

async function readAll(input: AsyncIterable<unknown>): Promise<string> {
  let text = ''
  for await (const chunk of input) text += String(chunk)
  return text
}

/** Runs an action under the signals of a terminal: the first one drains, the second quits at once. */
export async function execute(
  action: Action,
  parameters: unknown,
  json: boolean,
  terminal: Terminal,
): Promise<ExitCode> {
  const progress = new Progress(terminal.stderr)
  const stop = new AbortController()
  const onSignal = () => {
    if (stop.signal.aborted) process.exit(130)
    progress.stopping()
    stop.abort()
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  try {
    const result = await runAction(action, parameters, {
      signal: stop.signal,
      observer: (event) => progress.see(event),
    })
    progress.end()
    terminal.stdout.write(
      json ? `${JSON.stringify(result, null, 2)}\n` : `${summarise(result, terminal.stdout, terminal.env)}\n`,
    )
    return exitCodeOf(result)
  } finally {
    progress.end()
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}

function exitCodeOf({ status, reason }: RunResult): ExitCode {
  if (reason === 'interrupted') return 130
  if (status === 'success') return 0
  if (status === 'success_with_failures') return 3
  return reason === 'bad_origin_parameters' || reason === 'bad_target_parameters' || reason === 'backend_not_configured'
    ? 2
    : 1
}

function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
