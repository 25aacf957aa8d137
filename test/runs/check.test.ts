// What `check` finds out by asking: each case is a set-up that a run would fail with, or would not mean.
import { describe, expect, test } from 'vitest'
import { registry } from '../../src/connectors/index.js'
import { HttpError } from '../../src/core/errors.js'
import { connectionLine } from '../../src/core/model/connection.js'
import type { Action } from '../../src/core/model/flow.js'
import type { RequestEvent } from '../../src/core/ports/events.js'
import { budgetLine, type CheckedLine } from '../../src/core/preflight/check.js'
import { MemoryStore } from '../../src/index.js'
import { checkAction } from '../../src/runtime/preflight.js'
import type { SandboxOptions } from '../../src/sandbox/index.js'
import { world, type World } from '../support/world.js'

const BOTH = { api_access_token: 'wrong', subdomain: 'acme' }

function actionOf(mode: string): Action {
  const action = registry.Workable.actions.find(({ id }) => id === `${mode}_jobs_in_hrflow`)
  if (!action) throw new Error(`There is no action ${mode}.`)
  return action
}

async function check(
  made: World,
  more: Record<string, unknown> = {},
  { mode = 'update', runtime = made.runtime } = {},
): Promise<CheckedLine[]> {
  const lines: CheckedLine[] = []
  for await (const line of checkAction(actionOf(mode), { ...made.parameters, ...more }, runtime)) lines.push(line)
  return lines
}

/** `Workable token` -> verdict. */
function verdicts(lines: readonly CheckedLine[], about: string): Record<string, string> {
  const mine = lines.filter((line) => line.about === about)
  return Object.fromEntries(mine.map(({ what, verdict }) => [what, verdict]))
}

function said(lines: readonly CheckedLine[], what: string): string {
  const line = lines.find((known) => known.what === what)
  return `${line?.verdict ?? ''} ${line?.said ?? ''} ${line?.todo ?? ''}`
}

const of = (options: SandboxOptions = {}) => world({ ...options, workable: { jobs: 6, ...options.workable } })

describe('a check where all is good', () => {
  test('says so line by line, with few requests, none of which writes', async () => {
    const made = await of()
    await made.fillBoard()
    const lines = await check(made)
    expect(lines.filter(({ verdict }) => verdict === 'bad')).toEqual([])
    expect(verdicts(lines, 'Parameters')).toEqual({ parameters: 'good' })
    expect(verdicts(lines, 'Workable')).toMatchObject({
      reachable: 'good',
      api_access_token: 'good',
      scope: 'good',
      subdomain: 'good',
      'rate limit': 'good',
    })
    expect(verdicts(lines, 'HrFlow')).toEqual({
      reachable: 'good',
      'api_secret, api_user': 'good',
      permission: 'good',
      board_key: 'good',
      write: 'good',
    })
    expect(said(lines, 'board_key')).toContain('Jobs on it: 6.')
    const { list, detail, get, put, post, patch } = made.counts()
    expect({ list, detail, get, put, post, patch }).toEqual({ list: 1, detail: 0, get: 1, put: 0, post: 0, patch: 0 })
    expect(made.sandbox.hrflow.requests.slice(-3).map(({ method }) => method)).toEqual(['GET', 'GET', 'GET'])
  })

  test('says where state is kept, and that another address is used', async () => {
    const made = await of()
    const lines = await check(made)
    expect(said(lines, 'store')).toContain('version')
    expect(lines.filter(({ what }) => what === 'address').map(({ verdict }) => verdict)).toEqual(['warning', 'warning'])
    const forgetful = { ...made.runtime, store: new MemoryStore({ remembers: false }) }
    expect(said(await check(made, {}, { runtime: forgetful }), 'store')).toContain('Nothing is kept')
  })
})

describe('Workable', () => {
  test('that refuses the token is told from one that lacks the scope', async () => {
    const made = await of()
    const wrong = await check(made, { connector_auth: BOTH })
    expect(verdicts(wrong, 'Workable')).toMatchObject({ reachable: 'good', api_access_token: 'bad', scope: 'unknown' })
    made.sandbox.fault({ service: 'workable', answer: { status: 403, body: '{"error":"Forbidden"}' } })
    const lines = await check(made)
    expect(verdicts(lines, 'Workable')).toMatchObject({ reachable: 'good', api_access_token: 'good', scope: 'bad' })
    expect(said(lines, 'scope')).toContain('r_jobs')
  })

  test('does not know the subdomain', async () => {
    const made = await of()
    const { api_access_token } = made.parameters.connector_auth
    const lines = await check(made, { connector_auth: { api_access_token, subdomain: 'elsewhere' } })
    expect(verdicts(lines, 'Workable')).toMatchObject({ subdomain: 'bad', api_access_token: 'unknown' })
    expect(said(lines, 'subdomain')).toContain('elsewhere')
  })

  test('is down, and HrFlow is checked all the same', async () => {
    const made = await of()
    made.sandbox.fault({ service: 'workable', answer: { status: 503 } })
    const lines = await check(made)
    expect(verdicts(lines, 'Workable')).toEqual({ reachable: 'bad' })
    expect(said(lines, 'reachable')).toContain('503')
    expect(verdicts(lines, 'HrFlow')).toMatchObject({ board_key: 'warning' })
  })

  test('whose limit others use up', async () => {
    const made = await of()
    made.sandbox.fault({ service: 'workable', answer: { status: 429 } })
    const lines = await check(made)
    expect(verdicts(lines, 'Workable')).toEqual({ 'rate limit': 'bad' })
    expect(said(lines, 'rate limit')).toContain('others use up')
  })

  test('has no jobs, or none that the filter takes', async () => {
    const empty = await world({ workable: { jobs: 0 } })
    expect(said(await check(empty), 'jobs')).toContain('warning The account has no jobs.')
    expect(said(await check(empty, { pull_parameters: { state: 'draft' } }), 'jobs')).toContain('no jobs')
    empty.sandbox.workable.add({ state: 'published' })
    const filtered = said(await check(empty, { pull_parameters: { state: 'draft' } }), 'jobs')
    expect(filtered).toContain('The filter takes no jobs, and the account has some.')
    expect(filtered).toContain('Check state.')
  })

  test('has drafts, confidential and sample jobs that the filter takes', async () => {
    const made = await world({ workable: { jobs: 0 } })
    const add = (job: Record<string, unknown>) =>
      made.sandbox.workable.add({ sample: false, confidential: false, ...job })
    for (const state of ['draft', 'draft', 'published']) add({ state })
    add({ state: 'closed', confidential: true })
    add({ state: 'published', sample: true })
    const all = said(await check(made), 'jobs')
    expect(all).toContain('warning The filter takes 5: 2 draft, 2 published, 1 closed, 1 confidential, 1 sample.')
    expect(said(await check(made, {}, { mode: 'archive' }), 'jobs')).toContain('warning The filter takes no jobs')
    made.sandbox.workable.edit(add({ state: 'published' }).shortcode, { state: 'archived' })
    expect(said(await check(made, {}, { mode: 'archive' }), 'jobs')).toContain('good The filter takes 1: 1 archived.')
  })

  test('are published, and an archive run would archive them', async () => {
    const made = await world({ workable: { jobs: 0 } })
    for (const state of ['published', 'published', 'closed', 'archived'])
      made.sandbox.workable.add({ state, sample: false, confidential: false })
    const archive = (state?: string) =>
      check(made, state === undefined ? {} : { pull_parameters: { state } }, { mode: 'archive' })
    const live = said(await archive('published'), 'jobs')
    expect(live).toContain('warning The filter takes 2: 2 published. A run would archive 2 jobs that are published')
    expect(live).toContain('give state: archived (the default of an archive run) or state: closed.')
    for (const state of ['closed', 'archived', undefined])
      expect(said(await archive(state), 'jobs')).toMatch(/^good The filter takes 1: 1 \w+\. $/)
    expect(said(await check(made, { pull_parameters: { state: 'published' } }), 'jobs')).not.toContain('archive')
  })

  test('are a mixture where the filter is not obeyed, and an archive run takes what it reads', async () => {
    const made = await world({ workable: { jobs: 0 } })
    const jobs = ['archived', 'published', 'closed'].map((state, n) => ({ id: `a${n}`, shortcode: `S${n}`, state }))
    made.sandbox.fault({ service: 'workable', path: '/jobs', answer: { status: 200, body: JSON.stringify({ jobs }) } })
    const line = said(await check(made, {}, { mode: 'archive' }), 'jobs')
    expect(line).toContain('warning The filter takes 3: 1 archived, 1 published, 1 closed.')
    expect(line).toContain('A run would archive 1 job that is published in Workable.')
  })

  test('is asked for three pages, and the answer says that there are more', async () => {
    const made = await world({ workable: { jobs: 310, rate_limit: null } })
    const lines = await check(made)
    expect(said(lines, 'jobs')).toMatch(/Of the first (299|300) that the filter takes/)
    expect(made.counts().list).toBe(3)
  })
})

describe('HrFlow', () => {
  test('refuses the key, which is not repeated', async () => {
    const made = await of()
    const api_secret = 'ask_not-to-be-seen-anywhere'
    const lines = await check(made, { hrflow_auth: { api_secret, api_user: 'owner@example.com' } })
    expect(verdicts(lines, 'HrFlow')).toEqual({ reachable: 'good', 'api_secret, api_user': 'bad' })
    expect(JSON.stringify(lines)).not.toContain('not-to-be-seen')
  })

  test.each([
    ['unknown', (key: string) => ({ board: key, options: {} })],
    ['of another workspace', (key: string) => ({ board: key, options: { foreign_boards: [key] } })],
  ])('has no board of this key: %s', async (_, given) => {
    const { board, options } = given('f'.repeat(40))
    const made = await of({ hrflow: options })
    const lines = await check(made, { push_parameters: { board_key: board } })
    expect(verdicts(lines, 'HrFlow')).toMatchObject({ permission: 'good', board_key: 'bad' })
  })

  test('has a board without jobs: a warning for an update, none where the run adds them', async () => {
    const made = await of()
    const board_key = made.sandbox.board_key
    expect(said(await check(made), 'board_key')).toContain('on_missing: create')
    const adds = await check(made, { push_parameters: { board_key, on_missing: 'create' } })
    expect(verdicts(adds, 'HrFlow')).toMatchObject({ board_key: 'good' })
    const creates = await check(made, {}, { mode: 'create' })
    expect(verdicts(creates, 'HrFlow')).toMatchObject({ board_key: 'good' })
  })

  test('lets the key only read', async () => {
    const made = await of({ hrflow: { permission: 'read' } })
    expect(verdicts(await check(made), 'HrFlow')).toMatchObject({ permission: 'bad', write: 'bad' })
  })

  test('lets the key only write: enough for a blind PUT, and for nothing else', async () => {
    const made = await of({ hrflow: { permission: 'write' } })
    const board_key = made.sandbox.board_key
    expect(verdicts(await check(made), 'HrFlow')).toMatchObject({ reachable: 'good', permission: 'bad' })
    const blind = await check(made, { push_parameters: { board_key, edit: 'replace' } })
    expect(verdicts(blind, 'HrFlow')).toEqual({
      reachable: 'good',
      'api_secret, api_user': 'unknown',
      permission: 'warning',
      board_key: 'unknown',
    })
  })

  test('does not answer in time', async () => {
    const made = await of()
    made.sandbox.fault({ service: 'hrflow', answer: 'hang' })
    const runtime = { ...made.runtime, http: { attempt_timeout_ms: 30, max_attempts: 1 } }
    const lines = await check(made, {}, { runtime })
    expect(verdicts(lines, 'HrFlow')).toEqual({ reachable: 'bad' })
    expect(
      said(
        lines.filter(({ about }) => about === 'HrFlow'),
        'reachable',
      ),
    ).toContain('No answer in time')
  })

  test('is a web page', async () => {
    const made = await of()
    made.sandbox.fault({ service: 'hrflow', answer: 'html' })
    const lines = (await check(made)).filter(({ about }) => about === 'HrFlow')
    expect(said(lines, 'reachable')).toContain('bad Something in between answered')
  })
})

describe('a check of what is not complete', () => {
  test('names what is missing, and asks the side that is complete', async () => {
    const made = await of()
    const lines = await check(made, { hrflow_auth: { api_secret: '' }, push_parameters: {} })
    expect(verdicts(lines, 'Parameters')).toEqual({
      'hrflow_auth.api_secret': 'bad',
      'hrflow_auth.api_user': 'bad',
      'push_parameters.board_key': 'bad',
    })
    expect(verdicts(lines, 'Workable')).toMatchObject({ api_access_token: 'good' })
    expect(verdicts(lines, 'HrFlow')).toEqual({ requests: 'unknown' })
    expect(made.sandbox.hrflow.requests).toEqual([])
  })

  test('whose state cannot be opened asks both sides all the same', async () => {
    const made = await of()
    const runtime = { ...made.runtime, state: 'sqlite:/proc/nowhere/state.db' }
    delete runtime.store
    const lines = await check(made, {}, { runtime })
    expect(verdicts(lines, 'State')).toEqual({ store: 'bad' })
    expect(verdicts(lines, 'Workable')).toMatchObject({ reachable: 'good' })
  })

  test('whose address is none asks nothing there', async () => {
    const made = await of()
    const runtime = { ...made.runtime, base_urls: { ...made.runtime.base_urls, workable: 'http://example.com' } }
    const lines = (await check(made, {}, { runtime })).filter(({ about }) => about === 'Workable')
    expect(lines).toMatchObject([{ verdict: 'bad', said: expect.stringContaining('https://') as string }])
  })
})

describe('a connection that fails says at what', () => {
  const failed = (code: string) =>
    connectionLine(
      new HttpError({
        service: 's',
        method: 'GET',
        route: '/',
        kind: 'network',
        status: null,
        retryable: true,
        cause: Object.assign(new Error('x'), { cause: Object.assign(new Error('y'), { code }) }),
      }),
    )?.said

  test.each([
    ['ENOTFOUND', 'DNS'],
    ['EAI_AGAIN', 'DNS'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'TLS'],
    ['CERT_HAS_EXPIRED', 'TLS'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'TLS'],
    ['ECONNREFUSED', 'Nothing listens there'],
    ['ENETUNREACH', 'failed or broke (ENETUNREACH)'],
  ])('%s', (code, expected) => expect(failed(code)).toContain(expected))
})

describe('the budget as the answers show it', () => {
  const events = (...remaining: number[]): RequestEvent[] =>
    remaining.map((left) => ({
      service: 's',
      method: 'GET',
      path: '/',
      attempt: 1,
      status: 200,
      duration_ms: 1,
      waited_ms: 0,
      budget: { slot_ms: 10_000, limit: 10, remaining: left, spare: 1 },
    }))

  test.each([
    [[9], 'good', 'Nobody else'],
    [[9, 8, 7], 'good', 'Nobody else'],
    [[2, 1, 9, 8], 'good', 'Nobody else'],
    [[7], 'good', '2 went to somebody else'],
    [[5, 4], 'warning', '4 went to somebody else'],
  ])('%j', (remaining, verdict, expected) => {
    const line = budgetLine(events(...remaining))
    expect(line?.verdict).toBe(verdict)
    expect(line?.said).toContain(expected)
  })

  test('is not told where there is none', () => expect(budgetLine([])).toBeNull())
})
