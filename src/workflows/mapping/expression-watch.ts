import type { Told, Watch } from '../../core/model/parameters.js'
import type { UnknownField } from './fields.js'

/** What an expression of a workflow file is, and where it stands. */
export interface Watched {
  /** As `format.fields.name` or `logics.0.if`. */
  what: string
  expression: string
  unknown: readonly UnknownField[]
  /** What becomes of an item for which it finds nothing. */
  effect: string
  /** What becomes of one for which it gives what is empty, where that is something else. */
  empties?: string
}

/** Tells what an expression gave for the items of one run: a field that none of them has, and nothing at all. */
export class ExpressionWatch {
  readonly #watched: Watched
  #unknown: readonly UnknownField[]
  #seen = 0
  #gave = false
  #isEmpty = false

  constructor(watched: Watched) {
    this.#watched = watched
    this.#unknown = watched.unknown
  }

  /** An item and what the expression gave for it. */
  see(item: unknown, result: unknown): void {
    this.#seen += 1
    this.#gave ||= !isNothing(result)
    this.#isEmpty ||= result !== undefined
    this.#find(item)
  }

  /** An item that was not evaluated. Where it has a field that the others lack, they say nothing of the expression. */
  look(item: unknown): void {
    if (this.#find(item)) this.#gave = true
  }

  #find(item: unknown): boolean {
    const before = this.#unknown.length
    if (before > 0) this.#unknown = this.#unknown.filter((field) => !field.isIn(item))
    return this.#unknown.length < before
  }

  /** See `Watch`. */
  told(least: number): Told[] {
    const { what, expression, effect, empties = effect } = this.#watched
    const items = this.#seen === 1 ? 'the one item seen' : `any of the ${this.#seen} items seen`
    if (this.#unknown.length > 0) {
      if (this.#seen < Math.min(least, 1)) return []
      const none = this.#seen === 0 ? [] : [`It is not in ${items}.`]
      const messages = [...new Set(this.#unknown.map(({ message }) => message))]
      return messages.map((message) => ({ what, said: [message, ...none].join(' ') }))
    }
    // null is how a file says that nothing is meant.
    if (this.#gave || expression.trim() === 'null' || this.#seen < Math.max(least, 1)) return []
    return [{ what, said: `the expression gave nothing for ${items}: ${this.#isEmpty ? empties : effect}.` }]
  }
}

/** Watches as one. */
export function together(watches: readonly ExpressionWatch[]): Watch {
  return {
    look(item) {
      for (const watch of watches) watch.look(item)
    },
    told: (least) => watches.flatMap((watch) => watch.told(least)),
  }
}

function isNothing(result: unknown): boolean {
  return result === undefined || result === null || result === '' || (Array.isArray(result) && result.length === 0)
}
