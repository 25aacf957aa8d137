import { expect } from 'vitest'
import type { EventCounters, Reason, RunResult, Status } from '../../src/index.js'
import type { Fault, FaultAnswer, SandboxOptions } from '../../src/sandbox/index.js'
import { nonZero, world, type World } from '../support/world.js'

export const ALL = { read_success: 6, write_success: 6 }
export const ALL_BUT_ONE_READ = { read_success: 5, read_failure: 1, write_success: 5 }
export const ALL_BUT_ONE_WRITTEN = { read_success: 6, write_success: 5, write_failure: 1 }
export const NONE_WRITTEN = { read_success: 6, write_failure: 6 }
export const ONCE_EACH = { list: 1, detail: 6, get: 6, put: 6 }
export const NO_REQUESTS = { list: 0, detail: 0, get: 0, put: 0 }

/** `world` with time enough for each request, however busy this machine is: a timeout would be one request more. */
async function patient(options: SandboxOptions): Promise<World> {
  const w = await world(options)
  w.runtime.http = { attempt_timeout_ms: 10_000 }
  return w
}

/** For answers that never come: two short attempts. */
export const IMPATIENT = { http: { attempt_timeout_ms: 500, max_attempts: 2 } }

/** Every job of the board is older than its Workable job, so that each one is to be written. */
export async function edited(options: SandboxOptions = {}): Promise<World> {
  const w = await patient(options)
  await w.fillBoard()
  const { workable } = w.sandbox
  for (const [index, { shortcode }] of workable.jobs.entries()) workable.edit(shortcode, { title: `Edited ${index}` })
  // Another slot, so that the budget is whole again; and the edits have settled.
  await w.clock.sleep(20_000)
  return w
}

/** As `edited`, for many jobs: the board holds nothing but their references. */
export async function seeded(options: SandboxOptions = {}): Promise<World> {
  const w = await patient(options)
  const { workable, hrflow, board_key } = w.sandbox
  for (const [index, { shortcode }] of workable.jobs.entries()) {
    workable.edit(shortcode, { title: `Edited ${index}` })
    hrflow.seed(board_key, { reference: shortcode })
  }
  await w.clock.sleep(20_000)
  return w
}

interface Expected {
  status: Status
  reason?: Reason
  /** The counters that are not 0. */
  events: Partial<EventCounters>
  /** Jobs that were listed. Default: 6. */
  listed?: number
  /** A run with `persist: false`. */
  dry?: boolean
}

/** Checks how a run ended, that its counters add up, and that nothing in its result is a secret. */
export function expectRun(w: World, result: RunResult, expected: Expected): void {
  const { status, reason = 'none', events } = expected
  expect({ status: result.status, reason: result.reason, events: nonZero(result) }).toEqual({ status, reason, events })
  expectSums(w, result, expected)
}

/** What holds in every run, however it ended. */
export function expectSums(w: World, result: RunResult, { status, listed = 6, dry = false }: Expected): void {
  const { events, failures, error } = result
  const items = w.events.filter((event) => event.type === 'item')
  const read = ['read_failure', 'read_unchanged', 'read_filtered', 'read_gone', 'read_skipped'] as const
  const passed = ['logics_discard', 'logics_failure', 'format_failure'] as const
  const written = ['write_success', 'write_unchanged', 'write_not_found', 'write_failure', 'write_skipped'] as const
  const sum = (names: readonly (keyof EventCounters)[]) => names.reduce((total, name) => total + events[name], 0)
  expect(events.read_success + sum(read)).toBe(listed)
  expect(items).toHaveLength(listed)
  const previewed = items.filter(({ outcome }) => outcome === 'previewed').length
  expect(dry ? sum(written) : previewed).toBe(0)
  expect(sum([...passed, ...written]) + previewed).toBe(events.read_success)
  const references = items.flatMap(({ reference }) => reference ?? [])
  expect(new Set(references).size).toBe(references.length)
  const failed = ['read_failure', 'list_failure', 'logics_failure', 'format_failure', 'write_failure'] as const
  expect(failures).toHaveLength(sum(failed) + events.callback_failure)
  for (const failure of failures) expect(failure.message).toMatch(/\w/)
  expect(error !== null).toBe(status === 'fatal')
  const { workable, hrflow } = w.sandbox
  expect(JSON.stringify(result)).not.toContain(workable.token)
  expect(JSON.stringify(result)).not.toContain(hrflow.api_secret)
  // The original made jobs of error bodies and sent them with `"reference": null`.
  for (const { method, body } of hrflow.requests) {
    if (method === 'PUT') expect(body).toMatchObject({ reference: expect.stringMatching(/./) as string })
  }
}

/** Requests that were sent, whether or not they reached the service. */
export function sent({ events }: World) {
  const of = (service: string, method: string, path: string) =>
    events
      .filter((event) => event.type === 'request')
      .filter(({ request }) => {
        return request.service === service && request.method === method && request.path === path
      }).length
  return {
    list: of('workable', 'GET', '/jobs'),
    detail: of('workable', 'GET', '/jobs/:shortcode'),
    get: of('hrflow', 'GET', '/job/indexing'),
    put: of('hrflow', 'PUT', '/job/indexing'),
  }
}

/** How many jobs of the board show the title that was given in Workable. */
export function updated({ sandbox }: World): number {
  return sandbox.hrflow.jobs(sandbox.board_key).filter(({ name }) => name.startsWith('Edited ')).length
}

/** The key of the n-th job, counted from 1 as the original's record does. */
export function shortcodeOf({ sandbox }: World, n: number): string {
  return sandbox.workable.jobs[n - 1]!.shortcode
}

/** The detail requests of the n-th job. */
export function detailOf(w: World, n: number): Fault {
  return { service: 'workable', method: 'GET', path: `/jobs/${shortcodeOf(w, n)}`, answer: 'close' }
}

/** The PUT requests of the n-th job. */
export function putOf(w: World, n: number): Fault {
  const reference = `"reference":"${shortcodeOf(w, n)}"`
  return {
    service: 'hrflow',
    method: 'PUT',
    path: '/job/indexing',
    when: ({ body }) => body.includes(reference),
    answer: 'close',
  }
}

export const json = (status: number, body: unknown = { error: 'no luck' }): FaultAnswer => {
  return { status, body: JSON.stringify(body) }
}

export const html = (status: number): FaultAnswer => {
  return { status, body: '<html><body>Sorry</body></html>', headers: { 'content-type': 'text/html' } }
}

/** What the list answers, to be changed and served instead. */
export async function listEntries(w: World): Promise<Record<string, unknown>[]> {
  const { workable } = w.sandbox
  const headers = { authorization: `Bearer ${workable.token}` }
  const url = `http://localhost/${workable.subdomain}/spi/v3/jobs?include_fields=description,full_description`
  const answer = await workable.fetch(new Request(url, { headers }))
  await w.clock.sleep(20_000)
  return ((await answer.json()) as { jobs: Record<string, unknown>[] }).jobs
}

/** A page of the list that holds some of its entries and points to the one after them. */
export function pageOf(entries: Record<string, unknown>[], from: number, to: number) {
  const next = `https://www.workable.com/spi/v3/accounts/acme/jobs?limit=${to - from}&since_id=${String(entries[to]!['id'])}`
  return { jobs: entries.slice(from, to), paging: { next } }
}

/** The list is answered so once, in place of Workable's own answer. */
export function serveList(w: World, body: unknown): void {
  w.sandbox.fault({ service: 'workable', path: '/jobs', times: 1, answer: json(200, body) })
}

/** Picks every second job, whatever the order they come in. */
export function everySecond({ sandbox }: World): (job: { shortcode?: string | null | undefined }) => boolean {
  const picked = sandbox.workable.jobs.filter((_, index) => index % 2 === 1).map(({ shortcode }) => shortcode)
  return ({ shortcode }) => picked.includes(shortcode ?? '')
}
