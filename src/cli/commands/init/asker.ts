import type * as clack from '@clack/prompts'
import { UsageError, wrap } from '../../terminal.js'
import type { Question } from './questions.js'

/** Somebody who answers: a person at a terminal, or the flags of a command line. */
export interface Asker {
  readonly isPerson: boolean
  ask(question: Question): Promise<string>
  /** Whether a flag answers it. */
  isGiven(question: Question): boolean
  /**
   * From now on only these flags' questions are asked, the others are answered as before: by what is proposed now, where
   * the proposal was taken. Null: all are asked.
   */
  mend(flags: ReadonlySet<string> | null): void
}

/** The person left. */
export class Cancelled extends Error {}

/** Flags by their names. What is missing is said at the end, all at once: see `refuse`. */
export class FlagAsker implements Asker {
  readonly isPerson = false
  readonly #flags: ReadonlyMap<string, string>
  readonly #problems: string[] = []

  constructor(flags: ReadonlyMap<string, string>) {
    this.#flags = flags
  }

  isGiven({ flag }: Question): boolean {
    return this.#flags.has(flag)
  }

  /** Whoever gave the flags gives them anew. */
  mend(): void {
    // There is nobody to ask.
  }

  ask(question: Question): Promise<string> {
    const given = this.#flags.get(question.flag)
    const answer = given ?? question.standard
    if (answer === undefined)
      this.#problems.push(
        `Missing: ${question.flag}${question.variable === undefined ? '' : `, or ${question.variable} in the environment`}.`,
      )
    else if (given !== undefined || answer !== '') this.#check(question, answer)
    return Promise.resolve(answer ?? '')
  }

  /** Throws a `UsageError` when flags are missing or wrong. */
  refuse(): void {
    if (this.#problems.length > 0) throw new UsageError(this.#problems.join('\n'))
  }

  #check(question: Question, answer: string): void {
    const { flag, choices } = question
    const values = choices?.map(({ value }) => value) ?? []
    const wrong =
      question.problem?.(answer) ??
      (values.length > 0 && !values.includes(answer)
        ? `expected one of ${values.filter((value) => value !== '').join(', ')}.`
        : undefined)
    if (wrong !== undefined) this.#problems.push(`${flag}: ${wrong}`)
  }
}

type Prompts = typeof clack

/** Below the mark of a question. */
const INDENT = '   '

/** A person; what a flag says is not asked. Asked again, the answer before is offered. */
export class PersonAsker implements Asker {
  readonly isPerson = true
  readonly #answers = new Map<string, string>()
  /** The last answer to each question, also where it was what was proposed. */
  readonly #last = new Map<string, string>()
  #asks: ReadonlySet<string> | null = null
  readonly #prompts: Prompts
  readonly #flags: ReadonlyMap<string, string>
  readonly #width: number

  constructor(prompts: Prompts, flags: ReadonlyMap<string, string>, width = 80) {
    this.#prompts = prompts
    this.#flags = flags
    this.#width = width
  }

  isGiven({ flag }: Question): boolean {
    return this.#flags.has(flag)
  }

  mend(flags: ReadonlySet<string> | null): void {
    this.#asks = flags
  }

  async ask(question: Question): Promise<string> {
    const { flag } = question
    const given = this.#flags.get(flag)
    if (given !== undefined) {
      const flags = new FlagAsker(this.#flags)
      const answer = await flags.ask(question)
      flags.refuse()
      return answer
    }
    const last = this.#last.get(flag)
    if (last !== undefined && this.#asks?.has(flag) === false)
      return this.#answers.has(flag) ? last : (question.standard ?? last)
    const before = question.refused ? undefined : this.#answers.get(flag)
    const answer = await this.#ask(before === undefined ? question : { ...question, standard: before })
    // What was proposed may be another thing by then.
    if (answer === question.standard) this.#answers.delete(flag)
    else this.#answers.set(flag, answer)
    this.#last.set(flag, answer)
    return answer
  }

  async #ask(question: Question): Promise<string> {
    const { message, choices, standard } = question
    const { select, text } = this.#prompts
    if (choices) {
      return textOf(
        await select({ message, options: choices, ...(standard === undefined ? {} : { initialValue: standard }) }),
      )
    }
    const validate = (answer: string | undefined) => {
      const said = answer === undefined || answer.trim() === '' ? (standard ?? '') : answer.trim()
      if (said === '') return standard === undefined ? 'An answer is needed.' : undefined
      return this.#inLines(question.problem?.(said))
    }
    const shown = standard === undefined || standard === '' ? {} : { placeholder: standard, defaultValue: standard }
    return textOf(await text({ message: this.#inLines(message), validate, ...shown })).trim()
  }

  /** The prompts break what they say of choices by themselves, and nothing else: a word would be cut at the last column. */
  #inLines<T extends string | undefined>(said: T): T | string {
    return said === undefined ? said : wrap(said, this.#width, INDENT, INDENT.length)
  }
}

/** What was answered; a symbol says that the person left. */
function textOf(answer: string | symbol): string {
  if (typeof answer === 'symbol') throw new Cancelled()
  return answer
}

/** Asks a person again where a file that an answer names cannot be read: the other answers stay. */
export class ReadingAsker implements Asker {
  readonly #asker: Asker
  readonly #folder: string
  readonly #env: NodeJS.ProcessEnv

  /** Paths are relative to the folder of the workflow file, as a run takes them. */
  constructor(asker: Asker, folder: string, env: NodeJS.ProcessEnv) {
    this.#asker = asker
    this.#folder = folder
    this.#env = env
  }

  get isPerson(): boolean {
    return this.#asker.isPerson
  }

  isGiven(question: Question): boolean {
    return this.#asker.isGiven(question)
  }

  mend(flags: ReadonlySet<string> | null): void {
    this.#asker.mend(flags)
  }

  async ask(question: Question): Promise<string> {
    for (let said = question; ;) {
      const answer = await this.#asker.ask(said)
      const problem = await this.#problemOf(answer)
      if (problem === null) return answer
      if (!this.isPerson || this.isGiven(question)) throw new UsageError(`${question.flag}: ${problem}`)
      this.#asker.mend(null)
      said = {
        ...question,
        refused: true,
        message: `${problem.charAt(0).toUpperCase()}${problem.slice(1)} ${question.message}`,
      }
    }
  }

  async #problemOf(answer: string): Promise<string | null> {
    if (!/^\$\{file:[^{}]+\}$/.test(answer)) return null
    const { fillIn, PlaceholderError } = await import('../../../workflows/file/placeholders.js')
    try {
      await fillIn(answer, this.#folder, this.#env)
      return null
    } catch (error) {
      if (error instanceof PlaceholderError) return error.message
      throw error
    }
  }
}
