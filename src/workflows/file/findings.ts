import { WorkflowFileError } from '../../core/errors.js'
import { sayKey } from './code-frame.js'
import type { Found, Path, Position, Source } from './source.js'

interface Where {
  /** Default: the value. */
  side?: 'key' | 'value'
  /** A character within a text. */
  offset?: number
}

/** `open`: items decide whether it is true. */
type Warning = Found & { open: boolean }

/** Everything that is found wrong in a file, so that it is told at once and in the order of the file. */
export class Findings {
  readonly #source: Source
  readonly #problems: Found[] = []
  readonly #warnings: Warning[] = []

  constructor(source: Source) {
    this.#source = source
  }

  /** A reason to refuse the file; `path` is part of the sentence. */
  add(path: Path, message: string, where: Where = {}): void {
    this.#problems.push(this.#found(path, message, where))
  }

  /** Worth a look. */
  warn(path: Path, message: string, { open = false, ...where }: Where & { open?: boolean } = {}): void {
    this.#warnings.push({ ...this.#found(path, message, where), open })
  }

  /** What was found before there was anything to look for paths in. */
  take(problems: readonly Found[]): void {
    this.#problems.push(...problems)
  }

  get count(): number {
    return this.#problems.length
  }

  /** Throws `WorkflowFileError` with all problems, if there are any. */
  refuse(): void {
    if (this.#problems.length === 0) return
    const problems = sorted(this.#problems)
    const told = problems.map(({ message, place }) => ({
      message,
      line: place?.line ?? null,
      column: place?.column ?? null,
    }))
    const said = problems.map((problem) => this.#say(problem, true))
    throw new WorkflowFileError(this.#source.path, told, said.join('\n'))
  }

  /** All, or those alone that are certain without items. */
  warnings(which: 'all' | 'certain' = 'all'): string[] {
    const told = this.#warnings.filter(({ open }) => which === 'all' || !open)
    return sorted(told).map((warning) => this.#say(warning, false))
  }

  #found(path: Path, message: string, { side = 'value', offset }: Where): Found {
    const label = path.map(sayKey).join('.')
    return {
      message: label === '' ? message : `${label}: ${message}`,
      place: this.#source.place(path, side, offset ?? null),
    }
  }

  #say({ message, place }: Found, framed: boolean): string {
    const { name } = this.#source
    if (place === null) return `${name}: ${message}`
    const frame = framed ? this.#source.frame(place) : null
    return `${name}:${place.line}:${place.column}: ${message}${frame === null ? '' : `\n${frame}`}`
  }
}

function sorted<T extends Found>(found: readonly T[]): T[] {
  const order = (place: Position | null) => (place === null ? 0 : place.line * 1e6 + place.column)
  return [...found].sort((a, b) => order(a.place) - order(b.place))
}
