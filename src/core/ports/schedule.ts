import type { Json } from '../text/json.js'
import type { Holder, Lease, LeaseHolder, RunCommit, Store } from './store.js'

/** When a workflow runs by itself. */
export interface Schedule {
  /** Five fields: minute, hour, day of the month, month, day of the week. */
  cron: string
  /** IANA name. */
  time_zone: string
}

/** How a workflow stands. All but `ok` are worth telling somebody. */
export type Condition =
  | 'ok'
  /** Its last run was fatal, or was begun and never ended. */
  | 'fatal'
  /** Items fail. */
  | 'failures'
  /** It has been due for long, and nothing has run it. */
  | 'overdue'
  /** Items that left are held back, as too many left at once: a person must look. */
  | 'held'

/** What happens to a workflow that somebody may want to hear of. */
export type Told = Exclude<Condition, 'ok'> | 'recovered'

/** Somebody who is told: by the hash of the address as it is written, as the address itself may be a secret. */
export interface Listener {
  target: string
  on: readonly Told[]
}

/** A workflow that runs by itself: when, what is due of it, and how it stands. Moments are epoch milliseconds. */
export interface ScheduledWorkflow {
  workflow_id: string
  /** Whose budget its runs use: of one account one runs at a time. */
  account: string
  schedule: Schedule | null
  /** Of the healing full runs. */
  full_schedule: Schedule | null
  next_run_at: number | null
  next_full_at: number | null
  /** The furthest planned moments that were taken: a clock that is put back does not bring them again. */
  taken_run_at: number | null
  taken_full_at: number | null
  /** Since when a run is due; null: none is. */
  run_due: number | null
  full_due: number | null
  /** When the run that is on its way was started, and whether it is a full one. Null: none is. */
  started_at: number | null
  started_full: boolean
  paused: boolean
  /** Runs in a row that were fatal. */
  fatal_count: number
  /** It is not run before. */
  waits_until: number | null
  condition: Condition
  /** Since when it stands so. */
  since: number
  /** What happened, in a sentence; null where it is well. */
  said: string | null
  /** When that was last told. */
  told_at: number | null
  listeners: readonly Listener[]
  /** When it was last given to an engine that has not taken it up yet. */
  sent_at: number | null
}

/** A workflow as it was pushed: as its file has it, with references to what is secret and no value. */
export interface StoredWorkflow {
  workflow_id: string
  definition: Json
  /** What its file says of whom to tell. */
  notify: Json
  pushed_at: number
}

/** A message that is to reach somebody at least once. */
export interface Message {
  id: string
  /** Hash of the address: an address may be a secret, and is not kept. */
  target: string
  workflow_id: string
  /** JSON. */
  body: string
}

export interface WaitingMessage extends Message {
  /** Attempts before this one. */
  attempts: number
  created_at: number
}

/** What becomes of a workflow: what is left out stays. Messages are written in the same transaction. */
export interface Decision {
  changes: Partial<Omit<ScheduledWorkflow, 'workflow_id'>>
  messages?: Message[]
}

/** What is known when something is decided, by the clock of the store. */
export interface Facts {
  now: number
  /** Its pending items. */
  pending: number
  /** For how long a run still holds it; 0: none does. */
  held_ms: number
  /** The process of that run, where it is known. */
  held_by: string | null
}

/** What is known besides when a workflow is to start. */
export interface StartFacts extends Facts {
  /** For how long a run of another workflow of its account still counts; 0: none does. */
  busy_ms: number
}

export type DecideStart = (workflow: ScheduledWorkflow, facts: StartFacts) => Decision | null

/** A workflow that may run now, and whose budget it uses. */
export type ReadyWorkflow = Pick<ScheduledWorkflow, 'workflow_id' | 'account'>

/** The database that a store is in, for an engine that keeps its jobs there in tables of its own. */
export interface SqlPort {
  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>
}

/** Pure, as it may be asked again: of what a transaction that is tried again finds. Null: nothing changes. */
export type Decide = (workflow: ScheduledWorkflow, facts: Facts) => Decision | null
export type DecideAt = (workflow: ScheduledWorkflow, now: number) => Decision | null

/** Due times, and what is to be told of them: beside the state of runs, in the same place. Each method is one transaction. */
export interface ScheduleStore {
  /** By the clock of the store. */
  now(): Promise<number>
  /** By name. */
  scheduled(): Promise<ScheduledWorkflow[]>
  /** Puts these in place of all that there are. */
  replaceScheduled(decide: (known: ScheduledWorkflow[], now: number) => ScheduledWorkflow[]): Promise<void>
  /** Workflows that were pushed, by name. */
  stored(): Promise<StoredWorkflow[]>
  /** Null: there is none of that name, or no longer. */
  storedOne(workflow_id: string): Promise<StoredWorkflow | null>
  /** Stores workflows beside those that are there, or in their place. `decide` gets what is known of them, and gives each. */
  push(
    workflows: readonly Omit<StoredWorkflow, 'pushed_at'>[],
    decide: (known: ScheduledWorkflow[], now: number) => ScheduledWorkflow[],
  ): Promise<void>
  /** Forgets a stored workflow, and when it is due. What its runs have left stays. Says whether there was one. */
  remove(workflow_id: string): Promise<boolean>
  /** Decides on those whose next moment has come, those that another process has at hand left out. Returns how many. */
  changeDue(decide: DecideAt): Promise<number>
  /** Decides on those that are in trouble and were last told of before a moment, and on those due since before another. */
  changeLate(before: { told: number; due: number }, decide: DecideAt): Promise<number>
  /** Decides on one. Returns it as it is then; null: there is none. */
  changeOne(workflow_id: string, decide: Decide): Promise<ScheduledWorkflow | null>
  /**
   * Decides whether one starts, of the account that is given (null: the one that is known), while nobody else decides on that
   * account. Returns it as it is then; null: there is none.
   */
  startOne(workflow_id: string, account: string | null, decide: DecideStart): Promise<ScheduledWorkflow | null>
  /** As `Store.commitRun`; in the same transaction it decides on the workflow. */
  commitRun(lease: Lease, commit: RunCommit, decide: Decide): Promise<void>
  /** Those that may run now, due longest first. `unfinished`: those besides that were started and have not ended. */
  ready(unfinished?: boolean): Promise<ReadyWorkflow[]>
  /**
   * For engines that several processes share: of each account (or of one) that is free the first that may run now, one whose run has
   * lost its process too. `send` is given them with the transaction in which they are marked as sent, and queues them in it.
   */
  sendReady(send: (ready: ReadyWorkflow[], transaction: SqlPort) => Promise<void>, account?: string): Promise<number>
  /** How many were sent to a shared engine and wait there; those alone that have waited for so long. */
  sentCount(waited_ms?: number): Promise<number>
  /** Whether another workflow of an account may run now. */
  isWanted(job: ReadyWorkflow): Promise<boolean>
  /** Pending items by workflow. */
  pendingCounts(): Promise<Map<string, number>>
  /** Messages whose time has come. For `hide_ms` nobody else gets them. */
  takeMessages(limit: number, hide_ms: number): Promise<WaitingMessage[]>
  /** A message was tried: it is done with, or tried again after `again_ms`. */
  settleMessage(id: string, again_ms: number | null): Promise<void>
  /** Takes, or keeps, the one place of a process that serves this state. Returns who has it instead; null: it is had. */
  holdServe(
    holder: Holder & { key: string },
    ttl_ms: number,
    isDead: (process: string) => boolean,
  ): Promise<ServeHolder | null>
  releaseServe(key: string): Promise<void>
  /** Who has it at present, as far as is known; null: nobody, or many without a place. */
  serveHolder(): Promise<ServeHolder | null>
}

/** Another process that serves this state. */
export type ServeHolder = Omit<LeaseHolder, 'epoch'>

/** A store that keeps due times too. */
export interface SchedulingStore extends Store {
  readonly schedules: ScheduleStore
  /** Opens connections of its own to its database, a few; null: nobody else may keep tables in it. */
  readonly openDatabase: (() => SqlPort & { close(): Promise<void> }) | null
}

export function keepsSchedules(store: Store): store is SchedulingStore {
  return 'schedules' in store
}
