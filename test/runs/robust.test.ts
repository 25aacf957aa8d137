// What callers bring along must not make a run throw, end early or lie.
import { expect, test } from 'vitest'
import { MemoryStore, type RunResult, Workable } from '../../src/index.js'
import { systemClock } from '../../src/runtime/clock.js'
import { nonZero, world } from '../support/world.js'

const noop = () => undefined
const silent = { debug: noop, info: noop, warn: noop, error: noop }

test('an observer that throws or rejects changes nothing, and is logged', async () => {
  const said: string[] = []
  const logger = { ...silent, error: (_: object, message: string) => void said.push(message) }
  for (const observer of [
    () => {
      throw new Error('metrics down')
    },
    () => Promise.reject(new Error('metrics down')),
  ]) {
    const { update, fillBoard } = await world({ workable: { jobs: 2 } })
    await fillBoard()
    expect((await update({}, { observer, logger })).status).toBe('success')
  }
  expect(said).toContain('The observer failed: metrics down')
})

test('a logger that throws changes nothing', async () => {
  const { update } = await world({ workable: { jobs: 3 } })
  const logger = {
    ...silent,
    warn: () => {
      throw new Error('disk full')
    },
  }
  const result = await update({ logics: [() => Promise.reject(new Error('x'))] }, { logger })
  expect(nonZero(result)).toEqual({ read_success: 3, logics_failure: 3 })
})

test.each([
  ['an error whose message is no text', Object.assign(new Error(), { message: { code: 1 } })],
  ['an error without a message', new Error('')],
  ['a plain object with a message', { message: 'from some SDK' }],
  ['nothing', undefined],
  [
    'an error whose message throws',
    {
      get message(): string {
        throw new Error('no')
      },
    },
  ],
])('a logic that throws %s fails its own job alone', async (_, thrown) => {
  const { update, fillBoard } = await world({ workable: { jobs: 5 } })
  await fillBoard()
  let seen = 0
  const result = await update({
    logics: [
      (job) => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- users do
        if (++seen === 2) throw thrown
        return job
      },
    ],
  })
  expect(nonZero(result)).toEqual({ read_success: 5, logics_failure: 1, write_unchanged: 4 })
  expect(result.failures[0]?.message.length).toBeGreaterThan(5)
})

test('a message of megabytes is cut', async () => {
  const { update } = await world({ workable: { jobs: 1 } })
  const result = await update({ logics: [() => Promise.reject(new Error('x'.repeat(5_000_000)))] })
  expect(result.failures[0]?.message.length).toBeLessThanOrEqual(2_000)
})

test.each([false, 0, 'job'])('a logic that returns %j is named with its place', async (value) => {
  const { call } = await world({ workable: { jobs: 1 } })
  const result = await call('updateJobsInHrflow', { logics: [(job: unknown) => job, () => value] })
  expect(nonZero(result)).toEqual({ read_success: 1, logics_failure: 1 })
  expect(result.failures[0]?.message).toContain('logics[1] returned')
})

test('what an observer or a caller does to what it was given stays with it', async () => {
  const { sandbox, update, runtime } = await world({ workable: { jobs: 1 } })
  const reference = sandbox.workable.jobs[0]!.shortcode
  sandbox.fault({ service: 'workable', path: `/jobs/${reference}`, answer: { status: 400 } })
  const result = await update(
    {},
    {
      observer: (event) => {
        if (event.type === 'item' && event.failure) event.failure.message = 'changed'
      },
    },
  )
  expect(result.failures[0]?.message).not.toBe('changed')
  result.events.read_failure = 77
  const [kept] = (await runtime.store?.runs({ limit: 1 })) ?? []
  expect(kept?.result?.events.read_failure).toBe(1)
})

test('a store that cannot count the budget is named as such', async () => {
  class Broken extends MemoryStore {
    override takeBudget(): Promise<boolean> {
      return Promise.reject(new Error('disk I/O error'))
    }
  }
  const { update } = await world({ workable: { jobs: 1 } })
  const result = await update({}, { store: new Broken() })
  expect(result).toMatchObject({ status: 'fatal', reason: 'backend_not_configured', error: { code: 'state_unusable' } })
})

test('a deadline beyond what a timer can hold does not stop the run', async () => {
  const stop = new AbortController()
  let woken = false
  void systemClock.sleep(40 * 86_400_000, stop.signal).then(() => (woken = true))
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(woken).toBe(false)
  stop.abort()
})

test('a deadline in the past asks for nothing', async () => {
  const { update, counts, clock } = await world()
  expect((await update({}, { deadline: clock.now() - 1 })).reason).toBe('interrupted')
  expect(counts().list).toBe(0)
})

const throwing = new Proxy(
  {},
  {
    get: () => {
      throw new Error('boom')
    },
  },
)

test.each<[unknown, string]>([
  [{ signl: 1 }, 'runtime.signl: unknown parameter. Did you mean signal?'],
  [{ deadline: 'soon' }, 'runtime.deadline: expected number, received string.'],
  [{ logger: {} }, 'runtime.logger: expected an object with the methods debug'],
  [{ observer: 5 }, 'runtime.observer: expected a function'],
  [
    { base_urls: { workabel: 'http://127.0.0.1:1' } },
    'runtime.base_urls.workabel: unknown parameter. Did you mean workable?',
  ],
  [{ compare: { limt: 1 } }, 'runtime.compare.limt: unknown parameter. Did you mean limit?'],
  [null, 'runtime: expected object, received null.'],
  [5, 'runtime: expected object, received number.'],
  ['state', 'runtime: expected object, received string.'],
  [throwing, 'runtime: a value in it throws when it is read.'],
])('a runtime that cannot work is a fatal result that names it: %#', async (runtime, said) => {
  const { parameters, counts } = await world({ workable: { jobs: 1 } })
  const call: (parameters: unknown, runtime: unknown) => Promise<RunResult> = Workable.updateJobsInHrflow as never
  const { status, reason, error } = await call(parameters, runtime)
  expect({ status, reason, code: error?.code }).toEqual({
    ...{ status: 'fatal', reason: 'bad_origin_parameters', code: 'bad_runtime' },
  })
  expect(error?.message).toContain(said)
  expect(counts()).toMatchObject({ list: 0 })
})

test('parameters that throw when they are read are a fatal result too', async () => {
  const { runtime, parameters } = await world({ workable: { jobs: 1 } })
  const call: (parameters: unknown, runtime: unknown) => Promise<RunResult> = Workable.updateJobsInHrflow as never
  const persist = Object.defineProperty({ ...parameters }, 'persist', {
    get: () => Reflect.get(throwing, 'x') as unknown,
    enumerable: true,
  })
  for (const odd of [throwing, persist, { ...parameters, pull_parameters: throwing }])
    expect(await call(odd, runtime)).toMatchObject({ status: 'fatal', reason: 'bad_origin_parameters' })
})

test('a workflow id that holds a secret does not show it', async () => {
  const { sandbox, update } = await world({ workable: { jobs: 1 } })
  const result = await update({ workflow_id: `run ${sandbox.workable.token}` })
  expect(JSON.stringify(result)).not.toContain(sandbox.workable.token)
})
