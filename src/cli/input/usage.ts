import { Command, type ErrorOptions, Help } from 'commander'
import { nearest } from '../../core/text/did-you-mean.js'
import { colorsFor, printable, type Terminal, textWidth, UsageError, wrap } from '../terminal.js'

/** A name that does not exist, with the one that was probably meant. A word that may be a secret is not repeated. */
export function unknownName(kind: string, word: string, known: readonly string[]): UsageError {
  const meant = meantBy(word, known)
  const said = mayBeSecret(word) ? `There is no such ${kind}.` : `There is no ${kind} ${word}.`
  return new UsageError(`${said}${meant === undefined ? '' : ` Did you mean ${meant}?`}`)
}

/** The nearest name, or the only one that the word is a part of. */
export function meantBy(word: string, known: readonly string[]): string | undefined {
  const near = nearest(word, known)
  if (near !== undefined || word.length < 3) return near
  const whole = known.filter((name) => name.includes(word))
  return whole.length === 1 ? whole[0] : undefined
}

/** An assignment, or the beginning of an HrFlow key. */
function mayBeSecret(word: string): boolean {
  return word.includes('=') || /askw?_/i.test(word)
}

/** A description gets the rest of its line where that is at least so wide, else lines of its own. */
const NARROWEST_DESCRIPTION = 25

/** Help that fits a narrow terminal too. */
class UsageHelp extends Help {
  override minWidthToWrap = NARROWEST_DESCRIPTION

  override commandUsage(command: Command): string {
    return wrap(super.commandUsage(command), this.helpWidth ?? 80, '  ', 'Usage: '.length)
  }

  override formatItem(term: string, termWidth: number, description: string, helper: Help): string {
    const width = helper.helpWidth ?? 80
    if (description === '' || width - termWidth - 4 >= NARROWEST_DESCRIPTION)
      return super.formatItem(term, termWidth, description, helper)
    return `  ${term}\n      ${wrap(description, width, '      ', 6)}`
  }
}

/** A command whose errors are `UsageError`s, and repeat no value. Its flags are made when it is used. */
export class UsageCommand extends Command {
  #fill: ((command: this) => unknown) | undefined

  constructor(name?: string) {
    super(name)
    this.hook('preSubcommand', (_, used) => filled(used))
  }

  /** What makes its flags and commands, and all else that only its user sees; a promise where code is imported for it. */
  whenUsed(fill: (command: this) => unknown): this {
    this.#fill = fill
    return this
  }

  async fill(): Promise<void> {
    const fill = this.#fill
    this.#fill = undefined
    await fill?.(this)
  }

  override createHelp(): Help {
    return Object.assign(new UsageHelp(), this.configureHelp())
  }

  override createCommand(name?: string): Command {
    return new UsageCommand(name)
  }

  override error(message: string, { code }: ErrorOptions = {}): never {
    const [, word = ''] = /'(.*)'/s.exec(message) ?? []
    if (code === 'commander.unknownOption') throw this.#unknownFlag(word.split('=')[0] ?? '')
    if (code === 'commander.unknownCommand')
      throw unknownName(
        'command',
        word,
        this.commands.map((command) => command.name()),
      )
    if (code === 'commander.excessArguments') this.#refuseMisspelt()
    const said = message.replace(/^error: (.)/, (_, first: string) => first.toUpperCase()).replace(/\.?$/, '.')
    throw new UsageError(`${said} ${this.#help()}`)
  }

  /** A word that is one too many may be meant for one of its commands. */
  #refuseMisspelt(): void {
    const word = this.args[this.registeredArguments.length] ?? ''
    const known = this.commands.map((command) => command.name())
    if (meantBy(word, known) !== undefined) throw unknownName('command', word, known)
  }

  #unknownFlag(flag: string): UsageError {
    const known = flagsOf(this)
    if (known.includes(flag)) return new UsageError(`${flag} takes no value.`)
    if (this.commands.some((command) => flagsOf(command).includes(flag))) {
      const [name] = this.args
      if (takesAction(this) && name !== undefined && !name.startsWith('-'))
        return new UsageError(`${flag} is a flag of actions. The parameters of a workflow stand in its file.`)
      const [path, word] = [pathOf(this), takesAction(this) ? 'action' : 'command']
      return new UsageError(`Flags come after the ${word}: ${path} ${word.toUpperCase()} ${flag}.`)
    }
    const meant = nearest(flag, known)
    const said = mayBeSecret(flag) ? 'There is no such flag.' : `There is no flag ${flag}.`
    return new UsageError(`${said} ${meant === undefined ? this.#help() : `Did you mean ${meant}?`}`)
  }

  #help(): string {
    return `${pathOf(this)} --help shows what there is.`
  }
}

/** `run`, `plan` and their like, of which every action is a command. */
export function takesAction(command: Command): boolean {
  return ['run', 'check', 'plan', 'preview'].includes(command.name())
}

/** Gives a command all its flags and commands. */
export async function filled(command: Command): Promise<void> {
  if (command instanceof UsageCommand) await command.fill()
}

function flagsOf(command: Command): string[] {
  // An action's are made at once. All other commands have theirs before a word is parsed.
  void filled(command)
  const hidden = command.options.filter((option) => !option.hidden)
  return ['--help', ...hidden.flatMap(({ long, short }) => [long, short].filter((name) => typeof name === 'string'))]
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`
}

/** Says an error to the person at the terminal. */
export function complain(message: string, { stderr, env }: Terminal): void {
  const red = colorsFor(stderr, env).red('error:')
  const lines = message.split('\n').map((line, index) => wrapError(printable(line), index, textWidth(stderr)))
  stderr.write(`${red} ${lines.join('\n')}\n`)
}

/** Says something worth a look to the person at the terminal. */
export function warn(message: string, { stderr, env }: Terminal): void {
  const yellow = colorsFor(stderr, env).yellow('warning:')
  stderr.write(`${yellow} ${wrap(printable(message), textWidth(stderr), '', 'warning: '.length)}\n`)
}

/** An indented line is a part of a file, shown as it stands there. */
function wrapError(line: string, index: number, width: number): string {
  if (line.startsWith('  ')) return line
  return wrap(line, width, '', index === 0 ? 'error: '.length : 0)
}
