import { type Command, CommanderError } from 'commander'
import { VERSION } from '../version.js'
import { registerCatalog } from './commands/catalog/index.js'
import { registerConsole } from './commands/console/index.js'
import { registerHistory } from './commands/history/index.js'
import { registerInit } from './commands/init/index.js'
import { registerPreflight } from './commands/preflight/index.js'
import { registerRun } from './commands/run/index.js'
import { registerSandbox } from './commands/sandbox/index.js'
import { registerServe } from './commands/serve/index.js'
import { straysSeen, withoutStrays } from './execution/unhandled-rejections.js'
import { complain, filled, takesAction, unknownName, UsageCommand } from './input/usage.js'
import { type ExitCode, type Terminal, UsageError, widthOf, wrap } from './terminal.js'

/** Every folder of commands, in the order of the help. Each imports what its commands do when one of them is used. */
const COMMANDS = [
  registerRun,
  registerServe,
  registerConsole,
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
  const terminal = asksForHelp(words) ? outside : await withoutSecretsOf(outside)
  const codes: ExitCode[] = []
  const program = buildProgram(terminal, (ended) => void codes.push(ended))
  // Such a flag may be one of any command.
  if (words[0]?.startsWith('-') && !asksForHelp(words)) await Promise.all(program.commands.map(filled))
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

/** For the help of all, which repeats no word and no value: nothing else need be imported for it. */
function asksForHelp([first, ...others]: readonly string[]): boolean {
  return first === undefined || first === '--help' || first === '-h' || (first === 'help' && others.length === 0)
}

/** Which secrets the environment holds is told by the connectors. */
async function withoutSecretsOf(outside: Terminal): Promise<Terminal> {
  const [{ allActions }, { withoutSecrets }] = await Promise.all([
    import('../runtime/actions.js'),
    import('./input/without-secrets.js'),
  ])
  return withoutSecrets(outside, allActions())
}

/** The whole command line. Nothing is run before it parses words; a command may get its flags and commands when it is used. */
export function buildProgram(terminal: Terminal, finish: (code: ExitCode) => void): Command {
  const { stdout, stderr } = terminal
  const program = new UsageCommand('hrflow-connectors')
  program
    .description('Moves jobs and profiles from applicant tracking systems to HrFlow.ai.')
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
    .action(async (words: string[]) => (await commandAt(program, words)).outputHelp())
  return program
}

/** The command that a path of words leads to, with its flags and commands. */
async function commandAt(program: Command, words: readonly string[]): Promise<Command> {
  let command = program
  for (const word of words) {
    const found = command.commands.find((known) => known.name() === word || known.aliases().includes(word))
    if (!found) throw await unknownAt(command, word)
    await filled(found)
    command = found
  }
  return command
}

async function unknownAt(command: Command, word: string): Promise<UsageError> {
  if (takesAction(command)) (await import('./input/actions.js')).findAction(word)
  return unknownName(
    'command',
    word,
    command.commands.map((known) => known.name()),
  )
}
