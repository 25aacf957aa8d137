import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import type { Store } from '../../src/core/ports/store.js'
import { processIdentity } from '../../src/runtime/process.js'
import { openStore } from '../../src/stores/open.js'
import { ACTION, cli, sandbox } from '../support/command.js'

const INCREMENTAL = ['run', ACTION, '--incremental']
const listed = z.array(z.looseObject({ run_id: z.string(), state: z.string() }))

/** A sandbox where the first job is refused by HrFlow, after one incremental run of each workflow. */
async function afterRuns(...workflows: string[]) {
  const made = await sandbox(6)
  const { env } = made
  const reference = made.workable.jobs[0]!.shortcode
  made.fault({
    service: 'hrflow',
    method: 'PUT',
    when: ({ body }) => body.includes(reference),
    answer: { status: 403 },
  })
  for (const id of workflows) expect((await cli([...INCREMENTAL, '--workflow-id', id], { env })).code).toBe(3)
  return { ...made, reference, run: (...words: string[]) => cli(words, { env }) }
}

/** The state of a command's environment, as another process has it open. */
async function openState(env: Record<string, string>): Promise<Store> {
  const store = await openStore(`sqlite:${join(env['XDG_STATE_HOME']!, 'hrflow-connectors', 'state.db')}`)
  onTestFinished(() => store.close())
  return store
}

/** A run that has begun and not ended, of a process that is there or not. */
async function begin(store: Store, workflow_id: string, run_id: string, process: string | null): Promise<void> {
  const holder = { name: 'process 7 on elsewhere', process }
  const lease = await store.acquireLease(workflow_id, 'update_jobs_in_hrflow', holder, 60_000)
  if ('since' in lease) throw new Error('held already')
  const run = { run_id, workflow_id, action: 'update_jobs_in_hrflow', started_at: Date.now(), finished_at: null }
  await store.startRun(lease, { ...run, result: null })
}

test('a second run finds what the first one has left', async () => {
  const { env, workable } = await sandbox(6)
  await cli(INCREMENTAL, { env })
  const before = workable.requests.length
  const { code, stdout } = await cli(INCREMENTAL, { env })
  expect(code).toBe(0)
  expect(stdout).not.toContain('written')
  expect(workable.requests.length - before).toBe(1)
})

describe('runs', () => {
  test('lists the newest first, and shows one by the beginning of its id', async () => {
    const { run, reference } = await afterRuns('first', 'second')
    const { code, stdout } = await run('runs')
    expect(code).toBe(0)
    const [head, ...rows] = stdout.trimEnd().split('\n')
    expect(head).toMatch(/^RUN +STARTED +TOOK +WRITTEN +UNCHANGED +FAILED +REQUESTS +STATUS +WORKFLOW +ACTION$/)
    expect(rows[0]).toMatch(/ 0 +5 +1 +1 \+ \d+ +success with failures +second +update_jobs_in_hrflow$/)
    expect(rows[1]).toMatch(/ 5 +0 +1 +7 \+ \d+ +success with failures +first +update_jobs_in_hrflow$/)
    const one = await run('runs', rows[1]!.slice(0, 6))
    expect(one.stdout).toContain('workflow    first')
    expect(one.stdout).toContain('listed      6 = 6 read')
    expect(one.stdout).toContain(`  ${reference} write: [hrflow] PUT`)
  })

  test('can be limited, and read by a program', async () => {
    const { run } = await afterRuns('first', 'second')
    const runs = listed.parse(JSON.parse((await run('runs', '--json')).stdout))
    expect(runs.map(({ state }) => state)).toEqual(['finished', 'finished'])
    const first = await run('runs', '--workflow', 'first', '--limit', '1', '--json')
    expect(listed.parse(JSON.parse(first.stdout))).toMatchObject([{ workflow_id: 'first' }])
    const one = await run('runs', runs[0]!.run_id, '--json')
    expect(JSON.parse(one.stdout)).toMatchObject({ workflow_id: 'second', failures: [{ stage: 'write' }] })
  })

  test('names what it does not know', async () => {
    const { run } = await afterRuns('first')
    expect(await run('runs', 'zzz')).toMatchObject({ code: 2, stdout: '' })
    const strange = await run('runs', '--workflow', 'frist')
    expect(strange.code).toBe(2)
    expect(strange.stderr).toContain('There is no workflow frist. Did you mean first?')
  })

  test.skipIf(processIdentity() === null)('tells a run that is running from one that has died', async () => {
    const { env, run } = await afterRuns()
    const store = await openState(env)
    const alive = processIdentity()!
    await begin(store, 'alive', 'aaaaaaaa', alive)
    await begin(store, 'killed', 'bbbbbbbb', alive.replace(/\d+$/, '1'))
    const runs = listed.parse(JSON.parse((await run('runs', '--json')).stdout))
    const stateOf = (id: string) => runs.find(({ run_id }) => run_id === id)?.state
    expect([stateOf('aaaaaaaa'), stateOf('bbbbbbbb')]).toEqual(['running', 'died'])
    expect((await run('runs', 'bbbb')).stdout).toContain('died: update_jobs_in_hrflow.')
  })
})

describe('pending', () => {
  test('shows what waits, and for what', async () => {
    const { run, reference } = await afterRuns('first')
    const { stdout } = await run('pending')
    expect(stdout).toMatch(/^REFERENCE +STAGE +ATTEMPTS +FIRST FAILED +NEXT ATTEMPT +WORKFLOW +MESSAGE$/m)
    expect(stdout).toMatch(new RegExp(`^${reference} +write +1 .* first +\\[hrflow\\] PUT`, 'm'))
    const { stdout: json } = await run('pending', 'first', '--json')
    expect(JSON.parse(json)).toMatchObject([{ workflow_id: 'first', reference, stage: 'write', attempts: 1 }])
  })

  test('can be tried again by the next run, or given up', async () => {
    const { run, reference } = await afterRuns('first')
    const retried = await run('pending', 'retry')
    expect(retried.stdout).toBe('1 item of first due now: the next run tries it again.\n')
    expect((await run('pending')).stdout).toContain('in the next run')
    const dismissed = await run('pending', 'dismiss', reference, '--json')
    expect(JSON.parse(dismissed.stdout)).toEqual({ workflow_id: 'first', change: 'dismiss', count: 1 })
    expect((await run('pending')).stdout).toBe('Nothing is pending.\n')
  })

  test('changes nothing for a reference that does not wait', async () => {
    const { run, reference } = await afterRuns('first')
    const { code, stderr } = await run('pending', 'dismiss', reference, 'NOT-THERE')
    expect(code).toBe(2)
    expect(stderr).toContain('There is no pending item NOT-THERE.')
    expect((await run('pending')).stdout).toContain(reference)
  })

  test('asks which workflow is meant where several have items', async () => {
    const { run } = await afterRuns('first', 'second')
    const { code, stderr } = await run('pending', 'retry')
    expect(code).toBe(2)
    expect(stderr).toContain('Several workflows have pending items: first, second. Name one with --workflow ID.')
    expect((await run('pending', 'retry', '--workflow', 'second')).stdout).toContain('1 item of second due now')
  })
})

describe('state', () => {
  test('says where it is, and what is known of each workflow', async () => {
    const { env, run } = await afterRuns('first')
    const { stdout } = await run('state')
    expect(stdout).toContain(`State       ${join(env['XDG_STATE_HOME']!, 'hrflow-connectors', 'state.db')}`)
    expect(stdout).toMatch(/^Kind {8}sqlite, schema version \d+$/m)
    expect(stdout).toMatch(/^Size {8}[\d.]+ KB$/m)
    expect(stdout).toMatch(/^first +success with failures +1 +20\S+Z +no$/m)
    const { stdout: json } = await run('state', '--json')
    expect(JSON.parse(json)).toMatchObject({ kind: 'sqlite', workflows: [{ workflow_id: 'first', running: null }] })
  })

  test('reset needs a word, and makes the next run read everything; the history stays', async () => {
    const { run, workable } = await afterRuns('first')
    const unsaid = await run('state', 'reset', 'first')
    expect(unsaid).toMatchObject({ code: 2, stdout: '' })
    expect(unsaid.stderr).toContain('say --yes')
    expect((await run('state', 'reset', 'first', '--yes')).stdout).toContain('first is reset.')
    expect((await run('runs', '--workflow', 'first')).stdout).toContain('first')
    expect((await run('state')).stdout).toContain('No workflow has run yet.')
    const before = workable.requests.length
    const again = await run(...INCREMENTAL, '--workflow-id', 'first')
    expect(again.stdout).toContain('listed      6 = 6 read')
    expect(workable.requests.length).toBeGreaterThan(before)
  })

  test('reset refuses a workflow that runs, naming who runs it, and one that is not there', async () => {
    const { env, run } = await afterRuns('first')
    await begin(await openState(env), 'first', 'aaaaaaaa', null)
    const held = await run('state', 'reset', 'first', '--yes')
    expect(held.code).toBe(2)
    expect(held.stderr).toContain('first is running: process 7 on elsewhere, since ')
    const strange = await run('state', 'reset', 'fisrt', '--yes')
    expect(strange.code).toBe(2)
    expect(strange.stderr).toContain('Did you mean first?')
  })

  test.each([['runs'], ['pending'], ['state']])('that cannot be opened is a usage error: %s', async (command) => {
    const { code, stdout, stderr } = await cli([command], {
      env: { HRFLOW_CONNECTORS_STATE: 'sqlite:/dev/null/state.db' },
    })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('The state cannot be used: /dev/null/state.db')
    expect(stderr).toContain('name another one in HRFLOW_CONNECTORS_STATE')
  })
})
