import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'libsql'
import pg from 'pg'
import { afterAll, describe, expect, inject, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.js'
import { openStore } from '../../src/stores/open.js'
import { command } from '../support/command.js'
import { freshDatabase } from '../support/postgres.js'

// Real processes of the built command, over one state: killed, put to sleep, two at once, and without their state.

const ROUNDS = Number(process.env['KILL_ROUNDS'] ?? 2)
const JOBS = 80
const BATCH = 50
const UPDATE = ['run', 'workable.update_jobs_in_hrflow', '--json']

const folder = mkdtempSync(join(tmpdir(), 'hrflow-connectors-processes-'))
const sandboxes: Sandbox[] = []
afterAll(async () => {
  for (const sandbox of sandboxes) await sandbox.close()
  rmSync(folder, { recursive: true, force: true })
})
// Others than root are to get to the files.
chmodSync(folder, 0o755)
let files = 0
const freshFile = () => join(folder, `${files++}`, 'state.db')
const sqlite = () => Promise.resolve(`sqlite:${freshFile()}`)
const postgres = () => freshDatabase(inject('postgres_url'))

async function start(jobs: number, limit = 10_000, ms = 3): Promise<Sandbox> {
  const sandbox = await startSandbox({ workable: { jobs, rate_limit: { limit } }, latency: { ms } })
  sandboxes.push(sandbox)
  for (const job of sandbox.workable.jobs)
    sandbox.hrflow.seed(sandbox.board_key, { reference: job.shortcode, name: 'Old' })
  return sandbox
}

function environment(sandbox: Sandbox, state: string): Record<string, string> {
  return { ...sandbox.env, HRFLOW_CONNECTORS_STATE: state, HOME: folder }
}

function editAll(sandbox: Sandbox, title: string): void {
  for (const { shortcode } of sandbox.workable.jobs) sandbox.workable.edit(shortcode, { title })
}

function puts(sandbox: Sandbox): number {
  return sandbox.hrflow.requests.filter(({ method }) => method === 'PUT').length
}

function onBoard(sandbox: Sandbox): string[] {
  return [...new Set(sandbox.hrflow.jobs(sandbox.board_key).map(({ name }) => name))]
}

/** Whether somebody is in the middle of a write to a SQLite state. */
function isLocked(state: string): boolean {
  if (!state.startsWith('sqlite:')) return false
  const database = new Database(state.slice('sqlite:'.length), { timeout: 50 })
  try {
    database.exec('begin immediate; rollback')
    return false
  } catch {
    // The only thing that can go wrong with it.
    return true
  } finally {
    database.close()
  }
}

/** Until the command has asked for something; it takes a moment to start. */
async function begun(sandbox: Sandbox): Promise<void> {
  const before = sandbox.workable.requests.length
  while (sandbox.workable.requests.length === before) await sleep(2)
}

function resultOf(stdout: string): {
  status: string
  reason: string
  error: { message: string } | null
  events: Record<string, number>
} {
  return JSON.parse(stdout) as ReturnType<typeof resultOf>
}

describe.concurrent.each([
  ['SQLite', sqlite],
  ['PostgreSQL', postgres],
])('state in %s', (_, place) => {
  test.concurrent(
    `${ROUNDS} times killed at any moment: the next run finishes, and repeats at most one batch`,
    { timeout: 1_200_000 },
    async () => {
      const sandbox = await start(JOBS)
      const state = await place()
      const env = environment(sandbox, state)
      expect((await command(UPDATE, env).ended).code).toBe(0)
      for (let round = 0; round < ROUNDS; round++) {
        const title = `Round ${round}`
        editAll(sandbox, title)
        const before = puts(sandbox)
        const words = round % 3 === 2 ? UPDATE : [...UPDATE, '--incremental']
        const { child, ended } = command(words, env)
        await begun(sandbox)
        await sleep((round * 67) % 600)
        child.kill('SIGKILL')
        const killed = await ended
        const next = await command([...UPDATE, '--incremental'], env).ended
        expect(next, title).toMatchObject({ code: 0 })
        expect(onBoard(sandbox), title).toEqual([title])
        expect(puts(sandbox) - before, title).toBeLessThanOrEqual(JOBS + BATCH)
        expect(killed.signal === 'SIGKILL' || killed.code === 0, title).toBe(true)
      }
      const store = await openStore(state)
      expect((await store.runs({ limit: 100 })).length).toBe(2 * ROUNDS + 1)
      expect(await store.pending('workable.update_jobs_in_hrflow')).toEqual([])
      await store.close()
    },
  )

  test.concurrent('two at once on one workflow: one runs, the other says who does', { timeout: 60_000 }, async () => {
    // Slow enough for the second to start while the first runs.
    const sandbox = await start(JOBS, 10_000, 300)
    const env = environment(sandbox, await place())
    const first = command(UPDATE, env)
    await begun(sandbox)
    const second = await command(UPDATE, env).ended
    expect(resultOf(second.stdout)).toMatchObject({ status: 'fatal', reason: 'workflow_already_running' })
    expect(resultOf(second.stdout).error?.message).toContain(`process ${String(first.child.pid)} on`)
    expect(second.code).toBe(4)
    expect((await first.ended).code).toBe(0)
  })

  test.concurrent(
    'two workflows of one account at once: together within the budget, no 429',
    { timeout: 120_000 },
    async () => {
      const sandbox = await start(24, 30)
      const env = environment(sandbox, await place())
      const ended = await Promise.all(['a', 'b'].map((id) => command([...UPDATE, '--workflow-id', id], env).ended))
      expect(ended.map(({ code }) => code)).toEqual([0, 0])
      const inSlot = (slot: number) => sandbox.workable.requests.filter((request) => request.slot === slot).length
      expect(Math.max(...sandbox.workable.requests.map(({ slot }) => inSlot(slot)))).toBeLessThan(30)
      expect(sandbox.workable.requests.filter(({ status }) => status === 429)).toEqual([])
    },
  )

  test.concurrent(
    'put to sleep past its lease and woken, a run writes nothing more',
    { timeout: 150_000 },
    async () => {
      const sandbox = await start(JOBS, 10_000, 30)
      const env = environment(sandbox, await place())
      editAll(sandbox, 'While it sleeps')
      const asleep = command(UPDATE, env)
      await begun(sandbox)
      while (puts(sandbox) < 20) await sleep(2)
      asleep.child.kill('SIGSTOP')
      // A process asleep in the middle of a write keeps others from the file: a limit of SQLite, named in the README.
      while (isLocked(env['HRFLOW_CONNECTORS_STATE'] ?? '')) {
        asleep.child.kill('SIGCONT')
        await sleep(1)
        asleep.child.kill('SIGSTOP')
      }
      await sleep(61_000)
      expect((await command(UPDATE, env).ended).code).toBe(0)
      editAll(sandbox, 'After it slept')
      expect((await command(UPDATE, env).ended).code).toBe(0)
      const before = puts(sandbox)
      asleep.child.kill('SIGCONT')
      const woken = await asleep.ended
      // In PostgreSQL the query it slept over may have timed out first.
      const { status, reason } = resultOf(woken.stdout)
      expect([status, /lease_lost|backend_not_configured/.test(reason)], reason).toEqual(['fatal', true])
      expect(puts(sandbox)).toBe(before)
      expect(onBoard(sandbox)).toEqual(['After it slept'])
    },
  )
})

describe('state that cannot be used', () => {
  const unusable = { status: 'fatal', reason: 'backend_not_configured' }

  test('a file that is no state: a clear error, nothing requested, the file as it was', async () => {
    const sandbox = await start(3)
    const file = join(folder, 'letter.txt')
    writeFileSync(file, 'Dear Maria, '.repeat(100))
    const { code, stdout } = await command([...UPDATE, '--incremental'], environment(sandbox, `sqlite:${file}`)).ended
    expect([code, sandbox.workable.requests.length]).toEqual([2, 0])
    expect(resultOf(stdout)).toMatchObject(unusable)
    expect(resultOf(stdout).error?.message).toContain('letter.txt')
    expect(readFileSync(file, 'utf8')).toBe('Dear Maria, '.repeat(100))
  })

  test('a file that was damaged: a clear error, never a silent full run', async () => {
    const sandbox = await start(60)
    const file = freshFile()
    const env = environment(sandbox, `sqlite:${file}`)
    expect((await command(UPDATE, env).ended).code).toBe(0)
    const bytes = readFileSync(file)
    writeFileSync(file, Buffer.concat([bytes.subarray(0, 4096), Buffer.alloc(bytes.length - 4096, 7)]))
    const before = sandbox.workable.requests.length
    const { code, stdout } = await command([...UPDATE, '--incremental'], env).ended
    expect(resultOf(stdout)).toMatchObject(unusable)
    expect([code, sandbox.workable.requests.length]).toEqual([2, before])
  })

  test.each(['/dev/null/state.db', '/proc/hrflow/state.db'])(
    '%s, where no file can be: a clear error',
    async (path) => {
      const sandbox = await start(3)
      const { code, stdout } = await command([...UPDATE, '--incremental'], environment(sandbox, `sqlite:${path}`)).ended
      expect([code, sandbox.workable.requests.length]).toEqual([2, 0])
      expect(resultOf(stdout).error?.message).toContain(path)
    },
  )

  test('a folder that is read-only: a clear error', async () => {
    const sandbox = await start(3)
    const file = freshFile()
    const env = environment(sandbox, `sqlite:${file}`)
    expect((await command(UPDATE, env).ended).code).toBe(0)
    chmodSync(file, 0o444)
    chmodSync(dirname(file), 0o555)
    // Root may write anywhere.
    const before = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--clear-groups'] : []
    const { code, stdout } = await command([...UPDATE, '--incremental'], env, before).ended
    expect(resultOf(stdout)).toMatchObject(unusable)
    expect(code).toBe(2)
  })

  test('a disk that is full in mid-run: a clear error, and the next run with room finishes', async () => {
    const sandbox = await start(400)
    const env = environment(sandbox, await sqlite())
    expect((await command(UPDATE, env).ended).code).toBe(0)
    editAll(sandbox, 'Changed')
    // Files of this process may not grow beyond 300 KiB: the write fails, as on a full disk.
    const small = ['bash', '-c', 'trap "" XFSZ; ulimit -f 300; exec "$@"', 'bash']
    const full = await command([...UPDATE, '--incremental'], env, small).ended
    expect(resultOf(full.stdout)).toMatchObject(unusable)
    expect(full.code).toBe(1)
    expect((await command([...UPDATE, '--incremental'], env).ended).code).toBe(0)
    expect(onBoard(sandbox)).toEqual(['Changed'])
  })

  test('a database that is gone in mid-run: a clear error, without its password', async () => {
    const sandbox = await start(JOBS, 10_000, 20)
    const url = await postgres()
    const running = command(UPDATE, environment(sandbox, url))
    await begun(sandbox)
    const client = new pg.Client({ connectionString: inject('postgres_url') })
    await client.connect()
    await client.query(`drop database ${new URL(url).pathname.slice(1)} with (force)`)
    await client.end()
    const { code, stdout, stderr } = await running.ended
    expect(resultOf(stdout)).toMatchObject(unusable)
    expect(code).toBe(1)
    expect(stdout + stderr).not.toContain(new URL(url).password)
  })
})
