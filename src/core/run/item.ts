import type { z } from 'zod'
import { failureOf, GoneError, isFinal, ItemError, RunError, StoppedError } from '../errors.js'
import { describe } from '../model/explain.js'
import type { Listed, Loaded, Unlisted } from '../model/read.js'
import type { DeliveryRecord } from '../ports/store.js'
import type { ItemOutcome, Stage } from '../result/outcome.js'
import type { ItemFailure } from '../result/result.js'
import { isFiltered, isKnown, isWhole, settled, wasDelivered } from '../state/decisions.js'
import type { KeptRecord } from '../state/journal.js'
import type { Lookup } from '../state/known-items.js'
import { mappingOf } from '../state/scope.js'
import type { Json } from '../text/json.js'
import { storable } from '../text/redact.js'
import { Turns } from './concurrency.js'
import type { Line } from './context.js'

/** `again`: also when that was done at this version before; `only_leaving`: not unless it is outside the filter. */
interface How {
  again?: boolean
  only_leaving?: boolean
}

/** How far an item has come, and what was known of it before. */
interface At {
  stage: Stage
  lookup: Lookup
  record: KeptRecord | undefined
}

const AFTER_FAILURE: Record<Stage, ItemOutcome> = {
  list: 'read_failure',
  load: 'read_failure',
  logics: 'logics_failure',
  format: 'format_failure',
  write: 'write_failure',
  callback: 'write_failure',
}

const LISTED_TWICE = 'reference_listed_twice'

/** References of one run that are compared with those that come later: memory must not grow with their number. */
const IDS_KEPT = 20_000

/** The way of one item: load, logics, format, write. Whatever happens on it ends in one outcome that is reported. */
export class ItemLine {
  readonly #line: Line
  readonly #turns = new Turns()
  readonly #mapping: string
  /** Which item has a reference at the target, where format gives another one than the origin's. */
  readonly #owners = new Map<string, string>()
  /** Under which id a reference was listed in this run. */
  readonly #ids = new Map<string, string>()

  constructor(line: Line) {
    this.#line = line
    this.#mapping = mappingOf(line.flow, line.request)
  }

  /** Brings an item to its end, or counts what could not be listed. `lookup` is of this item, and maybe of others. */
  async take(listed: Listed<unknown> | Unlisted, lookup: Lookup, how: How = {}): Promise<void> {
    const { report, ending, journal } = this.#line
    if ('problem' in listed) {
      this.#unlisted(listed)
      return
    }
    const at: At = { stage: 'load', lookup, record: undefined }
    report.planning?.see(listed.reference)
    try {
      const outcome = ending.reading.aborted ? 'read_skipped' : await this.#outcome(listed, at, how)
      if (outcome === null) return
      if (outcome !== 'read_skipped') journal.settle(listed.reference)
      report.item(listed.reference, outcome)
      await journal.keepUp()
    } catch (thrown) {
      this.#failed(thrown, at.stage, listed)
      // Failed at this version: the record of a delivery before must not count for it.
      if (at.record && !(thrown instanceof StoppedError)) journal.keepRecord({ ...at.record, version: null })
    }
  }

  /** An item that is known from before, asked for by itself. */
  async seek(known: { reference: string; id: string | null }, only_leaving = false): Promise<void> {
    const { flow, origin, ending, journal, report } = this.#line
    if (ending.reading.aborted || report.planning?.isFull() === true) return
    let listed: Listed<unknown> | null | undefined
    try {
      listed = await flow.read.find?.(origin, known)
      if (listed === null) throw new GoneError(known.reference)
    } catch (thrown) {
      // Not counted: it was neither listed nor read.
      if (thrown instanceof StoppedError) return
      this.#failed(thrown, 'load', { ...known, version: null })
      const lookup = journal.lookUp([known.reference])
      if (thrown instanceof GoneError) this.#leave(await lookup.record(known.reference).catch(() => undefined))
      return
    }
    if (!listed) return
    // Found by its id, the service may have given it another reference.
    if (listed.reference !== known.reference) journal.settle(known.reference)
    await this.take(listed, journal.lookUp([listed.reference]), { again: true, only_leaving })
  }

  /** Null: a plan has as many items as it was limited to. */
  async #outcome(listed: Listed<unknown>, at: At, { again, only_leaving }: How): Promise<ItemOutcome | null> {
    const { flow, request, journal, report } = this.#line
    const { read, mode } = flow
    const record = await at.lookup.record(listed.reference)
    await this.#own(listed, record)
    at.record = record
    const inside = read.leaving?.includes(listed.entry, request.pull_parameters) ?? true
    if (!inside && (mode !== 'update' || !wasDelivered(record))) {
      if (record?.outcome === 'missing') this.#leave(record)
      return 'read_filtered'
    }
    if (inside && only_leaving === true) {
      this.#leave(record)
      return 'read_filtered'
    }
    const known = isKnown(record, listed, this.#mapping, read.settles_after_ms ?? 0)
    const must = again === true || journal.isPending(listed.reference)
    if (inside && known && request.incremental && !must) return 'read_unchanged'
    return report.planning?.admit() === false ? null : this.#deliver(listed, at, inside)
  }

  /**
   * Of two items that are listed under one reference one is delivered, the same in every run: the one that was before, else
   * the one that is listed first.
   */
  async #own({ reference, id }: Listed<unknown>, record: DeliveryRecord | undefined): Promise<void> {
    if (id === null) return
    const known = this.#ids.get(reference) ?? record?.id ?? id
    if (known !== id && (this.#ids.has(reference) || (await this.#isListed(reference, known)))) {
      const said = `${reference} is listed under two ids, ${known} and ${id}: the item with the id ${known} is the one that is delivered.`
      throw new ItemError(LISTED_TWICE, said)
    }
    this.#ids.set(reference, id)
    if (this.#ids.size <= IDS_KEPT) return
    const [oldest] = this.#ids.keys()
    if (oldest !== undefined) this.#ids.delete(oldest)
  }

  async #isListed(reference: string, id: string): Promise<boolean> {
    const { flow, origin } = this.#line
    const found = await flow.read.find?.(origin, { reference, id }).catch((error: unknown) => {
      if (error instanceof GoneError || error instanceof ItemError) return null
      throw error
    })
    return found?.id === id && found.reference === reference
  }

  async #deliver(listed: Listed<unknown>, at: At, inside: boolean): Promise<ItemOutcome> {
    const { flow, request, journal } = this.#line
    const settles = flow.read.settles_after_ms ?? 0
    const { memo = null, target = null } = at.record ?? {}
    const loaded = await this.#load(listed, at.lookup)
    for (const field of loaded.unread ?? []) this.#line.report.unread(field, listed.reference)
    at.stage = 'logics'
    const item = await this.#applyLogics(loaded.item)
    const read_at = Math.min(listed.read_at, loaded.read_at)
    const mark = (outcome: DeliveryRecord['outcome'], about: { memo: Json; target: string | null }) => {
      const { reference, id, version } = listed
      // Outside the filter it was delivered for the last time, unless it changed while it was read.
      const last = inside || !isWhole(listed, loaded, settles) ? outcome : 'left'
      const record = { reference, id, version, read_at, outcome: last, mapping: this.#mapping, ...about }
      journal.keepRecord(record)
      return record
    }
    if (item === null) {
      mark('discarded', { memo, target })
      return 'logics_discard'
    }
    at.stage = 'format'
    const formatted = await this.#format(item)
    this.#claim(formatted.reference, listed.reference)
    at.stage = 'write'
    if (loaded.note !== undefined) this.#line.report.note(loaded.note)
    if (!request.persist) return this.#preview(listed.reference, formatted, memo)
    const about = { memo, target: storable(formatted.reference) }
    if (inside && this.#mustAnnounce(at.record)) {
      at.record = mark('delivering', about)
      await journal.flushRecords()
    }
    const written = await this.#turns.take(formatted.reference, () => this.#write(formatted, memo))
    mark(written.outcome === 'not_found' ? 'missing' : 'delivered', { ...about, memo: written.memo })
    if (written.note !== undefined) this.#line.report.note(written.note)
    if (written.outcome === 'not_found') return 'write_not_found'
    this.#line.delivered?.(formatted)
    return written.outcome === 'written' ? 'write_success' : 'write_unchanged'
  }

  /** The end of an item in a dry run: nothing is written, and what would be is found out where a plan is wanted. */
  async #preview(reference: string, item: { reference: string }, memo: Json): Promise<ItemOutcome> {
    const { request, target, report, ending } = this.#line
    const { planning } = report
    if (!planning) return 'previewed'
    ending.everything.throwIfAborted()
    const { remembers } = planning
    const delivery = { item, parameters: request.push_parameters, memo, remembers }
    planning.item(reference, await planning.compare(target, delivery))
    return 'previewed'
  }

  /** Where an item can leave the filter: that it may be at the target must be known even if this run dies right after. */
  #mustAnnounce(record: KeptRecord | undefined): boolean {
    const { flow, request, journal } = this.#line
    const mayLeave = flow.mode === 'update' && isFiltered(flow.read, request.pull_parameters)
    return journal.remembers && mayLeave && !wasDelivered(record)
  }

  /** The item is outside the filter or deleted, and nobody need look for it again. */
  #leave(record: KeptRecord | undefined): void {
    if (record) this.#line.journal.keepRecord({ ...record, outcome: 'left' })
  }

  /** From what was kept when the item is unchanged, else from the origin. */
  async #load(listed: Listed<unknown>, lookup: Lookup): Promise<Loaded<unknown>> {
    const { flow, origin, journal } = this.#line
    const { read } = flow
    const settles = read.settles_after_ms ?? 0
    if (!read.cache) return read.load(origin, listed)
    const account = read.cache.account(origin)
    if (listed.version !== null) {
      const kept = await lookup.detail(account, { reference: listed.reference, version: listed.version }, settles)
      const whole = kept === undefined ? null : read.cache.restore(listed, kept.detail)
      if (whole !== null) return { ...whole, read_at: listed.read_at }
    }
    const loaded = await read.load(origin, listed)
    const keep = read.cache.keep(loaded.item, listed)
    if (keep && settled({ version: keep.version, read_at: loaded.read_at }, settles)) {
      journal.keepDetail(account, { reference: listed.reference, read_at: loaded.read_at, ...keep })
    }
    return loaded
  }

  async #applyLogics(loaded: unknown): Promise<unknown> {
    let item = loaded
    for (const [index, logic] of this.#line.request.logics.entries()) {
      item = await this.#line.ending.unlessCut(call(logic, item))
      if (item === null) return null
      if (typeof item !== 'object') {
        const code = item === undefined ? 'logics_undefined' : 'logics_invalid'
        throw new ItemError(code, `logics[${index}] returned ${typeof item}: return the job, or null to discard it.`)
      }
    }
    return item
  }

  async #format(item: unknown): Promise<{ reference: string }> {
    const { flow, request, ending } = this.#line
    const format = request.format
    const formatted = await ending.unlessCut(format ? call(format, item) : flow.format(item))
    const parsed = flow.write.schema.safeParse(formatted)
    if (!parsed.success) throw badFormat(parsed.error, formatted, flow.write.schema)
    const wrong = notJson(parsed.data)
    if (wrong !== null) {
      const where = wrong.length === 0 ? 'the item' : wrong.join('.')
      throw new ItemError('format_not_json', `format returned something that JSON has no form for at ${where}.`)
    }
    return parsed.data
  }

  /** Two items under one reference would overwrite each other, run after run. */
  #claim(reference: string, by: string): void {
    const owner = this.#owners.get(reference)
    if (owner !== undefined && owner !== by) {
      const said = `format gave the reference ${reference}, which is that of ${owner} already: each item needs its own.`
      throw new ItemError('reference_taken', said)
    }
    if (reference !== by) this.#owners.set(reference, by)
  }

  async #write(item: { reference: string }, memo: Json) {
    const { flow, request, target, journal, ending } = this.#line
    ending.everything.throwIfAborted()
    return flow.write.write(target, { item, parameters: request.push_parameters, memo, remembers: journal.remembers })
  }

  #unlisted(listed: Unlisted): void {
    const { report, journal } = this.#line
    const failure = failureOf(listed.problem, 'list')
    journal.fail({ reference: null, id: null, version: null }, { stage: 'list', ...failure }, true)
    if (listed.counts_as === 'list_failure') report.listFailure(failure)
    else report.item(listed.reference, 'read_failure', { stage: 'list', ...failure })
  }

  #failed(thrown: unknown, stage: Stage, item: Pick<Listed<unknown>, 'reference' | 'id' | 'version'>): void {
    const { report, ending, journal } = this.#line
    const { reference, id, version } = item
    if (thrown instanceof RunError) ending.fail(thrown, stage === 'load' ? 'goes_on' : 'ends')
    // That the state cannot be used is no failure of the item.
    if (thrown instanceof StoppedError || (thrown instanceof RunError && thrown.reason === 'backend_not_configured'))
      return this.#ended(reference, stage === 'load' ? 'read_skipped' : 'write_skipped')
    if (thrown instanceof GoneError) {
      journal.settle(reference)
      return report.item(reference, 'read_gone')
    }
    const failure = { stage, ...failureOf(thrown, stage) }
    report.thrown(reference, thrown, failure)
    // What is known and pending under the reference is the other item's.
    const isOthers = thrown instanceof ItemError && thrown.code === LISTED_TWICE
    if (!(thrown instanceof RunError) && !isOthers)
      journal.fail(
        { reference, id, version },
        { ...failure, message: report.redact(failure.message) },
        !isFinal(thrown, stage),
      )
    this.#ended(reference, AFTER_FAILURE[stage], failure)
  }

  /** In a plan what a write would have counted is counted there: a dry run writes nothing. */
  #ended(reference: string, outcome: ItemOutcome, failure?: Omit<ItemFailure, 'reference'>): void {
    const { report } = this.#line
    const isWrite = outcome === 'write_failure' || outcome === 'write_skipped'
    if (!report.planning || !isWrite) return report.item(reference, outcome, failure)
    report.planning.miss(failure ? 'failed' : 'skipped')
    report.item(reference, 'previewed', failure)
  }
}

/** Calls a user's function: its parameters were checked to be functions, its types where it was written. */
export function call(fn: (...args: never[]) => unknown, ...args: unknown[]): unknown {
  return Reflect.apply(fn, undefined, args)
}

function badFormat(error: z.ZodError, formatted: unknown, schema: z.ZodType): ItemError {
  const problems = error.issues.flatMap((issue) => describe(issue, formatted, schema)).slice(0, 3)
  const said = problems.map(({ path, message }) => `${path === 'parameters' ? 'the item' : path}: ${message}`).join(' ')
  return new ItemError('format_invalid', `format returned an item that cannot be written. ${said}`)
}

/** The path to the first value that JSON would lose or refuse (NaN, a function, a cycle), or null. */
function notJson(value: unknown, above: object[] = []): string[] | null {
  if (value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean') return null
  if (typeof value === 'number') return Number.isFinite(value) ? null : []
  if (typeof value !== 'object' || above.includes(value) || above.length > 100) return []
  const shown =
    Array.isArray(value) || ['[object Object]', '[object Date]'].includes(Object.prototype.toString.call(value))
  if (!shown) return []
  above.push(value)
  for (const key of Object.keys(value)) {
    const wrong = notJson(Reflect.get(value, key), above)
    if (wrong !== null) return [key, ...wrong]
  }
  above.pop()
  return null
}
