import { describe, expect, test } from 'vitest'
import type { FaultAnswer } from '../../src/sandbox/index.js'
import {
  ALL,
  ALL_BUT_ONE_READ,
  detailOf,
  edited,
  expectRun,
  expectSums,
  html,
  IMPATIENT,
  json,
  listEntries,
  NO_REQUESTS,
  ONCE_EACH,
  pageOf,
  sent,
  serveList,
  shortcodeOf,
  updated,
} from './original-run.js'

// The cases in which the Python original's behaviour was recorded. Where a name or a comment says what "the original"
// did, this connector does otherwise.

describe('the list goes wrong', () => {
  test('a wrong Workable token ends the run at once and says what to check', async () => {
    const w = await edited()
    const connector_auth = { ...w.parameters.connector_auth, api_access_token: 'wrong-token-0001' }
    const result = await w.update({ connector_auth })
    expectRun(w, result, { status: 'fatal', reason: 'read_failure', events: { list_failure: 1 }, listed: 0 })
    expect(result.error).toMatchObject({
      code: 'unauthorized',
      hint: expect.stringContaining('api_access_token') as string,
    })
    expect(JSON.stringify(result)).not.toContain('wrong-token-0001')
    expect(sent(w)).toEqual({ ...NO_REQUESTS, list: 1 })
  })

  const unreadable: [string, FaultAnswer][] = [
    ['500', json(500)],
    ['429', json(429)],
    ['200 {} (a success for the original)', json(200, {})],
    ['jobs: null', json(200, { jobs: null })],
  ]
  test.each(unreadable)('page 1 always answers %s: nothing could be read', async (_, answer) => {
    const w = await edited()
    w.sandbox.fault({ service: 'workable', path: '/jobs', answer })
    const result = await w.update()
    expectRun(w, result, { status: 'fatal', reason: 'read_failure', events: { list_failure: 1 }, listed: 0 })
    expect(sent(w)).toMatchObject({ detail: 0, get: 0, put: 0 })
  })

  test.each(unreadable)('page 1 answers %s once: it is asked for again', async (_, answer) => {
    const w = await edited()
    w.sandbox.fault({ service: 'workable', path: '/jobs', times: 1, answer })
    expectRun(w, await w.update(), { status: 'success', events: ALL })
    expect(sent(w)).toEqual({ ...ONCE_EACH, list: 2 })
    expect(updated(w)).toBe(6)
  })

  test('page 1 answers 500 however little is asked for: it is halved down to one entry first', async () => {
    const w = await edited()
    const limits: (string | undefined)[] = []
    const when = ({ query }: { query: Record<string, string> }) => limits.push(query['limit']) > 0
    w.sandbox.fault({ service: 'workable', path: '/jobs', when, answer: json(500) })
    const result = await w.update()
    expectRun(w, result, { status: 'fatal', reason: 'read_failure', events: { list_failure: 1 }, listed: 0 })
    expect([...new Set(limits)]).toEqual(['100', '50', '25', '12', '6', '3', '1'])
    expect(limits.slice(0, 4)).toEqual(['100', '100', '50', '50'])
  })

  const onPage2 = {
    service: 'workable',
    path: '/jobs',
    when: ({ query }: { query: Record<string, string> }) => 'since_id' in query,
  } as const
  // The original wrote nothing of page 1.
  test.each<[string, FaultAnswer]>([
    ['500', json(500)],
    ['a closed socket', 'close'],
  ])('page 2 of 2 always answers %s: page 1 is delivered', async (_, answer) => {
    const w = await edited()
    serveList(w, pageOf(await listEntries(w), 0, 4))
    w.sandbox.fault({ ...onPage2, answer })
    const events = { read_success: 4, list_failure: 1, write_success: 4 }
    expectRun(w, await w.update(), { status: 'success_with_failures', events, listed: 4 })
    expect(sent(w)).toMatchObject({ detail: 4, get: 4, put: 4 })
    expect(updated(w)).toBe(4)
  })

  test.each<[string, FaultAnswer]>([
    ['500', json(500)],
    ['a closed socket', 'close'],
  ])('page 2 of 2 answers %s once: it is asked for again', async (_, answer) => {
    const w = await edited()
    serveList(w, pageOf(await listEntries(w), 0, 4))
    w.sandbox.fault({ ...onPage2, times: 1, answer })
    expectRun(w, await w.update(), { status: 'success', events: ALL })
    expect(sent(w)).toEqual({ ...ONCE_EACH, list: 3 })
    expect(updated(w)).toBe(6)
  })

  test('paging: null is the end of the list (fatal in the original)', async () => {
    const w = await edited()
    serveList(w, { jobs: await listEntries(w), paging: null })
    expectRun(w, await w.update(), { status: 'success', events: ALL })
    expect(sent(w)).toEqual(ONCE_EACH)
  })

  test('an entry without a shortcode fails alone (the original read nothing after it)', async () => {
    const w = await edited()
    const entries = await listEntries(w)
    delete entries[1]!['shortcode']
    serveList(w, { jobs: entries })
    const result = await w.update()
    expectRun(w, result, { status: 'success_with_failures', events: ALL_BUT_ONE_READ })
    expect(result.failures).toMatchObject([{ reference: null, stage: 'list' }])
    expect(sent(w)).toEqual({ list: 1, detail: 5, get: 5, put: 5 })
  })
})

describe('details go wrong', () => {
  // For the original an error body was a job like any other, and whatever raised ended the reading.
  const wrong: [string, number, FaultAnswer, string][] = [
    ['1: socket closed', 1, 'close', 'http_network'],
    ['3: socket closed', 3, 'close', 'http_network'],
    ['6 (last): socket closed', 6, 'close', 'http_network'],
    ['3: body cut half way', 3, 'half_body', 'http_network'],
    ['3: 500 with an HTML body', 3, html(500), 'http_500'],
    ['3: 200 null', 3, json(200, null), 'http_unusable'],
    ['3: 500 with a JSON body', 3, json(500), 'http_500'],
    ['3: 429 with a JSON body', 3, json(429), 'http_429'],
  ]

  test.each(wrong)('detail %s, every time: this job fails, the others are written', async (_, n, answer, code) => {
    const w = await edited()
    w.sandbox.fault({ ...detailOf(w, n), answer })
    const result = await w.update()
    expectRun(w, result, { status: 'success_with_failures', events: ALL_BUT_ONE_READ })
    expect(result.failures).toMatchObject([{ reference: shortcodeOf(w, n), stage: 'load', code }])
    expect(sent(w)).toEqual({ list: 1, detail: 5 + result.failures[0]!.attempts, get: 5, put: 5 })
    expect(result.failures[0]!.attempts).toBeGreaterThan(1)
    expect(updated(w)).toBe(5)
  })

  test.each(wrong)('detail %s, once: it is asked for again', async (_, n, answer) => {
    const w = await edited()
    w.sandbox.fault({ ...detailOf(w, n), times: 1, answer })
    expectRun(w, await w.update(), { status: 'success', events: ALL })
    expect(sent(w)).toEqual({ ...ONCE_EACH, detail: 7 })
    expect(updated(w)).toBe(6)
  })

  // The original waited without end.
  test('detail 3 never answers: this job fails, the others are written', async () => {
    const w = await edited()
    w.sandbox.fault({ ...detailOf(w, 3), answer: 'hang' })
    const result = await w.update({}, IMPATIENT)
    expectRun(w, result, { status: 'success_with_failures', events: ALL_BUT_ONE_READ })
    expect(result.failures).toMatchObject([{ reference: shortcodeOf(w, 3), stage: 'load', code: 'http_timeout' }])
    expect(sent(w).detail).toBeGreaterThanOrEqual(7)
    expect(updated(w)).toBe(5)
  })

  test('detail 3 does not answer once: it is asked for again', async () => {
    const w = await edited()
    w.sandbox.fault({ ...detailOf(w, 3), times: 1, answer: 'hang' })
    expectRun(w, await w.update({}, IMPATIENT), { status: 'success', events: ALL })
    expect(sent(w).detail).toBeGreaterThanOrEqual(7)
    expect(updated(w)).toBe(6)
  })

  test('detail 3: 404 every time: the job is gone, which is no failure', async () => {
    const w = await edited()
    w.sandbox.fault({ ...detailOf(w, 3), answer: json(404) })
    const events = { read_success: 5, read_gone: 1, write_success: 5 }
    expectRun(w, await w.update(), { status: 'success', events })
    expect(sent(w)).toEqual({ list: 1, detail: 8, get: 5, put: 5 })
  })

  test('detail 3: 404 twice: a replica was late, the job is read', async () => {
    const w = await edited()
    w.sandbox.fault({ ...detailOf(w, 3), times: 2, answer: json(404) })
    expectRun(w, await w.update(), { status: 'success', events: ALL })
    expect(sent(w)).toEqual({ ...ONCE_EACH, detail: 8 })
  })

  test('detail 3: 401: the token is no longer good, the run is fatal; what was read is written', async () => {
    const w = await edited()
    w.sandbox.fault({ ...detailOf(w, 3), answer: json(401) })
    const result = await w.update()
    expect(result).toMatchObject({ status: 'fatal', reason: 'read_failure', error: { code: 'unauthorized' } })
    expectSums(w, result, { status: 'fatal', events: {} })
    // How many details were in flight when the 401 came is not promised.
    expect(result.events).toMatchObject({ read_failure: 1, write_success: result.events.read_success })
    expect(result.events.read_success + result.events.read_skipped).toBe(5)
    expect(updated(w)).toBe(result.events.write_success)
  })

  test('details 1, 2, 3 of 6: 500: three jobs are written (the original called the run fatal)', async () => {
    const w = await edited()
    for (const n of [1, 2, 3]) w.sandbox.fault({ ...detailOf(w, n), answer: json(500) })
    const events = { read_success: 3, read_failure: 3, write_success: 3 }
    expectRun(w, await w.update(), { status: 'success_with_failures', events })
    expect(sent(w)).toMatchObject({ list: 1, get: 3, put: 3 })
    expect(updated(w)).toBe(3)
  })

  test('every detail: 500: nothing could be read (success_with_failures in the original)', async () => {
    const w = await edited()
    w.sandbox.fault({ service: 'workable', path: /^\/jobs\/./, answer: json(500) })
    expectRun(w, await w.update(), { status: 'fatal', reason: 'read_failure', events: { read_failure: 6 } })
    expect(sent(w)).toMatchObject({ list: 1, get: 0, put: 0 })
  })
})
