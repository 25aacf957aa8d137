import { describe, expect, test } from 'vitest'
import { world, type World } from '../support/world.js'
import {
  ALL,
  edited,
  expectRun,
  listEntries,
  NO_REQUESTS,
  ONCE_EACH,
  pageOf,
  seeded,
  sent,
  serveList,
  shortcodeOf,
  updated,
} from './original-run.js'

// The cases in which the Python original's behaviour was recorded. Where a name or a comment says what "the original"
// did, this connector does otherwise.

/** Queries of the list requests of the run. */
function listQueries(w: World): Record<string, string>[] {
  const lists = w.sandbox.workable.requests.filter(({ path }) => path === '/jobs')
  return lists.slice(-sent(w).list).map(({ query }) => query)
}

describe('ordinary runs', () => {
  test('every job is listed, read, compared and written once', async () => {
    const w = await edited()
    expectRun(w, await w.update(), { status: 'success', events: ALL })
    expect(sent(w)).toEqual(ONCE_EACH)
    expect(updated(w)).toBe(6)
  })

  test('an account without jobs is a success with nothing to do', async () => {
    const w = await world({ workable: { jobs: 0 } })
    expectRun(w, await w.update(), { status: 'success', events: {}, listed: 0 })
    expect(sent(w)).toEqual({ ...NO_REQUESTS, list: 1 })
  })

  test('three list pages are read to the end', async () => {
    const w = await edited()
    const entries = await listEntries(w)
    serveList(w, pageOf(entries, 0, 2))
    serveList(w, pageOf(entries, 2, 4))
    expectRun(w, await w.update(), { status: 'success', events: ALL })
    expect(sent(w)).toEqual({ ...ONCE_EACH, list: 3 })
    // The third page comes from Workable's stand-in: it is asked for by the id that the second one named.
    expect(listQueries(w).at(-1)).toMatchObject({ since_id: entries[4]!['id'], limit: '100' })
    expect(updated(w)).toBe(6)
  })

  test('the same job twice in the list is read and written once (the original did it twice)', async () => {
    const w = await edited()
    const [entry] = await listEntries(w)
    serveList(w, { jobs: [entry, entry] })
    expectRun(w, await w.update(), { status: 'success', events: { read_success: 1, write_success: 1 }, listed: 1 })
    expect(sent(w)).toEqual({ list: 1, detail: 1, get: 1, put: 1 })
  })

  test('a store makes the next run free of details and writes (the original repeated all of them)', async () => {
    const w = await edited()
    expectRun(w, await w.update(), { status: 'success', events: ALL })
    w.events.length = 0
    expectRun(w, await w.update(), { status: 'success', events: { read_success: 6, write_unchanged: 6 } })
    expect(sent(w)).toEqual({ list: 1, detail: 0, get: 6, put: 0 })
  })
})

describe('reading parameters', () => {
  test('state is sent with each of two pages', async () => {
    const w = await seeded({ workable: { jobs: 103 } })
    const { workable } = w.sandbox
    for (const [n, { shortcode }] of workable.jobs.entries()) {
      workable.edit(shortcode, { state: n < 2 ? 'draft' : 'published' })
    }
    await w.clock.sleep(20_000)
    const result = await w.update({ pull_parameters: { state: 'published' } })
    expectRun(w, result, { status: 'success', events: { read_success: 101, write_success: 101 }, listed: 101 })
    expect(sent(w)).toEqual({ list: 2, detail: 101, get: 101, put: 101 })
    expect(listQueries(w).map(({ state }) => state)).toEqual(['published', 'published'])
  })

  test('created_after may be a number of seconds, over two pages', async () => {
    const w = await seeded({ workable: { jobs: 104 } })
    const moment = w.sandbox.workable.jobs[2]!.created_at
    const result = await w.update({ pull_parameters: { created_after: Date.parse(moment) / 1000 } })
    expectRun(w, result, { status: 'success', events: { read_success: 101, write_success: 101 }, listed: 101 })
    expect(sent(w)).toEqual({ list: 2, detail: 101, get: 101, put: 101 })
    expect(listQueries(w).map(({ created_after }) => created_after)).toEqual([moment, moment])
  })

  test('updated_after may be ISO text', async () => {
    const w = await edited()
    const updated_after = new Date(w.clock.now()).toISOString()
    await w.clock.sleep(20_000)
    for (const n of [1, 3, 5]) w.sandbox.workable.edit(shortcodeOf(w, n), { title: `Edited once more ${n}` })
    const result = await w.update({ pull_parameters: { updated_after } })
    expectRun(w, result, { status: 'success', events: { read_success: 3, write_success: 3 }, listed: 3 })
    expect(sent(w)).toEqual({ list: 1, detail: 3, get: 3, put: 3 })
    expect(listQueries(w)[0]).toMatchObject({ updated_after: `${updated_after.slice(0, 19)}Z` })
  })

  test.each([
    ['max_id', 2],
    ['since_id', 3],
  ] as const)('%s limits what is read', async (name, at) => {
    const w = await edited()
    const { id } = w.sandbox.workable.jobs[at]!
    const result = await w.update({ pull_parameters: { [name]: id } })
    expectRun(w, result, { status: 'success', events: { read_success: 3, write_success: 3 }, listed: 3 })
    expect(sent(w)).toEqual({ list: 1, detail: 3, get: 3, put: 3 })
    expect(listQueries(w)[0]).toMatchObject({ [name]: id })
  })

  // The original sent two since_id on page 2; from a server that takes the last one it read the same page for ever.
  test.each([
    ['inclusive', 102],
    ['exclusive', 101],
  ] as const)('since_id over two pages (%s) goes on from page to page', async (since_id, listed) => {
    const w = await seeded({ workable: { jobs: 104, since_id } })
    const { id } = w.sandbox.workable.jobs[2]!
    const result = await w.update({ pull_parameters: { since_id: id } })
    expectRun(w, result, { status: 'success', events: { read_success: listed, write_success: listed }, listed })
    expect(sent(w)).toEqual({ list: 2, detail: listed, get: listed, put: listed })
    const [first, second] = listQueries(w).map((query) => query['since_id'])
    expect(first).toBe(id)
    expect(Number.parseInt(second!, 16)).toBeGreaterThan(Number.parseInt(id, 16))
  })

  test.each([
    ['state null', { state: null }],
    ['pull_parameters null (the original refused it)', null],
  ])('%s reads everything', async (_, pull_parameters) => {
    const w = await edited()
    const result = await w.call('updateJobsInHrflow', { pull_parameters })
    expectRun(w, result, { status: 'success', events: ALL })
    expect(listQueries(w)[0]).not.toHaveProperty('state')
  })
})

describe('parameters', () => {
  const origin = 'bad_origin_parameters'
  const target = 'bad_target_parameters'
  const refused: [string, Record<string, unknown>, typeof origin | typeof target, string[]][] = [
    [
      'a state that does not exist',
      { pull_parameters: { state: 'publishd' } },
      origin,
      ['pull_parameters.state', 'Did you mean published?'],
    ],
    [
      'a since_id that is a number',
      { pull_parameters: { since_id: 5 } },
      origin,
      ['pull_parameters.since_id: expected string, received number'],
    ],
    [
      'unknown pull parameters (the original took them)',
      { pull_parameters: { limit: 5, include_fields: 'x' } },
      origin,
      ['pull_parameters.limit', 'pull_parameters.include_fields'],
    ],
    ['no subdomain', { connector_auth: { api_access_token: 'x' } }, origin, ['connector_auth.subdomain: missing']],
    [
      'a token that is a number',
      { connector_auth: { api_access_token: 987654321, subdomain: 'acme' } },
      origin,
      ['connector_auth.api_access_token: expected string, received number'],
    ],
    ['no board_key', { push_parameters: {} }, target, ['push_parameters.board_key: missing']],
    [
      'a board_key of null',
      { push_parameters: { board_key: null } },
      target,
      ['push_parameters.board_key: expected string, received null'],
    ],
    [
      'a board_key that is a number',
      { push_parameters: { board_key: 5 } },
      target,
      ['push_parameters.board_key: expected string, received number'],
    ],
    [
      'an empty board_key (the original sent it)',
      { push_parameters: { board_key: '' } },
      target,
      ['push_parameters.board_key: must not be empty'],
    ],
    [
      'an unknown push parameter (the original took it)',
      { push_parameters: { board_key: 'x', boardkey: 'y' } },
      target,
      ['push_parameters.boardkey', 'Did you mean board_key?'],
    ],
    ['no api_user', { hrflow_auth: { api_secret: 'x' } }, target, ['hrflow_auth.api_user: missing']],
    [
      'both sides wrong',
      { pull_parameters: { state: 'x' }, push_parameters: {} },
      origin,
      ['pull_parameters.state', 'push_parameters.board_key'],
    ],
  ]
  test.each(refused)('%s: refused before any request', async (_, parameters, reason, said) => {
    const w = await world()
    const result = await w.call('updateJobsInHrflow', parameters)
    expectRun(w, result, { status: 'fatal', reason, events: {}, listed: 0 })
    for (const part of said) expect(result.error?.message).toContain(part)
    expect(JSON.stringify(result)).not.toContain('987654321')
    expect(sent(w)).toEqual(NO_REQUESTS)
    expect([...w.sandbox.workable.requests, ...w.sandbox.hrflow.requests]).toEqual([])
  })
})

describe("Workable's rate limit", () => {
  // The original updated 9 of 15, 8 of 60 and 40 of 200, and took the refusals for jobs.
  test.each([
    [10, 15, 1],
    [10, 60, 1],
    [10, 200, 2],
    [50, 120, 2],
  ])(
    '%i requests per 10 s, %i jobs: all are updated, nothing is refused, no slot is wasted',
    async (limit, jobs, list) => {
      const w = await seeded({ workable: { jobs, rate_limit: { limit } } })
      const events = { read_success: jobs, write_success: jobs }
      expectRun(w, await w.update(), { status: 'success', events, listed: jobs })
      expect(sent(w)).toEqual({ list, detail: jobs, get: jobs, put: jobs })
      expect(updated(w)).toBe(jobs)
      const { requests } = w.sandbox.workable
      expect(requests.filter(({ status }) => status !== 200)).toEqual([])
      const slots = new Set(requests.map(({ slot }) => slot))
      expect(slots.size).toBeLessThanOrEqual(Math.ceil((jobs + list) / (limit - 1)) + 1)
    },
  )
})
