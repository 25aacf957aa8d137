import type { z } from 'zod'
import type { Ending } from './ending.js'
import { failureOf, GoneError, isFinal, ItemError, RunError, StoppedError } from './errors.js'
import { isKnown, settled } from './incremental.js'
import type { Journal } from './journal.js'
import type { AnyFlow, Listed, Loaded, Unlisted } from './model.js'
import { describe, mappingOf, type RunRequest } from './parameters.js'
import { Turns } from './pool.js'
import type { Json } from './ports.js'
import type { Report } from './report.js'
import type { ItemOutcome, Stage } from './result.js'

export interface Line {
  flow: AnyFlow
  request: RunRequest
  origin: unknown
  target: unknown
  journal: Journal
  report: Report
  ending: Ending
  /** Takes each formatted item that was written or found unchanged; left out when no callback wants them. */
  delivered?: (item: unknown) => void
}

const AFTER_FAILURE: Record<Stage, ItemOutcome> = {
  list: 'read_failure',
  load: 'read_failure',
  logics: 'logics_failure',
  format: 'format_failure',
  write: 'write_failure',
  callback: 'write_failure',
}

/** The way of one item: load, logics, format, write. Whatever happens on it ends in one outcome that is reported. */
export class ItemLine {
  readonly #line: Line
  readonly #turns = new Turns()
  readonly #mapping: string

  constructor(line: Line) {
    this.#line = line
    this.#mapping = mappingOf(line.flow, line.request)
  }

  /** An item, or what could not be listed. `again`: bring it to its end even if that was done at this version before. */
  async take(listed: Listed<unknown> | Unlisted, again = false): Promise<void> {
    const { report, ending, journal } = this.#line
    if ('problem' in listed) {
      this.#unlisted(listed)
      return
    }
    const at: { stage: Stage } = { stage: 'load' }
    try {
      const outcome = ending.reading.aborted ? 'read_skipped' : await this.#outcome(listed, at, again)
      if (outcome !== 'read_skipped') journal.settle(listed.reference)
      report.item(listed.reference, outcome)
    } catch (thrown) {
      this.#failed(thrown, at.stage, listed)
    }
  }

  /** An item that is known from before, asked for by itself. */
  async seek(known: { reference: string; id: string | null }): Promise<void> {
    const { flow, origin, ending } = this.#line
    if (ending.reading.aborted) return
    let listed: Listed<unknown> | null | undefined
    try {
      listed = await flow.read.find?.(origin, known)
      if (listed === null || (listed !== undefined && listed.reference !== known.reference))
        throw new GoneError(known.reference)
    } catch (thrown) {
      // Not counted: it was neither listed nor read.
      if (thrown instanceof StoppedError) return
      this.#failed(thrown, 'load', { ...known, version: null })
      if (thrown instanceof GoneError) await this.#leave(known.reference)
      return
    }
    if (listed) await this.take(listed, true)
  }

  async #outcome(listed: Listed<unknown>, at: { stage: Stage }, again: boolean): Promise<ItemOutcome> {
    const { flow, request, journal } = this.#line
    const { read, mode } = flow
    const record = await journal.record(listed.reference)
    const inside = read.leaving?.includes(listed.entry, request.pull_parameters) ?? true
    if (!inside && (mode !== 'update' || record?.outcome !== 'delivered')) {
      if (record?.outcome === 'missing') await this.#leave(listed.reference)
      return 'read_filtered'
    }
    const known = isKnown(record, listed, this.#mapping, read.settles_after_ms ?? 0)
    if (inside && known && request.incremental && !again) return 'read_unchanged'
    return this.#deliver(listed, at, { memo: record?.memo ?? null, inside })
  }

  async #deliver(
    listed: Listed<unknown>,
    at: { stage: Stage },
    { memo, inside }: { memo: Json; inside: boolean },
  ): Promise<ItemOutcome> {
    const { request, journal } = this.#line
    const loaded = await this.#load(listed)
    at.stage = 'logics'
    const item = await this.#applyLogics(loaded.item)
    const mark = (outcome: 'delivered' | 'discarded' | 'missing', memo: Json) =>
      journal.keepRecord({
        reference: listed.reference,
        id: listed.id,
        version: listed.version,
        read_at: Math.min(listed.read_at, loaded.read_at),
        // Outside the filter it was delivered for the last time.
        outcome: inside ? outcome : 'left',
        mapping: this.#mapping,
        memo,
      })
    if (item === null) {
      mark('discarded', memo)
      return 'logics_discard'
    }
    at.stage = 'format'
    const formatted = await this.#format(item)
    if (!request.persist) return 'previewed'
    at.stage = 'write'
    const written = await this.#turns.take(formatted.reference, () => this.#write(formatted, memo))
    mark(written.outcome === 'not_found' ? 'missing' : 'delivered', written.memo)
    if (written.note !== undefined) this.#line.report.note(written.note)
    if (written.outcome === 'not_found') return 'write_not_found'
    this.#line.delivered?.(formatted)
    return written.outcome === 'written' ? 'write_success' : 'write_unchanged'
  }

  /** The item is outside the filter or deleted, and nobody need look for it again. */
  async #leave(reference: string): Promise<void> {
    const { journal } = this.#line
    const record = await journal.record(reference).catch(() => undefined)
    if (record) journal.keepRecord({ ...record, outcome: 'left' })
  }

  /** From what was kept when the item is unchanged, else from the origin. */
  async #load(listed: Listed<unknown>): Promise<Loaded<unknown>> {
    const { flow, origin, journal } = this.#line
    const { read } = flow
    const settles = read.settles_after_ms ?? 0
    if (!read.cache) return read.load(origin, listed)
    const account = read.cache.account(origin)
    if (listed.version !== null) {
      const kept = await journal.detail(account, { reference: listed.reference, version: listed.version }, settles)
      const item = kept === undefined ? null : read.cache.restore(listed, kept.detail)
      if (item !== null) return { item, read_at: listed.read_at }
    }
    const loaded = await read.load(origin, listed)
    const keep = read.cache.keep(loaded.item)
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
    if (wrong !== null)
      throw new ItemError('format_not_json', `format returned something that JSON has no form for at ${wrong}.`)
    return parsed.data
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
      return report.item(reference, stage === 'load' ? 'read_skipped' : 'write_skipped')
    if (thrown instanceof GoneError) {
      journal.settle(reference)
      return report.item(reference, 'read_gone')
    }
    const failure = { stage, ...failureOf(thrown, stage) }
    if (!(thrown instanceof RunError))
      journal.fail(
        { reference, id, version },
        { ...failure, message: report.redact(failure.message) },
        !isFinal(thrown, stage),
      )
    report.item(reference, AFTER_FAILURE[stage], failure)
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

/** The path of the first value that JSON would lose or refuse (NaN, a function, a cycle), or null. */
function notJson(value: unknown, path = 'the item', above: readonly object[] = []): string | null {
  if (value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean') return null
  if (typeof value === 'number') return Number.isFinite(value) ? null : path
  if (typeof value !== 'object' || above.includes(value) || above.length > 100) return path
  const shown =
    Array.isArray(value) || ['[object Object]', '[object Date]'].includes(Object.prototype.toString.call(value))
  if (!shown) return path
  const inside = [...above, value]
  for (const [key, entry] of Object.entries(value)) {
    const wrong = notJson(entry, `${path === 'the item' ? '' : `${path}.`}${key}`, inside)
    if (wrong !== null) return wrong
  }
  return null
}
