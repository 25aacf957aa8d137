import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Clock } from '../core/ports/clock.js'
import type { RequestEvent, RunEvent } from '../core/ports/events.js'
import type { ScheduleStore } from '../core/ports/schedule.js'
import type { Engine, Job } from './engine.js'

/** What the use of a budget was so long ago says nothing of now. */
const BUDGET_MS = 60_000
const RUN_SECONDS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 10_800]
const TROUBLED = ['fatal', 'failures', 'overdue', 'held'] as const

/** Counts what runs do, and tells it with how workflows stand, as Prometheus reads it. */
export class Metrics {
  readonly #schedules: ScheduleStore
  readonly #clock: Clock
  #engine: Pick<Engine, 'counts'> | undefined
  readonly #registry = new Registry()
  readonly #instruments: ReturnType<typeof instrumentsOf>
  /** By account: the largest share of its budget that was used of late. */
  readonly #budgets = new Map<string, { at: number; share: number }>()

  constructor(schedules: ScheduleStore, clock: Clock) {
    this.#schedules = schedules
    this.#clock = clock
    collectDefaultMetrics({ register: this.#registry })
    this.#instruments = instrumentsOf(this.#registry)
  }

  /** Tells how much waits in an engine too. */
  watch(engine: Pick<Engine, 'counts'>): void {
    this.#engine = engine
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  /** An event of the run of a job. */
  see({ account }: Job, event: RunEvent): void {
    const { items, runs, runSeconds } = this.#instruments
    if (event.type === 'item') items.inc({ outcome: event.outcome })
    if (event.type === 'request') this.#request(account, event.request)
    if (event.type !== 'run_finished') return
    const { status, reason, started_at, finished_at } = event.result
    runs.inc({ status, reason })
    runSeconds.observe((Date.parse(finished_at) - Date.parse(started_at)) / 1_000)
  }

  /** All of it as text. What only the state knows is left out while it cannot be used. */
  async text(): Promise<string> {
    const { lag, pending, troubled, paused, queued, active, budget } = this.#instruments
    for (const gauge of [lag, pending, budget]) gauge.reset()
    const { waiting = null, active: atWork = 0 } = (await this.#engine?.counts()) ?? {}
    active.set(atWork)
    queued.reset()
    if (waiting !== null) queued.set(waiting)
    for (const [account, { share }] of this.#recent()) budget.set({ account }, share)
    const known = await this.#known().catch(() => null)
    if (known === null) return this.#registry.metrics()
    const { workflows, pending: pendingCounts, now } = known
    for (const { workflow_id, run_due, full_due, paused: isPaused } of workflows) {
      const due = Math.min(run_due ?? now, full_due ?? now)
      lag.set({ workflow_id }, isPaused ? 0 : Math.max(0, now - due) / 1_000)
      pending.set({ workflow_id }, pendingCounts.get(workflow_id) ?? 0)
    }
    for (const condition of TROUBLED)
      troubled.set({ condition }, workflows.filter((workflow) => workflow.condition === condition).length)
    paused.set(workflows.filter((workflow) => workflow.paused).length)
    return this.#registry.metrics()
  }

  async #known() {
    const schedules = this.#schedules
    return {
      workflows: await schedules.scheduled(),
      pending: await schedules.pendingCounts(),
      now: await schedules.now(),
    }
  }

  #request(account: string, { service, status, budget }: RequestEvent): void {
    this.#instruments.requests.inc({ service, status: status === null ? 'no_answer' : String(status) })
    if (budget === null) return
    const share = Math.min(1, (budget.limit - budget.remaining) / Math.max(1, budget.limit - budget.spare))
    const known = this.#recent().get(account)?.share ?? 0
    if (share >= known) this.#budgets.set(account, { at: this.#clock.now(), share })
  }

  #recent(): Map<string, { at: number; share: number }> {
    const now = this.#clock.now()
    for (const [account, { at }] of this.#budgets) if (Math.abs(now - at) > BUDGET_MS) this.#budgets.delete(account)
    return this.#budgets
  }
}

function instrumentsOf(registry: Registry) {
  const gauge = <Name extends string>(name: string, help: string, ...labelNames: Name[]) =>
    new Gauge({ name, help, labelNames, registers: [registry] })
  const counter = <Name extends string>(name: string, help: string, ...labelNames: Name[]) =>
    new Counter({ name, help, labelNames, registers: [registry] })
  return {
    runs: counter('hrflow_connectors_runs_total', 'Runs that ended, by status and reason.', 'status', 'reason'),
    items: counter('hrflow_connectors_items_total', 'Items that came to their end, by outcome.', 'outcome'),
    requests: counter(
      'hrflow_connectors_requests_total',
      'Attempts at requests, by service and status.',
      'service',
      'status',
    ),
    runSeconds: new Histogram({
      name: 'hrflow_connectors_run_duration_seconds',
      help: 'How long runs took.',
      buckets: RUN_SECONDS,
      registers: [registry],
    }),
    lag: gauge('hrflow_connectors_lag_seconds', 'How long a workflow has been due without being run.', 'workflow_id'),
    pending: gauge('hrflow_connectors_pending_items', 'Items that failed and will be tried again.', 'workflow_id'),
    troubled: gauge(
      'hrflow_connectors_troubled_workflows',
      'Workflows that do not stand well, by how they stand.',
      'condition',
    ),
    paused: gauge('hrflow_connectors_paused_workflows', 'Workflows that a person has paused.'),
    queued: gauge('hrflow_connectors_queue_depth', 'Workflows that are due and wait for their account or a place.'),
    active: gauge('hrflow_connectors_active_runs', 'Runs under way.'),
    budget: gauge(
      'hrflow_connectors_budget_used_ratio',
      'The largest share of the budget of an account that was used within the last minute.',
      'account',
    ),
  }
}
