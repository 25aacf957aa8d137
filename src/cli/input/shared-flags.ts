import type { Command } from 'commander'

/** Actions have long names: with their short ones and `[options]` beside them nothing else would fit a line. */
export const SHORT_TERMS = { subcommandTerm: (command: Command) => command.name() }

/** Of every command that takes a workflow. */
export const FILE_FLAG = [
  '--file <path>',
  'default: hrflow-connectors.yaml, .yml, .ts, .mts, .js or .mjs here',
] as const

/** Of every command that shows the console. */
export const ALLOWED_HOST_FLAG = [
  '--allowed-host <name>',
  'a further name that the console is reached by, as a proxy in front of it has one; may be repeated',
] as const
export const TOKEN_FILE_FLAG = [
  '--token-file <path>',
  'a file with the token that lets in; default: HRFLOW_CONNECTORS_CONSOLE_TOKEN, else a new one each time',
] as const

/** Of a flag that may be repeated. */
export const collect = (value: string, all: string[] = []): string[] => [...all, value]

/** Of every command that has something to say to a program. */
export const JSON_FLAG = ['--json', 'print one JSON document, and nothing else, to stdout'] as const

/** How long `--wait` waits when it is given no time. */
export const STANDARD_WAIT = '1h'

/** Of every command that runs: lets go what the guard of `on_left: archive` holds. */
export const ALLOW_LEFT_FLAG = [
  '--allow-left',
  'this once, archive all that left, however much it is: after too_many_left was looked at',
] as const

/** Of every command that runs. */
export const WAIT_FLAG = [
  '--wait [time]',
  `where the workflow is running already, wait for it: 30s, 5m, 2h (alone: ${STANDARD_WAIT}); without it, or when the time is up, exit code 4`,
] as const

/** Accounts whose workflows `run --all` runs at once when nothing is said. */
export const STANDARD_CONCURRENCY = 4
