import type { Clock } from '../core/ports/clock.js'
import {
  type AuditRecord,
  type FailureQuery,
  type HistoryStore,
  type PendingQuery,
  type Position,
  type RunSummary,
  summaryOfResult,
} from '../core/ports/history.js'
import type { PendingEntry, RunRecord } from '../core/ports/store.js'
import type { Stage } from '../core/result/outcome.js'
import type { ItemFailure } from '../core/result/result.js'
import { AUDIT_LIFETIME_MS } from './retention.js'

/** What a store in memory holds. */
interface Kept {
  clock: Pick<Clock, 'now'>
  runs(): { run: RunRecord; failures: ItemFailure[] }[]
  pending(workflow_id: string): Promise<PendingEntry[]>
  references(workflow_id: string): string[]
}

/** What people look at, in memory: it is small. */
export class MemoryHistory implements HistoryStore {
  readonly #kept: Kept
  #audit: AuditRecord[] = []

  constructor(kept: Kept) {
    this.#kept = kept
  }

  async runs(query: {
    workflow_id?: string | undefined
    after?: Position | undefined
    limit: number
  }): Promise<RunSummary[]> {
    const { workflow_id, after, limit } = query
    const all = this.#kept.runs().map(({ run }) => run)
    return all
      .filter((run) => workflow_id === undefined || run.workflow_id === workflow_id)
      .filter((run) => after === undefined || newestFirst({ at: run.started_at, id: run.run_id }, after) > 0)
      .sort((a, b) => newestFirst({ at: a.started_at, id: a.run_id }, { at: b.started_at, id: b.run_id }))
      .slice(0, limit)
      .map(({ result, ...run }) => ({ ...run, result: result === null ? null : summaryOfResult(result) }))
  }

  async run(run_id: string): Promise<RunRecord | null> {
    return this.#kept.runs().find(({ run }) => run.run_id === run_id)?.run ?? null
  }

  async latest(workflow_ids: readonly string[], limit: number): Promise<Map<string, RunSummary[]>> {
    const found = new Map<string, RunSummary[]>()
    for (const workflow_id of workflow_ids) {
      const runs = await this.runs({ workflow_id, limit })
      if (runs.length > 0) found.set(workflow_id, runs)
    }
    return found
  }

  async failures(query: FailureQuery, after: number, limit: number): Promise<(ItemFailure & { position: number })[]> {
    const { stage, code, text } = query
    return this.#failures(query.run_id)
      .map(({ reference, stage: where, code: what, message, attempts }, position) => {
        return { reference, stage: where, code: what, message, attempts, position }
      })
      .filter((failure) => stage === undefined || failure.stage === stage)
      .filter((failure) => code === undefined || failure.code === code)
      .filter((failure) => text === undefined || holds(failure, text))
      .filter(({ position }) => position > after)
      .slice(0, limit)
  }

  async failureGroups(run_id: string): Promise<{ stage: Stage; code: string; count: number }[]> {
    const groups = new Map<string, { stage: Stage; code: string; count: number }>()
    for (const { stage, code } of this.#failures(run_id)) {
      const group = groups.get(`${stage} ${code}`) ?? { stage, code, count: 0 }
      groups.set(`${stage} ${code}`, { ...group, count: group.count + 1 })
    }
    return [...groups.entries()]
      .sort(([a, one], [b, other]) => other.count - one.count || (a < b ? -1 : 1))
      .map(([, group]) => group)
  }

  async pending(query: PendingQuery, after: Position | null, limit: number): Promise<PendingEntry[]> {
    const positionOf = ({ first_failed_at, reference }: PendingEntry) => ({ at: first_failed_at, id: reference })
    return (await this.#pending(query))
      .filter((entry) => after === null || newestFirst(positionOf(entry), after) < 0)
      .sort((a, b) => newestFirst(positionOf(b), positionOf(a)))
      .slice(0, limit)
  }

  async pendingCount(query: PendingQuery): Promise<number> {
    return (await this.#pending(query)).length
  }

  async references(workflow_id: string, prefix: string, limit: number): Promise<string[]> {
    const begin = prefix.toLowerCase()
    const found = this.#kept.references(workflow_id).filter((reference) => reference.toLowerCase().startsWith(begin))
    return [...new Set(found)].sort((a, b) => (a < b ? -1 : 1)).slice(0, limit)
  }

  async addAudit(entry: AuditRecord): Promise<void> {
    const since = this.#kept.clock.now() - AUDIT_LIFETIME_MS
    this.#audit = [...this.#audit.filter(({ id, at }) => id !== entry.id && at >= since), entry]
  }

  async audit(query: {
    workflow_id?: string | undefined
    after?: Position | undefined
    limit: number
  }): Promise<AuditRecord[]> {
    const { workflow_id, after, limit } = query
    return this.#audit
      .filter((entry) => workflow_id === undefined || entry.workflow_id === workflow_id)
      .filter((entry) => after === undefined || newestFirst(entry, after) > 0)
      .sort(newestFirst)
      .slice(0, limit)
  }

  #failures(run_id: string): ItemFailure[] {
    return this.#kept.runs().find(({ run }) => run.run_id === run_id)?.failures ?? []
  }

  async #pending({ workflow_id, stage, text }: PendingQuery): Promise<PendingEntry[]> {
    const all = await this.#kept.pending(workflow_id)
    return all
      .filter((entry) => stage === undefined || entry.stage === stage)
      .filter((entry) => text === undefined || holds(entry, text))
  }
}

function newestFirst(a: Position, b: Position): number {
  if (a.at !== b.at) return b.at - a.at
  return a.id === b.id ? 0 : a.id < b.id ? 1 : -1
}

function holds({ reference, message }: Pick<ItemFailure, 'reference' | 'message'>, text: string): boolean {
  const wanted = text.toLowerCase()
  return [reference ?? '', message].some((said) => said.toLowerCase().includes(wanted))
}
