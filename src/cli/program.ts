import { Command, CommanderError } from 'commander'
import { nearest } from '../core/nearest.js'
import { VERSION } from '../version.js'
import { allActions, describeAction, findAction, listActions } from './actions.js'
import { runCommand } from './run.js'
import { colorsFor, textWidth, UsageError, wrap, type ExitCode, type Terminal } from './terminal.js'

const EXAMPLES = `
Examples:
  hrflow-connectors demo
  hrflow-connectors describe workable.update_jobs_in_hrflow
  hrflow-connectors run workable.update_jobs_in_hrflow --board-key KEY --dry-run

Exit codes: 0 success, 1 fatal, 2 wrong usage or configuration,
3 success with failures, 130 interrupted.`

/** Runs one command line and says what to exit with. */
export async function runCli(words: string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = 0
  const program = buildProgram(terminal, (ended) => (code = ended))
  try {
    await program.parseAsync(words, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (!(error instanceof UsageError)) throw error
    const said = wrap(`error: ${error.message}`, textWidth(terminal.stderr))
    terminal.stderr.write(`${said.replace('error:', colorsFor(terminal.stderr, terminal.env).red('error:'))}\n`)
    return 2
  }
}

function buildProgram(terminal: Terminal, finish: (code: ExitCode) => void): Command {
  const { stdout, stderr } = terminal
  const program = new Command('hrflow-connectors')
  program
    .description('Moves jobs from applicant tracking systems to HrFlow.ai.')
    .version(VERSION, '-V, --version')
    .addHelpText('after', EXAMPLES)
    .showSuggestionAfterError()
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      getOutHelpWidth: () => Math.min(stdout.columns ?? 80, 120),
      getErrHelpWidth: () => Math.min(stderr.columns ?? 80, 120),
    })
  const inherit = (command: Command) => command.copyInheritedSettings(program)
  const run = program
    .command('run')
    .summary('run an action')
    .description('Runs an action. Each pull and push parameter is a flag.')
  for (const action of allActions()) run.addCommand(inherit(runCommand(action, terminal, finish).alias(action.id)))
  run.argument('[action]').action((name: string | undefined) => {
    if (name !== undefined) findAction(name)
    throw new UsageError(
      `Which action? ${allActions()
        .map(({ own, id }) => `${own.id}.${id}`)
        .join(', ')}.`,
    )
  })
  program
    .command('actions')
    .summary('list the actions')
    .action(() => listActions(terminal))
  program
    .command('describe <action>')
    .summary('show every parameter of an action')
    .action((name: string) => describeAction(name, terminal))
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
    .action(async (values: Record<string, string>) => (await import('./sandbox.js')).serveSandbox(values, terminal))
  program
    .command('demo')
    .summary('show the main job on the sandbox: no account needed')
    .option('--real-limit', "30 jobs under Workable's real limit of 10 requests per 10 s: half a minute")
    .action(async (values: { realLimit?: boolean }) =>
      finish(await (await import('./demo.js')).demo(values.realLimit === true, terminal)),
    )
  program.on('command:*', ([name]: string[]) => {
    const meant = nearest(
      name ?? '',
      program.commands.map((command) => command.name()),
    )
    throw new UsageError(`There is no command ${name ?? ''}.${meant === undefined ? '' : ` Did you mean ${meant}?`}`)
  })
  return program
}
