import type { ItemFailure, RunResult } from '../result/result.js'
import type { Json } from '../text/json.js'
import type { HistoryStore } from './history.js'
import type { PendingEntry, RunRecord } from './kept.js'

export type { PendingEntry, RunRecord }

// State -----------------------------------------------------------------------------------------------------------

/** Who runs: in words, and as what tells whether that process is still there (null: it cannot be told). */
export interface Holder {
  name: string
  process: string | null
}

/** Who holds a workflow. Every write of a run names its epoch and is refused when that is no longer the current one. */
export interface Lease {
  workflow_id: string
  epoch: number
  expires_at: number
}

/** Another run that holds a workflow. */
export interface LeaseHolder extends Holder {
  epoch: number
  since: number
}

/** What is known of a workflow between runs. */
export interface WorkflowRecord {
  workflow_id: string
  action: string
  /** Hash of action, account, board and every pull parameter: a cursor belongs to one scope. */
  scope: string | null
  /** What that scope was made of, by name: what differs can be said. Holds no secret. */
  parameters: Json
  /** An ISO instant. */
  cursor: string | null
  last_result: RunResult | null
  /** How far the look for deleted items has come on its way round the list: the last id it has seen. Null: it begins anew. */
  round: string | null
  /** Who holds it at present. */
  running: LeaseHolder | null
}

/** What became of one item at one version in one place: the board of one account, filled by one action. */
export interface DeliveryRecord {
  reference: string
  /** By what the origin finds it again, where that is not the reference. */
  id: string | null
  /** The item's version when it was read; null when the service gives none. */
  version: string | null
  /** When it was read, by the service's clock, epoch milliseconds. */
  read_at: number
  /** When it was delivered or looked for last, by the run's clock, epoch milliseconds. */
  checked_at: number
  /** The lease under which it was written: a run tells by it what it has seen itself, whatever the clocks. */
  epoch: number
  /** The scope of that run. */
  scope: string
  /** Hash of where it was written, whoever wrote it: one for all workflows of a board. Null: written before this was kept. */
  board: string | null
  /** The run that wrote it; null: written before this was kept. */
  run_id: string | null
  /** Its reference at the target, once it was mapped. */
  target: string | null
  /**
   * `delivering`: about to be, for the first time; whether it was is not known. `missing`: the target does not have it.
   * `left`: it is outside the filter or deleted, and the target was told.
   */
  outcome: 'delivered' | 'delivering' | 'discarded' | 'missing' | 'left'
  /** It was delivered, or discarded, by its list entry alone: what only a load brings is still to come. */
  partial: boolean
  /** Hash of the mapping that made it: a new mapping delivers again. */
  mapping: string
  /** What the target's writer wants to find again next time: hashes and names, never content. */
  memo: Json
}

/** An item that is to go from sight at the target, or that this workflow has archived there. */
export interface Leaving {
  /** Its reference at the target. */
  target: string
  /** Its reference at the origin, and by what it is found again there. */
  reference: string
  id: string | null
  /** `filter`: outside the filter; `discarded`: by logics; `renamed`: it has another reference at the target by now. */
  reason: 'filter' | 'discarded' | 'renamed' | 'deleted'
  /** When it was first seen to leave, by the origin's clock, epoch milliseconds. */
  since: number
  /** When it was last seen so, likewise. */
  seen_at: number
  /**
   * `seen`: to be decided; `archiving`: about to be archived, whether it was is not known; `archived`: by this workflow;
   * `settled`: somebody else has archived or removed it.
   */
  state: 'seen' | 'archiving' | 'archived' | 'settled'
  /** When it was archived, as the target says it: by this a workflow knows its own. Null: not known. */
  archived_at: string | null
  /** When it was archived, by the run's clock, epoch milliseconds. */
  decided_at: number | null
}

/** How much a workflow holds at the target. */
export interface HeldCounts {
  live: number
  /** Archived since a moment, and how many of these because they were deleted. */
  archived: number
  deleted: number
}

/** Small strings of an item's detail, kept so that an unchanged item costs no detail request. */
export interface CachedDetail {
  reference: string
  version: string
  /** When it was read, by the service's clock, epoch milliseconds. */
  read_at: number
  detail: Json
}

/** Everything a run changes at its end, in one transaction. */
export interface RunCommit {
  run: RunRecord
  failures: ItemFailure[]
  scope: string
  /** With the cursor: what the scope was made of. */
  parameters: Json
  /** Left out: the cursor stays where it is. With one, what belongs to the workflow's other scopes is pending no longer. */
  cursor?: string
  /** Left out: it stays where it is. */
  round?: string | null
  pending: PendingEntry[]
  /** References that are pending no longer. */
  settled: string[]
}

export interface BudgetRequest {
  account: string
  /** Numbers of the slots the request may be counted in: all must have room. */
  slots: number[]
  /** Requests allowed per slot. `Infinity`: count it, whatever is used. */
  cap: number
}

/** What there is to say of a store as a whole. */
export interface StoreSummary {
  /** Where it is, without credentials. */
  location: string
  schema_version: number
  /** Null: not known. */
  bytes: number | null
}

/**
 * Durable state, kept small. Each method is one transaction; methods that name a lease throw `LeaseLostError` when its
 * epoch is no longer current, and change nothing.
 */
export interface Store {
  readonly kind: string
  /** False: the records end with this call, so nothing may be inferred from their absence. */
  readonly remembers: boolean
  /** What people look at. */
  readonly history: HistoryStore
  /** `dead`: the epoch of a holder that is certain to be dead; its lease is taken over before it runs out. */
  acquireLease(
    workflow_id: string,
    action: string,
    holder: Holder,
    ttl_ms: number,
    dead?: number,
  ): Promise<Lease | LeaseHolder>
  renewLease(lease: Lease, ttl_ms: number): Promise<Lease>
  releaseLease(lease: Lease): Promise<void>
  workflow(workflow_id: string): Promise<WorkflowRecord | null>
  workflows(): Promise<WorkflowRecord[]>
  /** `forget_cursor`: what this run delivers makes the cursor worthless, whatever becomes of the run. */
  startRun(lease: Lease, run: RunRecord, forget_cursor?: boolean): Promise<void>
  commitRun(lease: Lease, commit: RunCommit): Promise<void>
  /** Newest first. Kept: 1,000 runs of each workflow, for 90 days; in memory 1,000 in all. */
  runs(filter: { workflow_id?: string; limit: number }): Promise<RunRecord[]>
  run(run_id: string): Promise<{ run: RunRecord; failures: ItemFailure[] } | null>
  records(workflow_id: string, place: string, references: string[]): Promise<DeliveryRecord[]>
  /** The records of items that the target did not have or may not have, written before an epoch, longest unchecked first. */
  missing(workflow_id: string, place: string, before: number, limit: number): Promise<DeliveryRecord[]>
  /** The records of items delivered before an epoch and not since, longest unchecked first. */
  unseen(workflow_id: string, place: string, before: number, limit: number): Promise<DeliveryRecord[]>
  /** The records of items that were told to have left, written before an epoch, and archived by nobody here. */
  told(workflow_id: string, place: string, before: number, limit: number): Promise<DeliveryRecord[]>
  /** The records of items that were delivered or discarded by their list entries alone, before an epoch, longest unchecked first. */
  partial(workflow_id: string, place: string, before: number, limit: number): Promise<DeliveryRecord[]>
  /** How many such items there are. */
  partialCount(workflow_id: string, place: string): Promise<number>
  /**
   * The records of items that the target has live, with an id above `after` and, where one is given, up to `until`. Ids are
   * numbers in some notation: a longer one is above.
   */
  liveBetween(workflow_id: string, place: string, after: string, until: string | null): Promise<DeliveryRecord[]>
  /** Which of these references at a board the records of other workflows hold live. */
  heldByOthers(workflow_id: string, board: string, targets: string[]): Promise<string[]>
  heldCounts(workflow_id: string, place: string, archived_since: number): Promise<HeldCounts>
  /** What these items have left, or all that is not decided yet. */
  leavings(workflow_id: string, place: string, references: string[] | null): Promise<Leaving[]>
  /** Saves some, forgets those of some references at the target. */
  changeLeavings(lease: Lease, place: string, changes: { saved: Leaving[]; forgotten: string[] }): Promise<void>
  saveRecords(lease: Lease, place: string, records: DeliveryRecord[]): Promise<void>
  /** Without a scope: of all scopes. */
  pending(workflow_id: string, scope?: string): Promise<PendingEntry[]>
  /** A person's word on pending entries (null: on all): due now, or given up. Returns how many there were. */
  changePending(workflow_id: string, references: string[] | null, change: 'retry' | 'dismiss'): Promise<number>
  cachedDetails(account: string, references: string[]): Promise<CachedDetail[]>
  saveDetails(account: string, details: CachedDetail[]): Promise<void>
  /** Takes one request from an account's budget, or leaves it as it is and says false. Held, it gives none below `Infinity`. */
  takeBudget(request: BudgetRequest): Promise<boolean>
  /** Requests per slot that the service allows an account, as the last run learnt it; null when none has. */
  accountLimit(account: string): Promise<number | null>
  saveAccountLimit(account: string, limit: number): Promise<void>
  /** Until `ms` from now no budget of the account is given. What was said before and ends later stands. */
  holdAccount(account: string, ms: number): Promise<void>
  /** For how many milliseconds no budget is given; 0: it is. A hold of more than an hour is a clock's mistake, and none. */
  accountHold(account: string): Promise<number>
  /** Forgets all but the run history: the next run starts as the first. A run that holds the workflow loses it. */
  resetWorkflow(workflow_id: string): Promise<void>
  summary(): Promise<StoreSummary>
  close(): Promise<void>
}
