import type { HttpError, StateError } from './errors.js'
import type { Redact } from './redact.js'
import type { ItemOutcome, RunResult, Stage } from './result.js'

/** Time as the run sees it. Injected, so that tests never wait. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Resolves after `ms`, or at once (without throwing) when `signal` fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** What a logger must offer: pino's shape, so that a pino instance can be passed as it is. */
export interface Logger {
  debug(fields: Record<string, unknown>, message: string): void
  info(fields: Record<string, unknown>, message: string): void
  warn(fields: Record<string, unknown>, message: string): void
  error(fields: Record<string, unknown>, message: string): void
}

/** Everything a run tells while it runs; strings are redacted. */
export type RunEvent =
  | { type: 'run_started'; run_id: string; workflow_id: string; action: string; at: number; notes: string[] }
  | { type: 'item'; run_id: string; outcome: ItemOutcome; reference: string | null; failure?: ItemFailure }
  | { type: 'list_failure'; run_id: string; message: string }
  | { type: 'request'; run_id: string; side: Side; request: RequestEvent }
  /** `pending`: items that later runs try again; null where nothing is kept, or the run ended before it was known. */
  | { type: 'run_finished'; run_id: string; result: RunResult; pending: number | null }

/** One attempt at one HTTP request. `status` is null when no answer came; `waited_ms` is the time queued before it was sent. */
export interface RequestEvent {
  service: string
  method: string
  path: string
  attempt: number
  status: number | null
  duration_ms: number
  waited_ms: number
  /** What the answer says of the service's budget: requests per slot, and how many are left in this one. Null: nothing. */
  budget: { limit: number; remaining: number } | null
}

/** Why an item failed: what a person needs in order to act. */
export interface ItemFailure {
  /** Of the item at its origin; null where the failure is of no single item. */
  reference: string | null
  stage: Stage
  /** Stable, for programs: `http_500`, `format_invalid`, ... */
  code: string
  /** What happened, where, and what to do next; at most 200 characters of it are a service's own words. */
  message: string
  /** How often it was tried in this run. */
  attempts: number
  /** Where in a function of the caller's it was thrown, as `logics.js:12:5`; left out where that is not known. */
  at?: string
}

/** Receives every event of a run. What it throws, or a promise of its rejects with, is logged and ignored. */
export type Observer = (event: RunEvent) => unknown

export type Side = 'origin' | 'target'

/** Requests of one side of a run. */
export interface RequestTally {
  /** Every attempt. */
  sent: number
  /** Those of them that repeat one that failed. */
  retried: number
  /** Milliseconds that requests were queued for budget or told to wait, summed over requests that waited side by side. */
  waited_ms: number
}

// HTTP ------------------------------------------------------------------------------------------------------------

/** How fast a service may be called. */
export type Pace =
  | {
      /** Fixed slots aligned to the epoch by the service's clock; `spare` requests of each slot are kept free. */
      kind: 'slots'
      /** Whose budget it is: all processes that name the same account share it. */
      account: string
      slot_ms: number
      limit: number
      spare: number
      max_in_flight: number
    }
  | {
      /** No published limit: concurrency grows while the service answers in time, and halves when it says stop. */
      kind: 'adaptive'
      initial: number
      max: number
    }

/** A service as its connector describes it to the HTTP layer. */
export interface ServiceOptions {
  id: string
  /** As people call it: for sentences. Default: the id. */
  name?: string
  /** Absolute, without a trailing slash. `https`, unless the host is loopback. */
  base_url: string
  /** Sent with each request, to this service's own host only. */
  headers: Record<string, string>
  pace: Pace
  /** The status that counts, where a service repeats or refines it in the body. Default: the HTTP status. */
  status?: (status: number, body: unknown) => number
  /**
   * Whether what it sends is sent back: then a number that JavaScript would write otherwise (16 digits, `1.0`) is an object
   * that goes back digit by digit. Default: false.
   */
  exact_numbers?: boolean
  /** The sentence of an error body that may be shown: never one that may hold personal data. Default: none. */
  message?: (body: unknown) => string | undefined
}

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below the base URL, with a leading slash; parts that vary must be percent-encoded by the caller. */
  path: string
  query?: Record<string, string>
  body?: unknown
  /** The path as it may be shown in events and errors, e.g. `/jobs/:shortcode`. Default: `path`. */
  route?: string
}

/** A 2xx answer with a JSON body. */
export interface HttpAnswer {
  status: number
  body: unknown
  /** The service's clock when the request was sent at the latest: its `Date` less the duration. Null without a `Date`. */
  service_time: number | null
  /** Local clock when the request was sent. */
  sent_at: number
}

export interface RetryOptions {
  /** True: another attempt is pointless, although the runtime's limits would allow it. */
  give_up?: (error: HttpError, attempt: number) => boolean
}

/** One service, paced and retried. */
export interface HttpClient {
  /** Sends until it is answered with 2xx JSON; throws `HttpError` when attempts or time are used up, or at once when a retry is pointless. */
  request(request: HttpRequest, options?: RetryOptions): Promise<HttpAnswer>
  /**
   * Runs `unit` until it ends without an error that is worth a retry, each time from its beginning.
   * `once` sends a request a single time. For sequences that must be repeated as a whole, such as read, merge, write.
   */
  retry<T>(
    unit: (once: (request: HttpRequest) => Promise<HttpAnswer>, attempt: number) => Promise<T>,
    options?: RetryOptions,
  ): Promise<T>
}

/** What a connector is given to reach its service. */
export interface HttpPort {
  /** The base URL to use for a service: the runtime's override, or the service's own. */
  baseUrl(service: string, own: string): string
  open(service: ServiceOptions): HttpClient
  clock: Clock
}

/** What one side of a run lays down for its requests. */
export interface HttpSession {
  side: Side
  redact: Redact
  /** Ends waiting: for budget, between two attempts, before a request is sent. */
  waits: AbortSignal
  /** Cuts what is in flight. */
  requests: AbortSignal
  /** Asked right before each attempt is sent; throws when nothing may be sent any more. Default: always allowed. */
  confirm?: () => Promise<void>
  /** Whether that still stands, asked when an attempt goes onto the wire. */
  holds?: () => boolean
  observe(event: RequestEvent): void
}

/** Everything a run needs from outside. */
export interface RunPorts {
  clock: Clock
  /** Opens what a run works with, once its parameters are found good. What it throws makes the run fatal. */
  open(): Promise<Opened>
  observer: Observer
  /** Null: silent. */
  logger: Logger | null
  /** Who runs, for whoever finds the workflow taken. */
  holder: Holder
  /** Whether the process that a holder named is certain to be dead. */
  isDead(process: string): boolean
  /** Stops the run: reading ends, what is in flight is finished. */
  signal?: AbortSignal
  /** Epoch milliseconds at which the run stops as if by `signal`. */
  deadline?: number
  /** A dry run reads the target too, and its result says what a run would change there: of so many items at most. */
  compare?: { limit: number } | undefined
  /** Sentences for the result's notes that concern the set-up, e.g. an overridden base URL. */
  notes?: string[]
  /** Secrets of the set-up besides those of the parameters, such as the password of a proxy or of the state: never shown. */
  secrets?: string[]
  /** The proxy of the environment that requests go through; null for none. Throws `RunError` where it cannot be used. */
  proxy?(): { variable: string; host: string } | null
}

export interface Opened {
  store: Store
  /** Sentences for the result's notes that concern the state. */
  notes?: string[]
  /** A run that leaves no trace does without the state that a real one would use: it is not there yet, or cannot be used. */
  lacking?: { location: string; error?: StateError }
  http: (session: HttpSession) => HttpPort
}

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
  /** Its reference at the target, once it was mapped. */
  target: string | null
  /**
   * `delivering`: about to be, for the first time; whether it was is not known. `missing`: the target does not have it.
   * `left`: it is outside the filter or deleted, and the target was told.
   */
  outcome: 'delivered' | 'delivering' | 'discarded' | 'missing' | 'left'
  /** Hash of the mapping that made it: a new mapping delivers again. */
  mapping: string
  /** What the target's writer wants to find again next time: hashes and names, never content. */
  memo: Json
}

/** An item that failed and will be tried again. */
export interface PendingEntry {
  reference: string
  /** By what the origin finds it again, where that is not the reference. */
  id: string | null
  version: string | null
  stage: Stage
  code: string
  message: string
  attempts: number
  first_failed_at: number
  /** Null: it waits for a new version, a new scope or a person. */
  next_attempt_at: number | null
}

/** Small strings of an item's detail, kept so that an unchanged item costs no detail request. */
export interface CachedDetail {
  reference: string
  version: string
  /** When it was read, by the service's clock, epoch milliseconds. */
  read_at: number
  detail: Json
}

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

/** One run in the history. */
export interface RunRecord {
  run_id: string
  workflow_id: string
  action: string
  started_at: number
  /** Null: it is running, or died. */
  finished_at: number | null
  result: RunResult | null
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
