import type * as Api from '@opentelemetry/api'
import type { Attributes, Context, Meter, Span, Tracer } from '@opentelemetry/api'
import type { Observer, RequestEvent, RunEvent } from '../core/ports/events.js'
import type { RunResult } from '../core/result/result.js'
import { VERSION } from '../version.js'

export type OpenTelemetry = typeof Api

/** Where an SDK registers itself, by the API of whatever version: `opentelemetry.js.api.1`. */
const REGISTERED = Symbol.for('opentelemetry.js.api.1')

/** The API package where it is installed and an SDK stands behind it, else null: without one, all it does is nothing. */
export async function loadOpenTelemetry(): Promise<OpenTelemetry | null> {
  if (!(REGISTERED in globalThis)) return null
  try {
    const api = await import('@opentelemetry/api')
    // Before 1.9 there were no gauges, and not every package manager holds to the range of an optional peer.
    return 'createGauge' in api.createNoopMeter() ? api : null
  } catch {
    // Absent or broken: it is optional, and no reason for a run to fail.
    return null
  }
}

// The bounds of the HTTP conventions; runs take from a second to hours.
const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
const RUN_SECONDS = [1, 5, 15, 60, 300, 900, 3_600, 10_800, 36_000]

/**
 * Runs `work` in a span of its own: below whatever span is active where the action was called, and above those that a
 * user's functions open. Each request is a span below it. Items have none: a run may have 10,000 of them, most of them
 * unchanged, and a trace of that size is refused or cut by what stores it; they are counted, by outcome.
 */
export async function traced(
  api: OpenTelemetry,
  run: { connector: string; action: string },
  work: (observer: Observer) => Promise<RunResult>,
): Promise<RunResult> {
  const watch = new Watch(api, run)
  try {
    return await api.context.with(watch.context, () =>
      work(watch.isIdle ? () => undefined : (event) => watch.see(event)),
    )
  } catch (error) {
    watch.span.setStatus({ code: api.SpanStatusCode.ERROR })
    throw error
  } finally {
    watch.span.end()
  }
}

/** Follows one run. Strings in events are redacted before they come here. */
class Watch {
  readonly span: Span
  readonly context: Context
  /** Nobody records or measures: then events cost nothing. */
  readonly isIdle: boolean
  readonly #api: OpenTelemetry
  readonly #tracer: Tracer
  readonly #instruments: ReturnType<typeof instrumentsOf>
  /** What every measurement carries, and the run's span. */
  #labels: Attributes

  constructor(api: OpenTelemetry, { connector, action }: { connector: string; action: string }) {
    this.#api = api
    this.#tracer = api.trace.getTracer('hrflow-connectors', VERSION)
    const meter = api.metrics.getMeter('hrflow-connectors', VERSION)
    this.#instruments = instrumentsOf(meter)
    this.#labels = { 'hrflow_connectors.connector': connector, 'hrflow_connectors.action': action }
    this.span = this.#tracer.startSpan(`${connector}.${action}`, { attributes: this.#labels })
    this.context = api.trace.setSpan(api.context.active(), this.span)
    this.isIdle = !this.span.isRecording() && meter === api.createNoopMeter()
  }

  see(event: RunEvent): void {
    if (event.type === 'run_started') this.#labels['hrflow_connectors.workflow_id'] = event.workflow_id
    if (event.type === 'item')
      this.#instruments.items.add(1, { ...this.#labels, 'hrflow_connectors.outcome': event.outcome })
    if (event.type === 'request') this.#request(event.request)
    if (event.type === 'run_finished') this.#finished(event.result, event.pending)
  }

  /** It is over when it is told: the span is given its times. No `url.full`: a query may hold a person's data. */
  #request({ service, method, path, status, attempt, duration_ms, waited_ms }: RequestEvent): void {
    // How services say that something is not there: no error, as the HTTP conventions let a client decide that knows.
    const failed = status === null || (status >= 400 && status !== 400 && status !== 404)
    const attributes: Attributes = {
      'http.request.method': method,
      'url.template': path,
      'service.peer.name': service,
      ...(status === null ? {} : { 'http.response.status_code': status }),
      ...(failed ? { 'error.type': status === null ? 'no_answer' : String(status) } : {}),
    }
    const ended_at = Date.now()
    const span = this.#tracer.startSpan(
      `${method} ${path}`,
      {
        kind: this.#api.SpanKind.CLIENT,
        startTime: ended_at - duration_ms,
        attributes: {
          ...attributes,
          ...(attempt > 1 ? { 'http.request.resend_count': attempt - 1 } : {}),
          'hrflow_connectors.attempt': attempt,
          'hrflow_connectors.waited_ms': Math.round(waited_ms),
        },
      },
      this.context,
    )
    if (failed) span.setStatus({ code: this.#api.SpanStatusCode.ERROR })
    span.end(ended_at)
    const labels = { ...this.#labels, ...attributes }
    this.#instruments.requests.add(1, labels)
    this.#instruments.requestDuration.record(duration_ms / 1000, labels)
  }

  #finished(result: RunResult, pending: number | null): void {
    const { status, reason, error } = result
    const ended = { 'hrflow_connectors.status': status, 'hrflow_connectors.reason': reason }
    this.span.setAttributes({ ...this.#labels, ...ended, 'hrflow_connectors.run_id': result.run_id })
    if (error) this.span.setStatus({ code: this.#api.SpanStatusCode.ERROR, message: error.message })
    const seconds = (Date.parse(result.finished_at) - Date.parse(result.started_at)) / 1000
    this.#instruments.runDuration.record(seconds, { ...this.#labels, ...ended })
    if (pending !== null) this.#instruments.pending.record(pending, this.#labels)
  }
}

/** Asked for by each run: whoever sets up an SDK may do so at any time before. */
function instrumentsOf(meter: Meter) {
  const seconds = (explicitBucketBoundaries: number[]) => ({ unit: 's', advice: { explicitBucketBoundaries } })
  return {
    items: meter.createCounter('hrflow_connectors.items', {
      description: 'Items that came to their end, by outcome.',
      unit: '{item}',
    }),
    requests: meter.createCounter('hrflow_connectors.requests', {
      description: 'Attempts at requests, by service and status.',
      unit: '{request}',
    }),
    requestDuration: meter.createHistogram('hrflow_connectors.request.duration', {
      description: 'From sending a request to the last byte of its answer; waiting for budget is not in it.',
      ...seconds(REQUEST_SECONDS),
    }),
    runDuration: meter.createHistogram('hrflow_connectors.run.duration', {
      description: 'Runs, by status and reason.',
      ...seconds(RUN_SECONDS),
    }),
    pending: meter.createGauge('hrflow_connectors.pending', {
      description: 'Items that failed and will be tried again, after the last run.',
      unit: '{item}',
    }),
  }
}
