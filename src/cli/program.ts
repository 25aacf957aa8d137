import { type Command, CommanderError } from 'commander'
import { allActions } from '../runtime/actions.js'
import { VERSION } from '../version.js'
import { describeAction, findAction, isOnlyOne, listActions } from './commands/catalog/actions.js'
import type { WorkflowsOptions } from './commands/catalog/workflows.js'
import { addInit } from './commands/init/index.js'
import { addLooks } from './commands/preflight/index.js'
import { runCommand } from './commands/run/action.js'
import type { RunWorkflowOptions } from './commands/run/workflows.js'
import { straysSeen, withoutStrays } from './execution/unhandled-rejections.js'
import {
  complain,
  FILE_FLAG,
  SHORT_TERMS,
  STANDARD_CONCURRENCY,
  takesAction,
  unknownName,
  UsageCommand,
  WAIT_FLAG,
  withoutSecrets,
} from './input/usage.js'
import { type ExitCode, type Terminal, UsageError, widthOf, wrap } from './terminal.js'

const EXAMPLES = `
Examples:
  hrflow-connectors demo
  hrflow-connectors describe workable.update_jobs_in_hrflow
  hrflow-connectors run workable.update_jobs_in_hrflow --board-key KEY --dry-run
  hrflow-connectors run --all
`
const EXIT_CODES =
  'Exit codes: 0 success, 1 fatal, 2 wrong usage or configuration, 3 success with failures, 4 not run: the workflow is running already, 130 interrupted.'

const JSON_FLAG = ['--json', 'print one JSON document, and nothing else, to stdout'] as const

/** Runs one command line and says what to exit with. */
export async function runCli(words: string[], outside: Terminal): Promise<ExitCode> {
  const terminal = withoutSecrets(outside, allActions())
  const codes: ExitCode[] = []
  const program = buildProgram(terminal, (ended) => void codes.push(ended))
  try {
    await withoutStrays(terminal, () => program.parseAsync(words, { from: 'user' }))
    const code = codes.at(-1) ?? 0
    return code === 0 && straysSeen() > 0 ? 3 : code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (!(error instanceof UsageError)) throw error
    complain(error.message, terminal)
    return 2
  }
}

/** The whole command line. Nothing is run before it parses words. */
export function buildProgram(terminal: Terminal, finish: (code: ExitCode) => void): Command {
  const { stdout, stderr } = terminal
  const program = new UsageCommand('hrflow-connectors')
  program
    .description('Moves jobs from applicant tracking systems to HrFlow.ai.')
    .version(VERSION, '-V, --version')
    .addHelpText('after', () => `${EXAMPLES}\n${wrap(EXIT_CODES, widthOf(stdout))}`)
    // A flag belongs to the command that it follows.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      getOutHelpWidth: () => Math.min(stdout.columns ?? 80, 120),
      getErrHelpWidth: () => Math.min(stderr.columns ?? 80, 120),
    })
    .helpCommand(false)
  addRun(program, terminal, finish)
  addLooks(program, terminal, finish)
  addInit(program, terminal, finish)
  program
    .command('actions')
    .summary('list the actions')
    .option(...JSON_FLAG)
    .action((values: { json?: boolean }) => listActions(values, terminal))
  program
    .command('describe <action>')
    .summary('show every parameter of an action')
    .option(...JSON_FLAG)
    .action((name: string, values: { json?: boolean }) => describeAction(name, values, terminal))
  addHistory(program, terminal)
  addSandbox(program, terminal, finish)
  program
    .command('help [words...]')
    .summary('show the help of a command')
    .action((words: string[]) => helpFor(program, words).outputHelp())
  return program
}

function addRun(program: Command, terminal: Terminal, finish: (code: ExitCode) => void): void {
  const run = program
    .command('run')
    .summary('run a workflow of a file, all of them, or an action')
    .description(
      'Runs a workflow of hrflow-connectors.yaml (or .yml, .ts, .mts, .js, .mjs), all of them, or an action, each pull and push parameter of which is a flag.',
    )
    .configureHelp(SHORT_TERMS)
    .usage('WORKFLOW | --all | ACTION [options]')
  for (const action of allActions()) {
    const command = runCommand(action, terminal, finish)
    if (isOnlyOne(action)) command.alias(action.id)
    run.addCommand(command.copyInheritedSettings(program))
  }
  run
    .argument('[workflow]', 'of the workflow file')
    .option('--all', 'all workflows of the file: those of one account one after another, accounts side by side')
    .option('--concurrency <number>', `with --all: accounts at once (default: ${STANDARD_CONCURRENCY})`)
    .option(...FILE_FLAG)
    .option('--dry-run', 'read and map, write nothing')
    .option('--full', 'read everything this once, although the workflow is incremental')
    .option(...WAIT_FLAG)
    .option(...JSON_FLAG)
    .action(async (name: string | undefined, values: RunWorkflowOptions) =>
      finish(await (await import('./commands/run/workflows.js')).runWorkflows(name, values, terminal)),
    )
  program
    .command('workflows')
    .summary('list the workflows of a file, and when each runs next')
    .description('Lists the workflows of a file, and when each is due next by its schedule.')
    .option(...FILE_FLAG)
    .option(...JSON_FLAG)
    .action(async (values: WorkflowsOptions) =>
      (await import('./commands/catalog/workflows.js')).listWorkflows(values, terminal),
    )
}

/** What the runs before have left. Each command brings its own code: a run needs none of it. */
function addHistory(program: Command, terminal: Terminal): void {
  program
    .command('runs [id]')
    .summary('list past runs, or show one in full')
    .description(
      'Lists past runs, newest first, with their requests to the origin and to the target. With an id, or the beginning of one, shows that run with all its failures. Dry runs are not kept.',
    )
    .option('--workflow <id>', 'show only runs of this workflow')
    .option('--limit <number>', 'how many', '20')
    .option(...JSON_FLAG)
    .action(async (id: string | undefined, values: { workflow?: string; limit?: string; json?: boolean }) => {
      const { listRuns, showRun } = await import('./commands/history/runs.js')
      await (id === undefined ? listRuns(values, terminal) : showRun(id, values, terminal))
    })
  addPending(program, terminal)
  const state = program
    .command('state')
    .summary('show where state is kept, and what is known of each workflow')
    .description('Shows where state is kept, and what is known of each workflow.')
    .option(...JSON_FLAG)
    .action(async (values: { json?: boolean }) =>
      (await import('./commands/history/state.js')).showState(values, terminal),
    )
  state
    .command('reset <workflow>')
    .summary('forget what is known of a workflow')
    .description(
      'Forgets the cursor, the delivery records and the pending items of a workflow; run history is kept. The next run reads everything.',
    )
    .option('--yes', 'do not ask')
    .option(...JSON_FLAG)
    .action(async (workflow: string, _: unknown, command: Command) =>
      (await import('./commands/history/state.js')).resetState(workflow, command.optsWithGlobals(), terminal),
    )
}

function addPending(program: Command, terminal: Terminal): void {
  const load = () => import('./commands/history/pending.js')
  const pending = program
    .command('pending [workflow]')
    .summary('list items that failed and are tried again')
    .description('Lists the items that failed and are tried again by later runs.')
    .option(...JSON_FLAG)
    .action(async (workflow: string | undefined, values: { json?: boolean }) =>
      (await load()).listPending({ ...values, ...(workflow === undefined ? {} : { workflow }) }, terminal),
    )
  pending
    .command('retry [references...]')
    .summary('make them due now')
    .description(
      'Makes pending items due now, so that the next run tries them. Without a reference: all of the workflow.',
    )
    .option('--workflow <id>', 'the workflow they belong to; needed when several have pending items')
    .option(...JSON_FLAG)
    .action(async (references: string[], _: unknown, command: Command) =>
      (await load()).retryPending(references, command.optsWithGlobals(), terminal),
    )
  pending
    .command('dismiss <references...>')
    .summary('stop trying pending items until they change')
    .description('Stops trying pending items. Each is read again when it changes.')
    .option('--workflow <id>', 'the workflow they belong to; needed when several have pending items')
    .option(...JSON_FLAG)
    .action(async (references: string[], _: unknown, command: Command) =>
      (await load()).dismissPending(references, command.optsWithGlobals(), terminal),
    )
}

function addSandbox(program: Command, terminal: Terminal, finish: (code: ExitCode) => void): void {
  program
    .command('sandbox')
    .summary('serve stand-ins of Workable and HrFlow on this machine')
    .description(
      'Serves stand-ins of Workable and HrFlow on this machine until it is stopped, and prints the environment to use.',
    )
    .option('--jobs <number>', 'jobs of the Workable account', '200')
    .option('--port <number>', 'port; 0 is any free one', '0')
    .option('--limit <number>', 'requests per 10 s that Workable allows', '10')
    .option('--latency <ms>', 'how long each request takes', '0')
    .action(async (values: Record<string, string>) =>
      (await import('./commands/sandbox/serve.js')).serveSandbox(values, terminal),
    )
  program
    .command('demo')
    .summary('show the main job on the sandbox: no account needed')
    .option('--real-limit', "30 jobs under Workable's real limit of 10 requests per 10 s: about half a minute")
    .action(async (values: { realLimit?: boolean }) =>
      finish(await (await import('./commands/sandbox/demo.js')).demo(values.realLimit === true, terminal)),
    )
}

/** The command that a path of words leads to. */
function helpFor(program: Command, words: string[]): Command {
  return words.reduce((command, word) => {
    const found = command.commands.find((known) => known.name() === word || known.aliases().includes(word))
    if (found) return found
    if (takesAction(command)) findAction(word)
    throw unknownName(
      'command',
      word,
      command.commands.map((known) => known.name()),
    )
  }, program)
}
