import { RunError } from '../errors.js'
import type { AnyFlow } from '../model/flow.js'
import type { Delivery } from '../model/write.js'
import type { Comparison, Plan, PlannedItem, PlanTotals } from '../result/plan.js'
import { type Redact, redactedJson } from '../text/redact.js'

const LONGEST = 1_000

/** Collects what a comparing dry run finds. */
export class Planning {
  /** Whether the run that is planned would find again what it writes down. */
  readonly remembers: boolean
  /** Asks the target what a write would do. */
  readonly compare: (
    target: unknown,
    delivery: Delivery<Record<string, unknown>, { reference: string }>,
  ) => Promise<Comparison>
  readonly #redact: Redact
  /** Items to be looked at. */
  readonly #limit: number
  #admitted = 0
  #partial = false
  readonly #seen = new Set<string>()
  readonly #toWrite: PlannedItem[] = []
  readonly #notFound: PlannedItem[] = []
  readonly #totals: PlanTotals = { create: 0, update: 0, archive: 0, unchanged: 0, not_found: 0, failed: 0, skipped: 0 }

  /** Throws a `RunError` when the target cannot be compared with. */
  constructor({ write, to }: AnyFlow, remembers: boolean, redact: Redact, limit = Infinity) {
    const compare = write.compare?.bind(write)
    if (!compare) {
      const said = `${to.name} cannot be compared with, so no plan can be made.`
      throw new RunError('mode_not_supported_by_target', 'no_compare', said, { hint: 'Use a plain dry run.' })
    }
    this.compare = compare
    this.remembers = remembers
    this.#redact = redact
    this.#limit = limit
  }

  /** Whether one more item may be read and compared. What costs nothing, as it is known to be unchanged, does not count. */
  admit(): boolean {
    if (this.isFull()) return false
    this.#admitted += 1
    return true
  }

  /** Whether the limit is reached. Asked where there is more to look at, which makes the plan a partial one. */
  isFull(): boolean {
    const isFull = this.#admitted >= this.#limit
    if (isFull) this.#partial = true
    return isFull
  }

  /** An item is on its way: what is known of it from before need not be looked for again. */
  see(reference: string): void {
    this.#seen.add(reference)
  }

  get seen(): ReadonlySet<string> {
    return this.#seen
  }

  item(reference: string, compared: Comparison): void {
    this.#totals[compared.outcome] += 1
    if (compared.outcome === 'unchanged') return
    const list = compared.outcome === 'not_found' ? this.#notFound : this.#toWrite
    if (list.length < LONGEST) list.push(this.#redacted({ reference, ...compared }))
  }

  /** An item that could not be compared, or was not before the run ended. */
  miss(why: 'failed' | 'skipped'): void {
    this.#totals[why] += 1
  }

  get totals(): Readonly<PlanTotals> {
    return this.#totals
  }

  /** As it stands. */
  get plan(): Plan {
    const { create, update, archive, not_found } = this.#totals
    const items = [...this.#toWrite.sort(byReference), ...this.#notFound.sort(byReference)].slice(0, LONGEST)
    const omitted = create + update + archive + not_found - items.length
    return { items, omitted, totals: { ...this.#totals }, ...(this.#partial ? { partial: true } : {}) }
  }

  #redacted({ reference, name, outcome, changes, note }: PlannedItem): PlannedItem {
    const text = this.#redact
    return {
      reference: text(reference),
      ...(name === undefined ? {} : { name: text(name) }),
      outcome,
      changes: changes.map(({ path, from, to }) => ({
        path: text(path),
        from: redactedJson(from, text),
        to: redactedJson(to, text),
      })),
      ...(note === undefined ? {} : { note: text(note) }),
    }
  }
}

function byReference(a: PlannedItem, b: PlannedItem): number {
  return a.reference < b.reference ? -1 : a.reference > b.reference ? 1 : 0
}
