// Whole runs against the sandbox where it is the sandbox that is asked: what it announces, how it shows dates, and what is
// changed in it from outside.
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { MemoryStore, Workable } from '../../src/index.js'
import { type SandboxOptions, startSandbox } from '../../src/sandbox/index.js'
import { changedJob, jobList, overview } from '../../src/sandbox/control/messages.js'
import { ACTION, cli, command, sandbox, temporary, until } from '../support/command.js'
import { world } from '../support/world.js'

const answer = z.looseObject({ data: z.record(z.string(), z.unknown()) })

describe('a sandbox without a limit', () => {
  const options: [string, SandboxOptions['workable']][] = [
    ['by default', { jobs: 40 }],
    ['with rate_limit: null', { jobs: 40, rate_limit: null }],
  ]
  test.each(options)('makes no run wait %s: 40 jobs are 41 requests at once', async (_, workable) => {
    const sandbox = await startSandbox({ ...(workable === undefined ? {} : { workable }) })
    onTestFinished(() => sandbox.close())
    const result = await Workable.updateJobsInHrflow(
      {
        workflow_id: 'unlimited',
        connector_auth: { api_access_token: sandbox.workable.token, subdomain: sandbox.workable.subdomain },
        hrflow_auth: { api_secret: sandbox.hrflow.api_secret, api_user: sandbox.hrflow.api_user },
        push_parameters: { board_key: sandbox.board_key, on_missing: 'create' },
        logics: null,
      },
      {
        store: new MemoryStore(),
        base_urls: { workable: sandbox.workable_url, hrflow: sandbox.hrflow_url },
      },
    )
    expect(result).toMatchObject({ status: 'success', events: { write_success: 40 } })
    expect(result.requests.origin).toMatchObject({ sent: 41, retried: 0 })
    // Nine go out in ten seconds where ten are the limit: this would have taken 40 s.
    expect(Date.parse(result.finished_at) - Date.parse(result.started_at)).toBeLessThan(9_000)
    expect(sandbox.workable.requests.every(({ status }) => status === 200)).toBe(true)
  })

  test('refuses the tenth request of ten seconds where it is told to have the limit of Workable', async () => {
    const sandbox = await startSandbox({ workable: { jobs: 1, rate_limit: { limit: 10 }, now: () => 5_000 } })
    onTestFinished(() => sandbox.close())
    const url = `${sandbox.workable_url.replace('{subdomain}', sandbox.workable.subdomain)}/jobs`
    const statuses: number[] = []
    for (let n = 0; n < 10; n++) {
      const { status } = await fetch(url, { headers: { authorization: `Bearer ${sandbox.workable.token}` } })
      statuses.push(status)
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 200, 200, 200, 429])
  })
})

describe("the stand-in of HrFlow, as HrFlow's own client sees it", () => {
  test('names the permission of a key twice in GET /auth', async () => {
    const { sandbox } = await world()
    const headers = { 'x-api-key': sandbox.hrflow.api_secret, 'x-user-email': sandbox.hrflow.api_user }
    const response = await fetch(`${sandbox.hrflow_url}/auth`, { headers })
    expect(answer.parse(await response.json()).data).toMatchObject({
      api_secret_permission: 'all',
      api_key_permission: 'all',
    })
  })
})

// What a format of one's own may say of dates: forms that HrFlow takes, none of which is the one that it renders.
const DATES = {
  created_at: '2026-10-28T08:00:00.120Z',
  ranges_date: [
    { name: 'dates', value_min: '2023-06-01T23:00:00.000Z', value_max: '2023-09-01T23:00:00.000Z' },
    { name: 'days', value_min: '2023-06-01', value_max: '2023-06-02T01:00+01:00' },
  ],
}

describe.each(['rendered', 'as_sent'] as const)('dates that a later GET shows %s', (dates) => {
  test('are written once: no run after that has anything to write, and a plan shows no change', async () => {
    const made = await world({ workable: { jobs: 3 }, hrflow: { dates } })
    const { sandbox, update, runtime } = made
    const push_parameters = { board_key: sandbox.board_key, on_missing: 'create' } as const
    const format = (job: { shortcode?: string | null | undefined }) => ({
      reference: job.shortcode ?? '',
      name: 'Baker',
      location: { text: null },
      ...DATES,
    })
    const run = (more = {}) => update({ push_parameters, format, ...more })
    expect((await run()).events).toMatchObject({ write_success: 3 })
    // Each run a full one, one of them without a memory of what was sent.
    for (const store of [runtime.store, new MemoryStore({ clock: made.clock }), runtime.store]) {
      const { events } = await update({ push_parameters, format }, { ...runtime, ...(store ? { store } : {}) })
      expect(events).toMatchObject({ write_success: 0, write_unchanged: 3 })
    }
    const { plan } = await update({ push_parameters, format, persist: false }, { ...runtime, compare: true })
    expect(plan).toMatchObject({ items: [], totals: { unchanged: 3 } })
    expect(made.counts()).toMatchObject({ post: 3, put: 0 })
    // A date that is another instant is a change all the same.
    const moved = { ...DATES, ranges_date: [{ name: 'dates', value_min: '2023-06-02', value_max: null }] }
    const again = await run({ format: (job: { shortcode?: string | null }) => ({ ...format(job), ...moved }) })
    expect(again.events).toMatchObject({ write_success: 3 })
    expect(made.counts()).toMatchObject({ put: 3 })
  })
})

/** The command `sandbox` as a process of its own, until the test ends. */
async function serve(...words: string[]) {
  const { child, said, ended } = command(['sandbox', '--limit', '1000', ...words], {})
  onTestFinished(async () => {
    child.kill('SIGINT')
    expect((await ended).code).toBe(0)
  })
  await until(() => said.stderr.includes('In another terminal') && said.stdout.includes('HRFLOW_CONNECTORS_SANDBOX'))
  const lines = said.stdout.matchAll(/^export (\w+)='(.*)'$/gm)
  const env: Record<string, string> = { XDG_STATE_HOME: temporary() }
  for (const [, name = '', value = ''] of lines) env[name] = value
  const control = env['HRFLOW_CONNECTORS_SANDBOX'] ?? ''
  const jobs = async (query = '') => jobList.parse(await (await fetch(`${control}/jobs${query}`)).json()).jobs
  return { env, said, jobs }
}

describe('a sandbox of another process', () => {
  test('has its jobs edited, closed and deleted by commands, as the next run and the list of jobs show', async () => {
    const { env, jobs } = await serve('--jobs', '8')
    const run = () => cli(['run', ACTION, '--state', 'published', '--on-missing', 'create', '--incremental'], { env })
    const change = async (...words: string[]) => {
      const { stdout, code } = await cli(['sandbox', ...words], { env })
      expect(code).toBe(0)
      return stdout
    }
    await run()
    const [edited, closed, deleted] = await jobs('?state=published')
    expect(edited!.boards).toMatchObject([{ board_key: env['HRFLOW_BOARD_KEY'], name: edited!.title }])
    await change('edit', edited!.shortcode, '--title', 'Baker', '--set', 'location.city=Lyon')
    expect(await change('close', closed!.shortcode)).toBe(
      `${closed!.shortcode} ${closed!.title}: closed in Workable (acme), live on board 5b1e0c7d.\n`,
    )
    expect(await change('delete', deleted!.shortcode)).toContain('deleted in Workable, live on board 5b1e0c7d.')
    const { stdout } = await run()
    expect(stdout).toContain('2 written')
    expect(await jobs()).toContainEqual(
      expect.objectContaining({
        shortcode: edited!.shortcode,
        boards: [expect.objectContaining({ name: 'Baker' }) as unknown],
      }),
    )
    const listed = await cli(['sandbox', 'jobs', '--state', 'none', '--json'], { env })
    expect(JSON.parse(listed.stdout)).toMatchObject([{ shortcode: deleted!.shortcode, account: null }])
    expect(await change('reopen', closed!.shortcode)).toContain('published in Workable (acme)')
  })

  test('serves several accounts and boards, and prints a workflow file that runs them all', async () => {
    const { env, said, jobs } = await serve('--jobs', '8', '--accounts', '3', '--boards', '2')
    const file = join(temporary(), 'hrflow-connectors.yaml')
    writeFileSync(file, /^workflows:\n(?: .*\n)+/m.exec(said.stderr)?.[0] ?? '')
    const ran = await cli(['run', '--all', '--file', file], { env })
    expect(ran).toMatchObject({ code: 0 })
    const [first, second] = [env['HRFLOW_BOARD_KEY'], env['HRFLOW_BOARD_KEY_2']]
    const boardOf: Record<string, string | undefined> = { acme: first, 'acme-2': second, 'acme-3': first }
    const all = await jobs()
    expect(all).toHaveLength(24)
    const published = all.filter(({ state }) => state === 'published')
    expect(new Set(published.map(({ account }) => account)).size).toBe(3)
    for (const { account, boards } of published)
      expect(boards.map(({ board_key }) => board_key)).toEqual([boardOf[account ?? '']])
    const control = await fetch(env['HRFLOW_CONNECTORS_SANDBOX'] ?? '')
    expect(overview.parse(await control.json()).boards.every(({ live }) => live > 0)).toBe(true)
  })
})

describe('the commands that change a sandbox', () => {
  test('change fields of every kind, and nothing where one of them cannot be', async () => {
    const { env, workable } = await sandbox(3, { control_port: 0 })
    const [{ shortcode } = { shortcode: '' }] = workable.jobs
    const edit = (...sets: string[]) =>
      cli(['sandbox', 'edit', shortcode, '--title', 'Baker', ...sets.flatMap((set) => ['--set', set])], { env })
    const wrong = await edit('code=B-1', 'departement=x')
    expect(wrong).toMatchObject({ code: 2, stderr: 'error: There is no field departement. Did you mean department?\n' })
    expect(workable.job(shortcode)?.title).not.toBe('Baker')
    const sets = ['code=null', 'confidential=true', 'salary.salary_from=30000']
    expect(await edit(...sets)).toMatchObject({ code: 0 })
    expect((await edit(...sets)).stdout).toContain('Nothing was changed.')
    expect(workable.job(shortcode)).toMatchObject({
      title: 'Baker',
      code: null,
      confidential: true,
      salary: { salary_from: 30_000 },
    })
  })

  test('say which job is meant, and add new ones', async () => {
    const { env, workable, accounts } = await sandbox(3, { control_port: 0, accounts: 2 })
    const [{ shortcode } = { shortcode: '' }] = workable.jobs
    const wrong = await cli(['sandbox', 'close', shortcode.toLowerCase()], { env })
    expect(wrong).toMatchObject({ code: 2, stdout: '' })
    expect(wrong.stderr).toContain(`There is no job ${shortcode.toLowerCase()}. Did you mean ${shortcode}?`)
    const words = ['add', '--title', 'Baker', '--set', 'state=draft', '--account', 'acme-2', '--json']
    const { stdout } = await cli(['sandbox', ...words], { env })
    const { job } = changedJob.parse(JSON.parse(stdout))
    expect(accounts[1]!.job(job.shortcode)).toMatchObject({ title: 'Baker', state: 'draft' })
    expect((await cli(['sandbox', 'clsoe', shortcode], { env })).stderr).toContain('Did you mean close?')
  })

  test('archive a job on the board by hand, and make it live again', async () => {
    const made = await sandbox(2, { control_port: 0, boards: 2 })
    const { env, workable, hrflow, board_key } = made
    const [one, other] = workable.jobs.map(({ shortcode }) => shortcode)
    const board = (...words: string[]) => cli(['sandbox', 'board', ...words], { env })
    expect((await board('archive', one!)).stdout).toContain('archived on board 5b1e0c7d.')
    expect(hrflow.job(board_key, one!)?.archived_at).not.toBeNull()
    expect((await board('unarchive', one!)).stdout).toContain('live on board 5b1e0c7d.')
    expect(hrflow.job(board_key, one!)?.archived_at).toBeNull()
    hrflow.seed(hrflow.boards[1]!, { reference: other!, name: 'x' })
    expect((await board('archive', other!)).stderr).toContain('Name one with --board KEY.')
    expect((await board('archive', other!, '--board', hrflow.boards[1]!)).code).toBe(0)
    expect(hrflow.boards.map((key) => hrflow.job(key, other!)?.archived_at === null)).toEqual([true, false])
    expect((await board('archive', 'nobody')).stderr).toContain('There is no job on a board nobody.')
  })

  test('say so where no sandbox answers', async () => {
    const server = createServer((_, response) => response.end('<html></html>')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = z.object({ port: z.number() }).parse(server.address())
    const url = `http://127.0.0.1:${address.port}`
    const jobs = (value: string) => cli(['sandbox', 'jobs', '--url', value])
    expect((await jobs(url)).stderr).toContain(`${url} answers, but is no control address of a sandbox`)
    const { env, hrflow_url } = await sandbox(1, { control_port: 0 })
    // What is given first counts.
    const services = new URL(hrflow_url).origin
    expect((await cli(['sandbox', 'jobs', '--url', services], { env })).stderr).toContain('is no control address')
    server.close()
    server.closeAllConnections()
    const { code, stderr, stdout } = await jobs(url)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(`Nothing listens at ${url}`)
    for (const odd of ['127.0.0.1:4000', 'https://127.0.0.1:4000', `${url}/jobs`, 'x'])
      expect((await jobs(odd)).stderr).toContain('--url: expected a control address such as')
    expect((await cli(['sandbox', 'jobs'])).stderr).toContain('Which sandbox?')
  })
})
