// Against the real SDK, with exporters that keep what they are given.
import { AsyncLocalStorage } from 'node:async_hooks'
import {
  context,
  type Context,
  type ContextManager,
  metrics,
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import {
  AggregationTemporality,
  DataPointType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { world } from '../support/world.js'

const spans = new InMemorySpanExporter()
const measured = new InMemoryMetricExporter(AggregationTemporality.DELTA)
const reader = new PeriodicExportingMetricReader({ exporter: measured, exportIntervalMillis: 3_600_000 })

/** What an SDK for Node registers: the active span follows promises. */
class AsyncContext implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>()
  active = () => this.#storage.getStore() ?? ROOT_CONTEXT
  with: ContextManager['with'] = (active, fn, thisArg, ...args) =>
    this.#storage.run(active, () => fn.apply(thisArg, args))
  bind: ContextManager['bind'] = (_, target) => target
  enable = () => this
  disable = () => this
}

beforeAll(() => {
  context.setGlobalContextManager(new AsyncContext())
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }))
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }))
})

afterEach(async () => {
  await reader.forceFlush()
  spans.reset()
  measured.reset()
})

afterAll(() => {
  context.disable()
  trace.disable()
  metrics.disable()
})

const named = (name: string) => spans.getFinishedSpans().filter((span) => span.name === name)

/** The points of each instrument since the last test, as `labels: value` (of a histogram, how many were recorded). */
async function points(name: string): Promise<Record<string, number>> {
  await reader.forceFlush()
  const all = measured.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics: kept }) => kept))
  const found: Record<string, number> = {}
  for (const metric of all.filter(({ descriptor }) => descriptor.name === `hrflow_connectors.${name}`)) {
    if (metric.dataPointType === DataPointType.EXPONENTIAL_HISTOGRAM) throw new Error('Not one of ours.')
    for (const { attributes, value } of metric.dataPoints) {
      expect(attributes).toMatchObject({
        'hrflow_connectors.workflow_id': 'test',
        'hrflow_connectors.connector': 'workable',
        'hrflow_connectors.action': 'update_jobs_in_hrflow',
      })
      const own = Object.entries(attributes).filter(([label]) => !/workflow_id|connector$|action$/.test(label))
      const labels = own.map(([label, text]) => `${label.replace('hrflow_connectors.', '')}=${String(text)}`).sort()
      found[labels.join(' ')] = typeof value === 'number' ? value : value.count
    }
  }
  return found
}

test('a run is a span, and each request is one below it', async () => {
  const { sandbox, update, fillBoard, counts } = await world({ workable: { jobs: 3 } })
  await fillBoard()
  spans.reset()
  sandbox.fault({ service: 'hrflow', answer: { status: 503 }, times: 1 })
  const { run_id } = await update()
  const [run] = named('workable.update_jobs_in_hrflow')
  expect(run?.parentSpanContext).toBeUndefined()
  expect(run?.status.code).toBe(SpanStatusCode.UNSET)
  expect(run?.attributes).toEqual({
    'hrflow_connectors.workflow_id': 'test',
    'hrflow_connectors.run_id': run_id,
    'hrflow_connectors.connector': 'workable',
    'hrflow_connectors.action': 'update_jobs_in_hrflow',
    'hrflow_connectors.status': 'success',
    'hrflow_connectors.reason': 'none',
  })
  const requests = spans.getFinishedSpans().filter((span) => span !== run)
  // What is answered in place of HrFlow does not reach it.
  const { list, detail, get } = counts()
  expect(requests).toHaveLength(list + detail + get + 1)
  for (const { parentSpanContext } of requests) expect(parentSpanContext?.spanId).toBe(run?.spanContext().spanId)
  expect(named('GET /jobs')[0]?.attributes).toMatchObject({
    'http.request.method': 'GET',
    'url.template': '/jobs',
    'http.response.status_code': 200,
    'service.peer.name': 'workable',
    'hrflow_connectors.attempt': 1,
  })
  const failed = requests.filter(({ status }) => status.code === SpanStatusCode.ERROR)
  expect(failed.map(({ attributes }) => attributes['error.type'])).toEqual(['503'])
  const again = requests.filter(({ attributes }) => attributes['http.request.resend_count'] === 1)
  expect(again.map(({ name }) => name)).toEqual(['GET /job/indexing'])
})

test('items, requests and runs are counted, and what is pending is measured', async () => {
  const { sandbox, update, fillBoard } = await world({ workable: { jobs: 4 } })
  await fillBoard()
  await reader.forceFlush()
  measured.reset()
  sandbox.fault({ service: 'workable', path: `/jobs/${sandbox.workable.jobs[0]!.shortcode}`, answer: { status: 403 } })
  const changed = sandbox.workable.jobs[1]!.shortcode
  await update({ logics: [(job) => (job.shortcode === changed ? { ...job, title: 'another' } : job)] })
  expect(await points('items')).toEqual({
    'outcome=read_failure': 1,
    'outcome=write_success': 1,
    'outcome=write_unchanged': 2,
  })
  const by = 'http.request.method=GET http.response.status_code=200'
  expect(await points('requests')).toMatchObject({
    [`${by} service.peer.name=workable url.template=/jobs`]: 1,
    [`${by} service.peer.name=workable url.template=/jobs/:shortcode`]: 3,
    [`${by} service.peer.name=hrflow url.template=/job/indexing`]: 3,
  })
  expect(await points('request.duration')).toEqual(await points('requests'))
  expect(await points('run.duration')).toEqual({ 'reason=none status=success_with_failures': 1 })
  expect(await points('pending')).toEqual({ '': 1 })
})

test("a run is below the application's span, and above those of a user's functions", async () => {
  const { update, fillBoard } = await world({ workable: { jobs: 1 } })
  await fillBoard()
  spans.reset()
  const tracer = trace.getTracer('application')
  await tracer.startActiveSpan('nightly', async (nightly) => {
    await update({ logics: [(job) => tracer.startActiveSpan('look up', (span) => (span.end(), job))] })
    nightly.end()
  })
  const [nightly, run, inside] = [named('nightly'), named('workable.update_jobs_in_hrflow'), named('look up')].flat()
  expect(run?.parentSpanContext?.spanId).toBe(nightly?.spanContext().spanId)
  expect(inside?.parentSpanContext?.spanId).toBe(run?.spanContext().spanId)
})

test('a fatal run is a span in error, with no secret in it, also where HrFlow repeats one', async () => {
  const { sandbox, update, fillBoard } = await world({ workable: { jobs: 2 } })
  await fillBoard()
  spans.reset()
  const hrflow_auth = { api_secret: 'ask_wrong-secret-0123456789', api_user: sandbox.hrflow.api_user }
  const { error } = await update({ hrflow_auth, pull_parameters: { created_after: '2001-02-03T04:05:06Z' } })
  const [run] = named('workable.update_jobs_in_hrflow')
  expect(run?.status).toEqual({ code: SpanStatusCode.ERROR, message: error?.message })
  expect(run?.status.message).toContain('***')
  await reader.forceFlush()
  const told = spans
    .getFinishedSpans()
    .map(({ name, attributes, status, events }) => [name, attributes, status, events])
  const all = JSON.stringify([told, measured.getMetrics()])
  expect(all).toContain('/jobs/:shortcode')
  const { workable, hrflow, board_key } = sandbox
  for (const text of [
    'wrong-secret',
    workable.token,
    hrflow.api_user,
    board_key,
    '2001-02-03',
    workable.jobs[0]!.title,
  ])
    expect(all).not.toContain(text)
})

test('a run that is refused is a span too', async () => {
  const { call } = await world({ workable: { jobs: 1 } })
  await call('updateJobsInHrflow', { pull_parameters: { state: 'publised' } })
  const [run] = named('workable.update_jobs_in_hrflow')
  expect(run?.attributes['hrflow_connectors.reason']).toBe('bad_origin_parameters')
  expect(run?.status.message).toContain('Did you mean published?')
})

test('an observer that throws keeps nothing from being measured', async () => {
  const { update, fillBoard } = await world({ workable: { jobs: 2 } })
  await fillBoard()
  await reader.forceFlush()
  measured.reset()
  const observer = () => {
    throw new Error('metrics down')
  }
  expect((await update({}, { observer })).status).toBe('success')
  expect(await points('items')).toEqual({ 'outcome=write_unchanged': 2 })
})
