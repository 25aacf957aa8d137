import { type Command, CommanderError } from 'commander'
import { allActions } from '../runtime/actions.js'
import { VERSION } from '../version.js'
import { registerCatalog } from './commands/catalog/index.js'
import { registerHistory } from './commands/history/index.js'
import { registerInit } from './commands/init/index.js'
import { registerPreflight } from './commands/preflight/index.js'
import { registerRun } from './commands/run/index.js'
import { registerSandbox } from './commands/sandbox/index.js'
import { registerServe } from './commands/serve/index.js'
import { straysSeen, withoutStrays } from './execution/unhandled-rejections.js'
import { findAction } from './input/actions.js'
import { complain, filled, takesAction, unknownName, UsageCommand, withoutSecrets } from './input/usage.js'
import { type ExitCode, type Terminal, UsageError, widthOf, wrap } from './terminal.js'

/** Every folder of commands, in the order of the help. */
const COMMANDS = [
  registerRun,
  registerServe,
  registerPreflight,
  registerInit,
  registerCatalog,
  registerHistory,
  registerSandbox,
]

const EXAMPLES = `
Examples:
  hrflow-connectors demo
  hrflow-connectors describe workable.update_jobs_in_hrflow
  hrflow-connectors run workable.update_jobs_in_hrflow --board-key KEY --dry-run
  hrflow-connectors run --all
  hrflow-connectors serve
`
const EXIT_CODES =
  'Exit codes: 0 success, 1 fatal, 2 wrong usage or configuration, 3 success with failures, 4 not run: the workflow is running already, 130 interrupted.'

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

/** The whole command line. Nothing is run before it parses words, and a command's flags are made when it is used. */
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
  for (const register of COMMANDS) register(program, { terminal, finish })
  program
    .command('help [words...]')
    .summary('show the help of a command')
    .action((words: string[]) => helpFor(program, words).outputHelp())
  return program
}

/** The command that a path of words leads to. */
function helpFor(program: Command, words: string[]): Command {
  return words.reduce((command, word) => {
    const found = command.commands.find((known) => known.name() === word || known.aliases().includes(word))
    if (found) return filled(found)
    if (takesAction(command)) findAction(word)
    throw unknownName(
      'command',
      word,
      command.commands.map((known) => known.name()),
    )
  }, program)
}
