// Whole runs of the built command over PostgreSQL as people run it: behind a pooler, restarted, with other defaults.
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import { openStore } from '../../src/stores/open.js'
import { ACTION, command, sandbox, until } from '../support/command.js'
import { freePort, freshDatabase, postgresServer, type PostgresServer } from '../support/postgres.js'

const RUN = ['run', ACTION, '--incremental', '--json']
const isRoot = process.getuid?.() === 0
const folder = mkdtempSync(join(tmpdir(), 'hrflow-connectors-databases-'))
chmodSync(folder, 0o755)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(text)
  await client.end()
}

interface Result {
  status: string
  reason: string
  error: { code: string; message: string; hint: string } | null
  events: Record<string, number>
}

function resultOf(stdout: string): Result {
  return JSON.parse(stdout) as Result
}

const PGBOUNCER = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/usr/local/bin/pgbouncer'].find(existsSync)
// On CI it is there: a run without it has not shown what it is to show.
if (PGBOUNCER === undefined && process.env['CI'] === undefined)
  process.stderr.write(
    '\nSKIPPED: PgBouncer is not installed, so nothing is tried behind it (apt-get install pgbouncer).\n',
  )

/** The real PgBouncer before a database; its address. */
async function pooler(url: string, settings: string): Promise<string> {
  if (PGBOUNCER === undefined) throw new Error('PgBouncer is not installed: apt-get install pgbouncer')
  const { hostname, port, username, password, pathname } = new URL(url)
  const place = mkdtempSync(join(folder, 'pgbouncer-'))
  const own = await freePort()
  writeFileSync(join(place, 'users.txt'), `"${username}" "${password}"\n`)
  writeFileSync(
    join(place, 'pgbouncer.ini'),
    `[databases]
* = host=${hostname} port=${port} user=${username} password=${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${own}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${join(place, 'users.txt')}
logfile = ${join(place, 'log')}
${settings}
`,
  )
  // It refuses to run as root.
  const before = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : []
  if (isRoot) chownSync(place, 65534, 65534)
  const words = [...before, PGBOUNCER, join(place, 'pgbouncer.ini')]
  const child = spawn(words[0] ?? PGBOUNCER, words.slice(1), { stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  await listening(own)
  return `postgres://${username}:${password}@127.0.0.1:${own}${pathname}`
}

async function listening(port: number): Promise<void> {
  for (let tries = 0; ; tries++) {
    const answered = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false))
      socket.unref()
    })
    if (answered) return
    if (tries > 200) throw new Error(`Nothing listens at port ${port}.`)
    await sleep(50)
  }
}

describe.skipIf(PGBOUNCER === undefined && process.env['CI'] === undefined)('behind PgBouncer', () => {
  test.each([['pool_mode = transaction'], ['pool_mode = transaction\ndefault_pool_size = 1'], ['pool_mode = session']])(
    'runs go on from each other: %s',
    { timeout: 120_000 },
    async (settings) => {
      const { env, workable, hrflow, board_key } = await sandbox(30)
      const state = await pooler(await freshDatabase(inject('postgres_url')), settings)
      const own = { ...env, HRFLOW_CONNECTORS_STATE: state }
      const first = await command(RUN, own).ended
      expect(resultOf(first.stdout)).toMatchObject({ status: 'success', error: null })
      workable.edit(workable.jobs[0]!.shortcode, { title: 'Edited' })
      const both = await Promise.all([command(RUN, own).ended, command([...RUN, '--workflow-id', 'other'], own).ended])
      expect(both.map(({ stdout }) => resultOf(stdout).status)).toEqual(['success', 'success'])
      expect(hrflow.jobs(board_key).map(({ name }) => name)).toContain('Edited')
      const store = await openStore(state)
      expect((await store.runs({ limit: 10 })).map(({ result }) => result?.status)).toEqual([
        'success',
        'success',
        'success',
      ])
      await store.close()
    },
  )
})

describe('a role with other defaults', () => {
  test.each(['repeatable read', 'serializable'])(
    'four workflows at once: %s',
    { timeout: 120_000 },
    async (isolation) => {
      const { env } = await sandbox(25)
      const url = await freshDatabase(inject('postgres_url'))
      const role = `role_${new URL(url).pathname.slice(1)}`
      await query(
        url,
        `create role ${role} login password 'x'; grant create on database ${new URL(url).pathname.slice(1)} to ${role};
        alter role ${role} set default_transaction_isolation = '${isolation}'`,
      )
      const own = { ...env, HRFLOW_CONNECTORS_STATE: url.replace(/\/\/[^@]*@/, `//${role}:x@`) }
      const runs = ['a', 'b', 'c', 'd'].map((id) => command([...RUN, '--workflow-id', id], own).ended)
      const ended = await Promise.all(runs)
      expect(ended.map(({ stdout }) => resultOf(stdout)).map(({ status, error }) => [status, error])).toEqual(
        ended.map(() => ['success', null]),
      )
    },
  )
})

describe('a server that leaves in the middle of a run', () => {
  async function begun(server: PostgresServer, jobs: number) {
    const made = await sandbox(jobs, { latency: { ms: 60 } })
    const state = await freshDatabase(server.url)
    const env = { ...made.env, HRFLOW_CONNECTORS_STATE: state }
    const running = command(RUN, env)
    await until(() => made.hrflow.requests.some(({ method }) => method === 'PUT'))
    return { ...made, state, env, running }
  }
  const puts = (requests: readonly { method: string }[]) => requests.filter(({ method }) => method === 'PUT').length

  test('and comes back is waited for', { timeout: 180_000 }, async () => {
    const server = await postgresServer()
    await server.start()
    onTestFinished(() => server.remove())
    const { running, hrflow, env } = await begun(server, 400)
    await server.stop()
    await sleep(3_000)
    await server.start()
    const { code, stdout } = await running.ended
    expect(resultOf(stdout)).toMatchObject({ status: 'success', error: null, events: { write_success: 400 } })
    expect([code, puts(hrflow.requests)]).toEqual([0, 400])
    // What was written down is whole: nothing is left to be done.
    expect((await command(RUN, env).ended).code).toBe(0)
    expect(puts(hrflow.requests)).toBe(400)
  })

  test('and stays away ends it with 1, and with what was done', { timeout: 180_000 }, async () => {
    const server = await postgresServer()
    await server.start()
    onTestFinished(() => server.remove())
    const { running, hrflow, env } = await begun(server, 400)
    await server.stop()
    const { code, stdout, stderr } = await running.ended
    const result = resultOf(stdout)
    expect(result).toMatchObject({ status: 'fatal', reason: 'backend_not_configured' })
    expect(result.error?.message).toMatch(
      /^The state cannot be used: postgres:\/\/127\.0\.0\.1:\d+\/\w+: the server cannot be reached/,
    )
    expect(code).toBe(1)
    expect(result.events['write_success']).toBeGreaterThan(0)
    expect(puts(hrflow.requests)).toBeGreaterThanOrEqual(result.events['write_success']!)
    expect(stdout + stderr).not.toContain('kept-out-of-sight')
    await server.start()
    const runs = JSON.parse((await command(['runs', '--json'], env).ended).stdout) as { state: string }[]
    expect(runs.map(({ state }) => state)).toEqual(['died'])
  })
})

describe('SSL', () => {
  test('a server that has none is told', async () => {
    const { env } = await sandbox(1)
    const state = `${await freshDatabase(inject('postgres_url'))}?sslmode=require`
    const { code, stdout, stderr } = await command(RUN, { ...env, HRFLOW_CONNECTORS_STATE: state }).ended
    expect([code, resultOf(stdout).error?.hint]).toEqual([2, expect.stringContaining('sslmode=disable')])
    expect(stderr).not.toContain('Warning')
  })

  test('a certificate of its own is told, and can be named or passed over', { timeout: 120_000 }, async () => {
    const server = await postgresServer()
    const [key, certificate] = [join(server.folder, 'server.key'), join(server.folder, 'server.crt')]
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
    const files = ['-keyout', key, '-out', certificate, '-days', '2']
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...files, ...subject], {
      stdio: 'ignore',
    })
    chmodSync(key, 0o600)
    if (isRoot) execFileSync('chown', ['--reference', join(server.folder, 'PG_VERSION'), key, certificate])
    const named = join(folder, 'ca.pem')
    execFileSync('cp', [certificate, named])
    writeFileSync(join(server.folder, 'postgresql.auto.conf'), 'ssl = on\n')
    await server.start()
    onTestFinished(() => server.remove())
    const state = await freshDatabase(server.url)
    const { env } = await sandbox(1)
    const runWith = (options: string) => command(RUN, { ...env, HRFLOW_CONNECTORS_STATE: `${state}?${options}` }).ended
    const refused = await runWith('sslmode=require')
    expect(refused.code).toBe(2)
    const { message, hint } = resultOf(refused.stdout).error ?? {}
    expect(message).toContain('the certificate of the server cannot be verified')
    expect(hint).toContain('sslrootcert=')
    expect(hint).toContain('sslmode=no-verify')
    const good = [await runWith(`sslmode=require&sslrootcert=${named}`), await runWith('sslmode=no-verify')]
    expect(good.map(({ code }) => code)).toEqual([0, 0])
    for (const { stderr } of [refused, ...good]) expect(stderr).not.toMatch(/warning|kept-out-of-sight/i)
  })
})

describe('a server that refuses says why, and what to do', () => {
  test.each([
    ['another password', (url: string) => url.replace('kept-out-of-sight', 'wr0ng-word'), /password is refused.*28P01/],
    ['another database', (url: string) => url.replace(/\/postgres$/, '/nowhere'), /no such database.*3D000/],
    ['another port', (url: string) => url.replace(/:\d+\/postgres$/, ':1/postgres'), /cannot be reached.*ECONNREFUSED/],
  ])('%s', async (_, change, said) => {
    const { env, workable } = await sandbox(1)
    const { code, stdout, stderr } = await command(RUN, {
      ...env,
      HRFLOW_CONNECTORS_STATE: change(inject('postgres_url')),
    }).ended
    expect([code, workable.requests.length]).toEqual([2, 0])
    expect(resultOf(stdout).error?.message).toMatch(said)
    expect(resultOf(stdout).error?.hint).toContain('Nothing in it is needed to be correct')
    expect(stdout + stderr).not.toMatch(/kept-out-of-sight|wr0ng-word/)
  })

  test('no connection left', async () => {
    const url = await freshDatabase(inject('postgres_url'))
    const name = new URL(url).pathname.slice(1)
    await query(
      url,
      `create role few_${name} login password 'x' connection limit 0; alter database ${name} owner to few_${name}`,
    )
    const { env } = await sandbox(1)
    const state = url.replace(/\/\/[^@]*@/, `//few_${name}:x@`)
    const { code, stdout } = await command(RUN, { ...env, HRFLOW_CONNECTORS_STATE: state }).ended
    expect([code, resultOf(stdout).error?.message]).toEqual([2, expect.stringMatching(/no connection left.*53300/)])
  })
})

describe('an address that cannot be read', () => {
  test.each([
    'postgres://app:/k3Yq+Z9vTtop@127.0.0.1:1/db',
    'postgres://app:k3Yq#Z9vTtop@127.0.0.1:1/db',
    'postgres://app:12?k3Yq-Z9vTtop@127.0.0.1:1/db',
    'postgres://app:p@k3Yq/Z9vTtop@127.0.0.1:1/db',
    'postgres://app:%zzk3Yq-Z9vTtop@127.0.0.1:1/db',
    'postgres://app:k3Yq-Z9vTtop@/db',
    'postgres://app:k3Yq-Z9vTtop@127.0.0.1:99999/db',
    'postgresql://',
  ])('is refused without a word of it: %s', async (state) => {
    const { env } = await sandbox(1)
    for (const words of [RUN, [...RUN.slice(0, 2), '--dry-run'], ['check', ACTION], ['state'], ['runs', '--json']]) {
      const own = { ...env, HRFLOW_CONNECTORS_STATE: state, HRFLOW_CONNECTORS_LOG_LEVEL: 'debug' }
      const { code, stdout, stderr } = await command(words, own).ended
      expect(code).toBe(words[0] === 'check' ? 1 : 2)
      expect(stdout + stderr).toContain('percent-encoded')
      expect(stdout + stderr).not.toMatch(/k3Yq|Z9vTtop|app:/)
    }
  })
})
