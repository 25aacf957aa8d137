// The built command, and the library, where people run them: without a home, on full and read-only disks, in containers.
import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import Database from 'libsql'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { ACTION, command, sandbox } from '../support/command.js'

const RUN = ['run', ACTION, '--json']
const STRANGER = ['setpriv', '--reuid=54321', '--regid=54321', '--clear-groups']
const folder = mkdtempSync(join(tmpdir(), 'hrflow-connectors-places-'))
// Others than root are to get there.
chmodSync(folder, 0o777)
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const fresh = () => mkdtempSync(join(folder, 'place-'))

const isRoot = process.getuid?.() === 0
const onCi = process.env['CI'] !== undefined

interface Result {
  status: string
  error: { code: string; message: string; hint: string } | null
  notes: string[]
}
const resultOf = (stdout: string) => JSON.parse(stdout) as Result

/** Only root may be somebody else, or mount; without it nothing is tried here, but on CI. */
function needsRoot(what: string): boolean {
  if (isRoot || onCi) return false
  process.stderr.write(`\nSKIPPED: ${what} can be tried by root alone.\n`)
  return true
}

async function services(jobs = 2): Promise<Record<string, string>> {
  const { env } = await sandbox(jobs)
  return Object.fromEntries(Object.entries(env).filter(([name]) => name !== 'XDG_STATE_HOME'))
}

describe.skipIf(needsRoot('a user without a home'))('a user id that the system does not know, and no HOME', () => {
  test('gets a result that says what to do', async () => {
    const { code, stdout, stderr } = await command(RUN, await services(), STRANGER).ended
    expect([code, resultOf(stdout).error?.code]).toEqual([2, 'no_home'])
    expect(resultOf(stdout).error?.hint).toContain('Set HOME, or name a place in HRFLOW_CONNECTORS_STATE')
    expect(stderr).not.toMatch(/ {4}at /)
  })

  test.each([['state'], ['runs'], ['pending']])('gets a sentence of %s', async (word) => {
    const { code, stderr } = await command([word], {}, STRANGER).ended
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^error: The state cannot be used: .*home folder.*Set HOME/),
    ])
  })

  test.each([
    [[...RUN, '--dry-run'], {}],
    [['plan', ACTION], {}],
    [['preview', ACTION], {}],
    [['run', '--help'], {}],
    [['actions'], {}],
    [RUN, { HRFLOW_CONNECTORS_STATE: 'memory:' }],
    [RUN, { HRFLOW_CONNECTORS_STATE: 'sqlite:PLACE/state.db' }],
  ])('does what needs none: %j %j', async (words, more) => {
    const place = fresh()
    chmodSync(place, 0o777)
    const given = Object.entries(more).map(([name, value]) => [name, value.replace('PLACE', place)])
    const env = { ...(await services()), ...(Object.fromEntries(given) as Record<string, string>) }
    const { code, stderr } = await command(words, env, STRANGER).ended
    expect({ code, stderr }).toMatchObject({ code: 0 })
  })

  test('a library call without state works, an incremental one is fatal', async () => {
    const library = fileURLToPath(new URL('../../dist/index.js', import.meta.url))
    const program = `const { Workable } = await import(${JSON.stringify(library)})
      const e = process.env
      const call = (incremental) => Workable.updateJobsInHrflow({ workflow_id: 'w', incremental, logics: null,
        connector_auth: { api_access_token: e.WORKABLE_API_ACCESS_TOKEN, subdomain: e.WORKABLE_SUBDOMAIN },
        hrflow_auth: { api_secret: e.HRFLOW_API_SECRET, api_user: e.HRFLOW_API_USER },
        push_parameters: { board_key: e.HRFLOW_BOARD_KEY } })
      console.log((await call(false)).status, (await call(true)).error.code)`
    const words = [...STRANGER.slice(1), process.execPath, '--input-type=module', '-e', program]
    const { stdout } = await promisify(execFile)(STRANGER[0]!, words, { env: { ...(await services()) } })
    expect(stdout).toBe('success no_home\n')
  })

  test('a state of a group works, and its permissions stay as they are', async () => {
    const env = await services()
    const place = fresh()
    const state = join(place, 'state.db')
    const own = { ...env, HRFLOW_CONNECTORS_STATE: `sqlite:${state}` }
    expect((await command(RUN, own).ended).code).toBe(0)
    for (const name of readdirSync(place)) {
      chownSync(join(place, name), 0, 54321)
      chmodSync(join(place, name), 0o660)
    }
    chownSync(place, 0, 54321)
    chmodSync(place, 0o770)
    const { code, stdout } = await command([...RUN, '--incremental'], own, STRANGER).ended
    expect([code, resultOf(stdout).error]).toEqual([0, null])
    expect((statSync(state).mode & 0o777).toString(8)).toBe('660')
  })
})

describe('a run that leaves no trace', () => {
  test.each([[[...RUN, '--dry-run']], [['plan', ACTION]], [['preview', ACTION]], [['check', ACTION]]])(
    'makes nothing in a fresh home: %j',
    async (words) => {
      const home = fresh()
      const { code } = await command(words, { ...(await services()), HOME: home }).ended
      expect([code, readdirSync(home)]).toEqual([0, []])
    },
  )

  test('does without a state that it may not write, and says so', async () => {
    if (needsRoot('a state of somebody else')) return
    const env = { ...(await services()), HRFLOW_CONNECTORS_STATE: `sqlite:${join(fresh(), 'state.db')}` }
    expect((await command(RUN, env).ended).code).toBe(0)
    const place = join(env.HRFLOW_CONNECTORS_STATE.slice('sqlite:'.length), '..')
    for (const name of readdirSync(place)) chmodSync(join(place, name), 0o444)
    chmodSync(place, 0o555)
    const { code, stdout } = await command([...RUN, '--dry-run'], env, STRANGER).ended
    expect([code, resultOf(stdout).notes]).toEqual([
      0,
      expect.arrayContaining([expect.stringMatching(/^Nothing is known of earlier runs\. .*state\.db/)]),
    ])
  })
})

describe('a disk that is full', () => {
  test('is told as that', async () => {
    if (needsRoot('a full disk')) return
    const place = fresh()
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', place], { stdio: 'pipe' })
    } catch (error) {
      if (onCi) throw error
      process.stderr.write('\nSKIPPED: nothing can be mounted here, so no full disk is tried.\n')
      return
    }
    onTestFinished(() => void execFileSync('umount', [place]))
    const { env, workable } = await sandbox(150)
    const own = { ...env, HRFLOW_CONNECTORS_STATE: `sqlite:${join(place, 'state.db')}` }
    let ended = await command([...RUN, '--incremental'], own).ended
    for (let round = 0; round < 5 && ended.code === 0; round++) {
      for (const { shortcode } of workable.jobs) workable.edit(shortcode, { title: `Round ${round}` })
      ended = await command([...RUN, '--incremental'], own).ended
    }
    const { error } = resultOf(ended.stdout)
    expect(error?.message).toMatch(/state\.db: the disk (is full|cannot be read or written)/)
    expect(ended.stdout + ended.stderr).not.toContain('rollback')
  })
})

describe('a location', () => {
  test('below ~/ is below the home folder', async () => {
    const [home, cwd] = [fresh(), fresh()]
    const env = { ...(await services()), HOME: home, HRFLOW_CONNECTORS_STATE: 'sqlite:~/x/state.db' }
    const { code } = await command(RUN, env, ['env', '-C', cwd]).ended
    expect([code, existsSync(join(home, 'x', 'state.db')), readdirSync(cwd)]).toEqual([0, true, []])
  })

  test.each([
    [{ HOME: 'relative' }],
    [{ HOME: '.' }],
    [{ HRFLOW_CONNECTORS_STATE: 'sqlite:~user/state.db' }],
    [{ HRFLOW_CONNECTORS_STATE: 'sqlite:~' }],
    [{ HRFLOW_CONNECTORS_STATE: 'sqlite:' }],
    [{ HRFLOW_CONNECTORS_STATE: 'sqlite::memory:' }],
    [{ HRFLOW_CONNECTORS_STATE: 'sqlite://state.db' }],
    [{ HRFLOW_CONNECTORS_STATE: 'sqlite:.' }],
  ])('is refused with a sentence, and nothing is made: %j', async (more) => {
    const cwd = fresh()
    const env = { ...(await services()), HOME: cwd, ...more }
    const { code, stdout } = await command(RUN, env, ['env', '-C', cwd]).ended
    expect([code, readdirSync(cwd)]).toEqual([2, []])
    expect(resultOf(stdout).error?.hint).not.toBe('')
  })

  test('by a relative XDG_STATE_HOME is none', async () => {
    const [home, cwd] = [fresh(), fresh()]
    const env = { ...(await services()), HOME: home, XDG_STATE_HOME: 'state' }
    expect((await command(RUN, env, ['env', '-C', cwd]).ended).code).toBe(0)
    expect([readdirSync(cwd), existsSync(join(home, '.local/state/hrflow-connectors/state.db'))]).toEqual([[], true])
  })
})

describe('what a clock left behind that was 400 days ahead', () => {
  test('is no lease and no cursor', async () => {
    const place = join(fresh(), 'deep')
    mkdirSync(place)
    const state = join(place, 'state.db')
    const env = { ...(await services()), HRFLOW_CONNECTORS_STATE: `sqlite:${state}` }
    expect((await command([...RUN, '--incremental'], env).ended).code).toBe(0)
    const ahead = Date.now() + 400 * 24 * 3_600_000
    const damage = () => {
      const database = new Database(state)
      database
        .prepare('update workflows set holder = ?, process = null, since = ?, expires_at = ?, cursor = ?')
        .run('process 1 on elsewhere', ahead, ahead + 60_000, new Date(ahead).toISOString())
      database.close()
    }
    damage()
    const shown = JSON.parse((await command(['state', '--json'], env).ended).stdout) as {
      workflows: { workflow_id: string; running: unknown }[]
    }
    expect(shown.workflows.map(({ running }) => running)).toEqual([null])
    const { code, stdout } = await command([...RUN, '--incremental'], env).ended
    expect([code, resultOf(stdout).notes]).toEqual([
      0,
      expect.arrayContaining([expect.stringContaining('everything is read again')]),
    ])
    expect(Date.parse((JSON.parse(stdout) as { incremental_token: string }).incremental_token)).toBeLessThan(Date.now())
    damage()
    const reset = ['state', 'reset', shown.workflows[0]?.workflow_id ?? '', '--yes']
    expect((await command(reset, env).ended).code).toBe(0)
  })
})
