import { RunError } from '../errors.js'
import type { AnyFlow } from '../model/flow.js'
import type { Delivery } from '../model/write.js'
import type { Comparison, Plan, PlannedItem, PlanTotals } from '../result/plan.js'
import { redactedJson, type Redact } from '../text/redact.js'

const LONGEST = 1_000

type AnyDelivery = Delivery<Record<string, unknown>, { reference: string }>

/** How many items may be looked at: all, but in a plan or a preview that has a limit. */
export class Admission {
  readonly #limit: number
  #admitted = 0
  #refused = false

  constructor(limit = Infinity) {
    this.#limit = limit
  }

  /** Whether one more item may be read. What costs nothing, as it is known to be unchanged, does not count. */
  admit(): boolean {
    if (this.isFull()) return false
    this.#admitted += 1
    return true
  }

  /** Whether the limit is reached. Asked where there is more to look at. */
  isFull(): boolean {
    const isFull = this.#admitted >= this.#limit
    if (isFull) this.#refused = true
    return isFull
  }

  /** Whether there was more to look at than was admitted. */
  get isPartial(): boolean {
    return this.#refused
  }
}

/** What a dry run finds out about the writes it leaves out. */
export interface Planning {
  readonly isOn: boolean
  /** An item is on its way: what is known of it from before need not be looked for again. */
  see(reference: string): void
  readonly seen: ReadonlySet<string>
  /** Asks the target what a write would do. */
  compare(reference: string, target: unknown, delivery: Omit<AnyDelivery, 'remembers'>): Promise<void>
  /** An item that leaves, and what archiving it would change. */
  leaves(reference: string, compared: Comparison, reason: string): void
  /** An item that could not be compared, or was not before the run ended. False: a real write, which is counted elsewhere. */
  miss(why: 'failed' | 'skipped'): boolean
  readonly skipped: number
  /** As it stands; undefined where none is made. */
  readonly plan: Plan | undefined
}

/** Of a run that plans nothing. */
export const NO_PLAN: Planning = {
  isOn: false,
  see: () => undefined,
  seen: new Set(),
  compare: async () => undefined,
  leaves: () => undefined,
  miss: () => false,
  skipped: 0,
  plan: undefined,
}

export interface ComparingOptions {
  /** Whether the run that is planned would find again what it writes down. */
  remembers: boolean
  redact: Redact
  admission: Admission
}

/** Collects what a comparing dry run finds. */
export class Comparing implements Planning {
  readonly isOn = true
  readonly #compare: (target: unknown, delivery: AnyDelivery) => Promise<Comparison>
  readonly #options: ComparingOptions
  readonly #seen = new Set<string>()
  readonly #toWrite: PlannedItem[] = []
  readonly #notFound: PlannedItem[] = []
  readonly #totals: PlanTotals = { create: 0, update: 0, archive: 0, unchanged: 0, not_found: 0, failed: 0, skipped: 0 }

  /** Throws a `RunError` when the target cannot be compared with. */
  constructor({ write, to }: AnyFlow, options: ComparingOptions) {
    const compare = write.compare?.bind(write)
    if (!compare) {
      const said = `${to.name} cannot be compared with, so no plan can be made.`
      throw new RunError('mode_not_supported_by_target', 'no_compare', said, { hint: 'Use a plain dry run.' })
    }
    this.#compare = compare
    this.#options = options
  }

  see(reference: string): void {
    this.#seen.add(reference)
  }

  get seen(): ReadonlySet<string> {
    return this.#seen
  }

  async compare(reference: string, target: unknown, delivery: Omit<AnyDelivery, 'remembers'>): Promise<void> {
    this.#add(reference, await this.#compare(target, { ...delivery, remembers: this.#options.remembers }))
  }

  leaves(reference: string, compared: Comparison, reason: string): void {
    const why = {
      filter: 'it is outside the filter',
      discarded: 'logics discard it',
      renamed: 'it has another reference by now',
      deleted: 'it was deleted',
    }
    const note = `Leaves: ${Object.entries(why).find(([name]) => name === reason)?.[1] ?? reason}.`
    this.#add(reference, compared.outcome === 'archive' ? { ...compared, note } : compared)
  }

  #add(reference: string, compared: Comparison): void {
    this.#totals[compared.outcome] += 1
    if (compared.outcome === 'unchanged') return
    const list = compared.outcome === 'not_found' ? this.#notFound : this.#toWrite
    if (list.length < LONGEST) list.push(this.#redacted({ reference, ...compared }))
  }

  miss(why: 'failed' | 'skipped'): boolean {
    this.#totals[why] += 1
    return true
  }

  get skipped(): number {
    return this.#totals.skipped
  }

  get plan(): Plan {
    const { create, update, archive, not_found } = this.#totals
    const items = [...this.#toWrite.sort(byReference), ...this.#notFound.sort(byReference)].slice(0, LONGEST)
    const omitted = create + update + archive + not_found - items.length
    const { isPartial } = this.#options.admission
    return { items, omitted, totals: { ...this.#totals }, ...(isPartial ? { partial: true } : {}) }
  }

  #redacted({ reference, name, outcome, changes, note }: PlannedItem): PlannedItem {
    const text = this.#options.redact
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
