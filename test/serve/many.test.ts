// Processes that share one PostgreSQL. What takes minutes is in `npm run soak`.
import { writeFileSync } from 'node:fs'
import pg from 'pg'
import { describe, expect, inject, test } from 'vitest'
import { freshDatabase } from '../support/postgres.js'
import { machine, SELDOM, serving, shared } from './machine.js'
import { fileText, until } from './served.js'

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(text)
  await client.end()
}

const fresh = () => freshDatabase(inject('postgres_url'))

describe('three processes', () => {
  test('share the budget of an account, and run one of its workflows at a time', { timeout: 120_000 }, async () => {
    const states = ['published', 'draft', 'closed']
    const workflows = Object.fromEntries(
      states.map((state) => [state, [SELDOM, `pull_parameters: { state: ${state} }`]]),
    )
    const { sandbox, start, say, listed } = await shared({ workflows }, await fresh(), {
      // So few that a busy machine uses them all.
      workable: { jobs: 40, rate_limit: { limit: 10, slot_ms: 3_000 } },
    })
    const servers = [start(), start(), start()]
    await Promise.all(servers.map(serving))
    await Promise.all(states.map((id) => say('workflows', 'run', id)))
    const { jobs } = sandbox.workable
    const wanted = jobs.filter(({ state }) => states.includes(state)).length
    await until(() => sandbox.hrflow.jobs(sandbox.board_key).length === wanted)
    await until(async () => (await listed()).every(({ served }) => served?.due_since === null))
    const { requests } = sandbox.workable
    expect(requests.filter(({ status }) => status === 429)).toEqual([])
    // All of the budget but the one request that is kept free.
    const inSlot = (of: number) => requests.filter(({ slot }) => slot === of).length
    expect(Math.max(...requests.map(({ slot }) => inSlot(slot)))).toBe(9)
    // One detail for each job, none twice: nothing was done by two of them.
    const details = requests.filter(({ path }) => /\/jobs\/[^/]+$/.test(path)).map(({ path }) => path)
    expect(new Set(details).size).toBe(details.length)
    const runs = JSON.parse((await say('runs', '--json')).stdout) as { started_at: string; finished_at: string }[]
    const times = runs.map((run) => [Date.parse(run.started_at), Date.parse(run.finished_at)] as const)
    const inOrder = times.sort(([a], [b]) => a - b)
    expect(inOrder).toHaveLength(3)
    for (const [at, [began]] of inOrder.entries()) expect(began).toBeGreaterThanOrEqual(inOrder[at - 1]?.[1] ?? 0)
    for (const { child } of servers) child.kill('SIGTERM')
    const ended = await Promise.all(servers.map((server) => server.ended))
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0])
  })

  test('see what is pushed and removed, and what a person says, without a restart', { timeout: 120_000 }, async () => {
    const state = await fresh()
    const { sandbox, path, start, say, listed, env } = await shared({ workflows: { acme: [SELDOM] } }, state)
    const servers = [start(), start()]
    await Promise.all(servers.map(serving))
    const drafts = ['pull_parameters: { state: draft }', "connector_auth: { api_access_token: '${OTHER_TOKEN}' }"]
    writeFileSync(path, fileText({ workflows: { acme: [SELDOM], drafts: [SELDOM, ...drafts] } }))
    expect(await say('workflows', 'push', path)).toMatchObject({ code: 0 })
    const first = (await say('workflows', 'pause', 'drafts')).stdout
    expect(first).toContain('drafts is paused')
    await say('workflows', 'run', 'acme')
    await until(() => sandbox.hrflow.jobs(sandbox.board_key).length === 12)
    // The secret of the other one is in no process that serves: its run cannot begin, and says why.
    await say('workflows', 'resume', 'drafts')
    await say('workflows', 'run', 'drafts')
    await until(async () => (await listed()).some(({ served }) => served?.condition === 'fatal'))
    const [, stands] = await listed()
    expect(stands).toMatchObject({ id: 'drafts', served: { said: expect.stringContaining('OTHER_TOKEN') as string } })
    expect(await say('workflows', 'remove', 'drafts')).toMatchObject({ code: 0 })
    expect((await listed()).map(({ id }) => id)).toEqual(['acme'])
    const other = await say('workflows', 'run', 'drafts')
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('There is no workflow drafts.')])
    for (const { child, said } of servers) {
      child.kill('SIGKILL')
      expect(said.stderr).not.toContain(new URL(env.HRFLOW_CONNECTORS_STATE).password)
    }
  })
})

describe('what is wrong is said before anything is run', () => {
  test('an engine without tables, or of another version, a file, and a store that is not shared', async () => {
    const state = await fresh()
    const { start, say, path } = await machine({ workflows: { acme: [SELDOM] } }, {}, {}, state)
    const refused = async (...words: string[]) => {
      const { code, stderr } = await start(...words).ended
      expect(code).toBe(2)
      return stderr.replace(/\s+/g, ' ')
    }
    expect(await refused()).toContain(
      'no tables in this database yet. Make them once: hrflow-connectors state migrate.',
    )
    expect(await refused('--file', path)).toContain(`hrflow-connectors workflows push ${path}`)
    expect(JSON.parse((await say('state', 'migrate', '--json')).stdout)).toMatchObject({ engine_version: 46 })
    for (const [version, todo] of [
      [99, 'npm install pg-boss@'],
      [40, 'hrflow-connectors state migrate.'],
    ] as const) {
      await query(state, `update hrflow_connectors_engine.version set version = ${version}`)
      expect(await refused()).toContain(`tables have version ${version}`)
      expect(await refused()).toContain(todo)
    }
    const newer = await machine({ workflows: { acme: [SELDOM] } })
    const pushed = await newer.say('workflows', 'push', newer.path)
    expect([pushed.code, pushed.stderr]).toEqual([2, expect.stringContaining('stored in PostgreSQL alone')])
  })
})
