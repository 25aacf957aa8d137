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
  /** Decides on those whose next moment has come, those that another process has at hand left out. Returns how many. */
  changeDue(decide: DecideAt): Promise<number>
  /** Decides on those that are in trouble and were last told of before a moment, and on those due since before another. */
  changeLate(before: { told: number; due: number }, decide: DecideAt): Promise<number>
  /** Decides on one. Returns it as it is then; null: there is none. */
  changeOne(workflow_id: string, decide: Decide): Promise<ScheduledWorkflow | null>
  /** As `Store.commitRun`; in the same transaction it decides on the workflow. */
  commitRun(lease: Lease, commit: RunCommit, decide: Decide): Promise<void>
  /** Those that may run now, due longest first. `unfinished`: those besides that were started and have not ended. */
  ready(unfinished?: boolean): Promise<Pick<ScheduledWorkflow, 'workflow_id' | 'account'>[]>
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
}

/** Another process that serves this state. */
export type ServeHolder = Omit<LeaseHolder, 'epoch'>

/** A store that keeps due times too. */
export interface SchedulingStore extends Store {
  readonly schedules: ScheduleStore
}

export function keepsSchedules(store: Store): store is SchedulingStore {
  return 'schedules' in store
}
