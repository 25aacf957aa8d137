// The command itself: processes that are stopped, killed and started again over one state.
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { command } from '../support/command.js'
import { machine, SELDOM, serving } from './machine.js'
import { receiver, until } from './served.js'

describe('serve', () => {
  test('runs what is asked for, lists it, and ends with 0 at SIGTERM', async () => {
    const { sandbox, start, say, listed } = await machine({ workflows: { acme: [SELDOM] } })
    const server = start()
    const url = await serving(server)
    expect(server.said.stderr).toMatch(/^acme +workable:acme +0 3 1 1 \* UTC +- +\d{4}-01-01 03:00:00$/m)
    expect(await say('workflows', 'run', 'acme')).toMatchObject({ code: 0, stdout: /^acme is due now/ })
    const names = () => sandbox.hrflow.jobs(sandbox.board_key).map(({ name }) => name)
    await until(() => names().length === 12)
    sandbox.workable.edit(sandbox.workable.jobs[0]!.shortcode, { title: 'Edited' })
    await say('workflows', 'run', 'acme')
    await until(() => names().includes('Edited'))
    await until(async () => (await listed())[0]?.served?.due_since === null)
    expect(await listed()).toMatchObject([
      { id: 'acme', served: { condition: 'ok', paused: false, waits_until: null } },
    ])
    const answers = await Promise.all(['healthz', 'readyz', 'metrics'].map((path) => fetch(`${url}/${path}`)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    const metrics = await answers[2]!.text()
    for (const line of [
      'hrflow_connectors_runs_total{status="success",reason="none"} 2',
      'hrflow_connectors_items_total{outcome="write_success"} 13',
      'hrflow_connectors_lag_seconds{workflow_id="acme"} 0',
      'hrflow_connectors_troubled_workflows{condition="fatal"} 0',
    ])
      expect(metrics).toContain(line)
    expect(metrics).toMatch(/hrflow_connectors_budget_used_ratio\{account="workable:acme"\} 0\.\d+/)
    server.child.kill('SIGTERM')
    expect(await server.ended).toMatchObject({ code: 0, signal: null, stdout: '' })
    expect(server.said.stderr + metrics).not.toContain(sandbox.workable.token)
  })

  test('drains: a run in the middle is saved and goes on at the next start; SIGINT ends with 130', async () => {
    const { sandbox, start, say } = await machine(
      { workflows: { acme: [SELDOM] } },
      { latency: { ms: 60 }, workable: { jobs: 150 } },
    )
    const server = start()
    await serving(server)
    await say('workflows', 'run', 'acme')
    await until(() => sandbox.hrflow.jobs(sandbox.board_key).length > 20)
    server.child.kill('SIGINT')
    expect(await server.ended).toMatchObject({ code: 130 })
    const done = sandbox.hrflow.jobs(sandbox.board_key).length
    expect(done).toBeLessThan(150)
    await serving(start())
    await until(() => sandbox.hrflow.jobs(sandbox.board_key).length === 150)
  })

  test('killed in mid-run: the next one says so and goes on by itself', { timeout: 120_000 }, async () => {
    const { sandbox, start, say, listed } = await machine(
      { workflows: { acme: [SELDOM] } },
      { latency: { ms: 60 }, workable: { jobs: 150 } },
    )
    const server = start()
    await serving(server)
    await say('workflows', 'run', 'acme')
    await until(() => sandbox.hrflow.jobs(sandbox.board_key).length > 20)
    server.child.kill('SIGKILL')
    await server.ended
    await serving(start())
    await until(async () => (await listed())[0]?.served?.condition === 'fatal')
    const [stands] = await listed()
    expect(stands?.served?.said).toContain('never ended')
    expect(Date.parse(stands?.served?.waits_until ?? '') - Date.now()).toBeLessThan(31_000)
    const began = Date.now()
    await until(async () => (await listed())[0]?.served?.condition === 'ok')
    expect(Date.now() - began).toBeLessThan(60_000)
    expect(sandbox.hrflow.jobs(sandbox.board_key)).toHaveLength(150)
  })

  test('a workflow that kills its process backs off, and holds up no other', { timeout: 120_000 }, async () => {
    const workflows = { good: [SELDOM], poison: [SELDOM, 'logics: [./kill.js#kill]'] }
    const files = { 'kill.js': 'export const kill = () => process.kill(process.pid, "SIGKILL")' }
    const { sandbox, start, say, listed } = await machine({ workflows }, {}, files)
    const server = start()
    await serving(server)
    await say('workflows', 'run', 'poison')
    expect((await server.ended).signal).toBe('SIGKILL')
    await serving(start())
    await say('workflows', 'run', 'good')
    await until(() => sandbox.hrflow.jobs(sandbox.board_key).length === 12)
    expect(await listed()).toMatchObject([
      { id: 'good', served: { condition: 'ok' } },
      { id: 'poison', served: { condition: 'fatal', said: expect.stringContaining('never ended') as string } },
    ])
  })

  test('a second one over the same state says who serves, and ends with 4', async () => {
    const { start } = await machine({ workflows: { acme: [SELDOM] } })
    const first = start()
    await serving(first)
    const { code, stderr } = await start().ended
    expect(code).toBe(4)
    expect(stderr.replace(/\s+/g, ' ')).toContain(`process ${first.child.pid} on`)
    first.child.kill('SIGKILL')
    await first.ended
    // It is certain to be dead: its place is free at once.
    await serving(start())
  })

  test('a revoked token: one message, back-off that is shown, and recovered once it is mended and resumed', async () => {
    const hook = await receiver()
    const { sandbox, start, say, listed } = await machine({
      head: [`notify: [{ url: '${hook.url}' }]`],
      workflows: { acme: [SELDOM] },
    })
    const mended = sandbox.fault({ service: 'workable', answer: { status: 401 } })
    await serving(start())
    await say('workflows', 'run', 'acme')
    await until(() => hook.got.length === 1)
    expect(hook.got[0]?.told).toMatchObject({ event: 'fatal', command: 'hrflow-connectors check acme' })
    expect((await say('workflows', '--file', '/nowhere.yaml')).code).toBe(2)
    const [stands] = await listed()
    expect(stands?.served).toMatchObject({ condition: 'fatal', paused: false })
    expect(Date.parse(stands?.served?.waits_until ?? '') - Date.now()).toBeGreaterThan(15_000)
    mended()
    await say('workflows', 'resume', 'acme')
    await until(() => hook.got.length === 2)
    expect(hook.events()).toEqual(['fatal', 'recovered'])
    expect(sandbox.hrflow.jobs(sandbox.board_key)).toHaveLength(12)
  })

  test('what is paused is not run, until it is resumed', async () => {
    const { sandbox, start, say, listed } = await machine({ workflows: { acme: [SELDOM] } })
    await serving(start())
    expect((await say('workflows', 'pause', 'acme')).stdout).toContain('acme is paused')
    expect((await say('workflows', 'run', 'acme')).stdout).toBe('acme is due now, but paused: resume it.\n')
    await sleep(5_000)
    expect([sandbox.workable.requests.length, (await listed())[0]?.served?.paused]).toEqual([0, true])
    expect((await say('workflows', 'resume', 'acme')).stdout).toContain('is run again, and is due now.')
    await until(() => sandbox.hrflow.jobs(sandbox.board_key).length === 12)
  })
})

describe('what is wrong is said before anything is run', () => {
  test.each([
    [{ workflows: { acme: [] } }, [], 'No workflow of'],
    [{ workflows: { acme: [SELDOM] } }, ['--port', '99999'], '--port: expected a whole number from 0 to 65535.'],
    [
      { workflows: { acme: [SELDOM] } },
      ['--concurrency', '0'],
      '--concurrency: expected a whole number from 1 to 1000.',
    ],
    [
      { head: ["notify: [{ url: '${NOT_SET}' }]"], workflows: { acme: [SELDOM] } },
      [],
      'the variable NOT_SET is not set.',
    ],
    [
      { workflows: { acme: [SELDOM, "heartbeat: '${NOT_SET}'"] } },
      [],
      'acme.heartbeat: the variable NOT_SET is not set.',
    ],
  ])('%j %j', async (text, words, expected) => {
    const { start } = await machine(text, { workable: { jobs: 1 } })
    const { code, stderr } = await start(...words).ended
    expect([code, stderr.replace(/\s+/g, ' ').includes(expected)], stderr).toEqual([2, true])
  })

  test('a port that is taken, state in memory, and a workflow that nothing serves', async () => {
    const { start, say, env } = await machine({ workflows: { acme: [SELDOM] } })
    const url = await serving(start())
    expect((await say('workflows', 'run', 'acm')).stderr).toContain('There is no workflow acm. Did you mean acme?')
    const other = { ...env, HRFLOW_CONNECTORS_STATE: `${env.HRFLOW_CONNECTORS_STATE}.other` }
    const file = env.HRFLOW_CONNECTORS_STATE.replace(/^sqlite:(.*)state\.db$/, '$1hrflow-connectors.yaml')
    const taken = await command(['serve', '-f', file, '--port', new URL(url).port], other).ended
    expect([taken.code, taken.stderr]).toEqual([2, expect.stringContaining('is in use. Give another one')])
    const memory = await command(['serve', '-f', file], { ...env, HRFLOW_CONNECTORS_STATE: 'memory:' }).ended
    expect([memory.code, memory.stderr]).toEqual([2, expect.stringContaining('serve needs state that stays')])
  })
})
