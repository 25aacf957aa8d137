import { describe, expect, test } from 'vitest'
import type { FaultAnswer } from '../../src/sandbox/index.js'
import { world } from '../support/world.js'
import {
  ALL,
  ALL_BUT_ONE_WRITTEN,
  edited,
  everySecond,
  expectRun,
  expectSums,
  html,
  IMPATIENT,
  json,
  NONE_WRITTEN,
  ONCE_EACH,
  putOf,
  sent,
  shortcodeOf,
  updated,
} from './original-run.js'

// The cases in which the Python original's behaviour was recorded. Where a name or a comment says what "the original"
// did, this connector does otherwise.

describe('HrFlow refuses the run', () => {
  // The original sent all six and counted six failures.
  test.each([
    [
      'a wrong key',
      { hrflow_auth: { api_secret: 'ask_wrong0001', api_user: 'owner@example.com' } },
      'unauthorized',
      'api_secret',
    ],
    ['an unknown board', { push_parameters: { board_key: 'f'.repeat(40) } }, 'unknown_board', 'board_key'],
  ])('%s ends the run and says what to check', async (_, parameters, code, field) => {
    const w = await edited()
    const result = await w.update(parameters)
    expect(result).toMatchObject({ status: 'fatal', reason: 'write_failure', error: { code } })
    expect(result.error?.hint).toContain(field)
    expectSums(w, result, { status: 'fatal', events: {} })
    // How many items were on their way when the first was refused is not promised.
    const { write_failure, write_skipped, read_skipped } = result.events
    expect(write_failure).toBeGreaterThan(0)
    expect(write_failure + write_skipped + read_skipped).toBe(6)
    // HrFlow's own message repeats the key that was sent.
    expect(JSON.stringify([result, w.events])).not.toContain('ask_wrong0001')
    expect(sent(w).put).toBe(0)
    expect(updated(w)).toBe(0)
  })
})

describe('jobs that the board does not have', () => {
  test('none of the references is known: each is counted as not found (uncounted in the original)', async () => {
    const w = await world()
    expectRun(w, await w.update(), { status: 'success', events: { read_success: 6, write_not_found: 6 } })
    expect(sent(w)).toEqual({ ...ONCE_EACH, put: 0 })
    expect(w.sandbox.hrflow.jobs(w.sandbox.board_key)).toEqual([])
  })

  test('every second reference is known: those are written', async () => {
    const w = await world()
    const { hrflow, board_key, workable } = w.sandbox
    for (const job of workable.jobs.filter(everySecond(w))) hrflow.seed(board_key, { reference: job.shortcode })
    const events = { read_success: 6, write_success: 3, write_not_found: 3 }
    expectRun(w, await w.update(), { status: 'success', events })
    expect(sent(w)).toEqual({ ...ONCE_EACH, put: 3 })
    expect(hrflow.jobs(board_key)).toHaveLength(3)
  })
})

describe('a PUT goes wrong', () => {
  const wrong: [string, FaultAnswer, string][] = [
    ['500 JSON', json(500, { code: 500, message: 'Internal error' }), 'http_500'],
    ['429 JSON', json(429, { code: 429, message: 'Too many requests' }), 'http_429'],
    ['500 HTML', html(500), 'http_500'],
    // The original took this for a success.
    ['500 HTTP, code 200 in the body', json(500, { code: 200, message: 'Job edited' }), 'http_500'],
    // The original stopped writing here and counted the jobs that were written as failed.
    ['socket closed', 'close', 'http_network'],
  ]

  test.each(wrong)('PUT 3: %s, every time: this job fails, the others are written', async (_, answer, code) => {
    const w = await edited()
    w.sandbox.fault({ ...putOf(w, 3), answer })
    const result = await w.update()
    expectRun(w, result, { status: 'success_with_failures', events: ALL_BUT_ONE_WRITTEN })
    expect(result.failures).toMatchObject([{ reference: shortcodeOf(w, 3), stage: 'write', code, attempts: 5 }])
    expect(sent(w)).toEqual({ list: 1, detail: 6, get: 10, put: 10 })
    expect(updated(w)).toBe(5)
  })

  test.each(wrong)('PUT 3: %s, once: it is tried again from its GET on', async (_, answer) => {
    const w = await edited()
    w.sandbox.fault({ ...putOf(w, 3), times: 1, answer })
    expectRun(w, await w.update(), { status: 'success', events: ALL })
    expect(sent(w)).toEqual({ list: 1, detail: 6, get: 7, put: 7 })
    expect(updated(w)).toBe(6)
  })

  // The original waited without end.
  test('PUT 3: no answer, every time: this job fails, the others are written', async () => {
    const w = await edited()
    w.sandbox.fault({ ...putOf(w, 3), answer: 'hang' })
    const result = await w.update({}, IMPATIENT)
    expectRun(w, result, { status: 'success_with_failures', events: ALL_BUT_ONE_WRITTEN })
    expect(result.failures).toMatchObject([{ reference: shortcodeOf(w, 3), stage: 'write', code: 'http_timeout' }])
    expect(sent(w).put).toBeGreaterThanOrEqual(7)
    expect(updated(w)).toBe(5)
  })

  test('PUT 3: no answer, once: it is tried again from its GET on', async () => {
    const w = await edited()
    w.sandbox.fault({ ...putOf(w, 3), times: 1, answer: 'hang' })
    expectRun(w, await w.update({}, IMPATIENT), { status: 'success', events: ALL })
    expect(sent(w).put).toBeGreaterThanOrEqual(7)
    expect(updated(w)).toBe(6)
  })

  test.each<[string, FaultAnswer]>([
    ['200 HTTP, code 400 in the body', json(200, { code: 400, message: 'Invalid parameters. name cannot be null' })],
    // The original stopped writing here.
    ['400 without a message', json(400, { code: 400 })],
  ])('PUT 3: %s: this job fails, and is not tried again', async (_, answer) => {
    const w = await edited()
    w.sandbox.fault({ ...putOf(w, 3), answer })
    const result = await w.update()
    expectRun(w, result, { status: 'success_with_failures', events: ALL_BUT_ONE_WRITTEN })
    expect(result.failures).toMatchObject([
      { reference: shortcodeOf(w, 3), stage: 'write', code: 'http_400', attempts: 1 },
    ])
    expect(sent(w)).toEqual(ONCE_EACH)
    expect(updated(w)).toBe(5)
  })

  // The original took the first for the end of the world and knew nothing of the second.
  test.each<[string, FaultAnswer]>([
    ['the socket closes after the work was done', 'close_after'],
    ['the answer is cut half way', 'half_body'],
  ])('PUT 3: %s: a new GET shows that it is written', async (_, answer) => {
    const w = await edited()
    w.sandbox.fault({ ...putOf(w, 3), answer })
    expectRun(w, await w.update(), { status: 'success', events: ALL })
    expect(sent(w)).toEqual({ ...ONCE_EACH, get: 7 })
    expect(updated(w)).toBe(6)
  })

  // The original gave up all of the run, of which two jobs were written.
  test('PUT 3: 200 {} once: a new GET shows that nothing was written, and it is sent again', async () => {
    const w = await edited()
    w.sandbox.fault({ ...putOf(w, 3), answer: json(200, {}), times: 1 })
    expectRun(w, await w.update(), { status: 'success', events: ALL })
    expect(sent(w)).toEqual({ ...ONCE_EACH, get: 7, put: 7 })
    expect(updated(w)).toBe(6)
  })

  test('PUT 3: 200 {} each time: what never shows on the board is no success', async () => {
    const w = await edited()
    w.sandbox.fault({ ...putOf(w, 3), answer: json(200, {}) })
    const events = { read_success: 6, write_success: 5, write_failure: 1 }
    expectRun(w, await w.update(), { status: 'success_with_failures', events })
    expect(updated(w)).toBe(5)
  })

  test('every PUT: 500: the run is fatal', async () => {
    const w = await edited()
    w.sandbox.fault({ service: 'hrflow', method: 'PUT', answer: json(500, { code: 500, message: 'Internal error' }) })
    expectRun(w, await w.update(), { status: 'fatal', reason: 'write_failure', events: NONE_WRITTEN })
    expect(sent(w)).toEqual({ list: 1, detail: 6, get: 30, put: 30 })
    expect(updated(w)).toBe(0)
  })
})

// The original took any media type but `application/json` for an answer without a body.
describe.each([
  ['with a charset', 'application/json; charset=utf-8'],
  ['missing', ''],
  ['another', 'text/plain'],
])('the content type of HrFlow is %s', (_, content_type) => {
  test('known jobs are written', async () => {
    const w = await edited({ hrflow: { content_type } })
    expectRun(w, await w.update(), { status: 'success', events: ALL })
    expect(sent(w)).toEqual(ONCE_EACH)
    expect(updated(w)).toBe(6)
  })

  test('unknown jobs are not found', async () => {
    const w = await world({ hrflow: { content_type } })
    expectRun(w, await w.update(), { status: 'success', events: { read_success: 6, write_not_found: 6 } })
    expect(sent(w)).toEqual({ ...ONCE_EACH, put: 0 })
  })
})
