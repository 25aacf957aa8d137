import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startSandbox } from '../../src/sandbox/index.js'
import { cli, command, type Running } from '../support/command.js'

function fresh(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hrflow-connectors-console-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** The address that the command shows, once it does. */
async function addressOf({ said, ended }: Running, shown = /http\S+/): Promise<string> {
  const over = ended.then(() => true)
  for (;;) {
    const [address] = shown.exec(said.stdout) ?? []
    if (address !== undefined && said.stdout.includes('\n')) return address
    if (await Promise.race([over, sleep(50).then(() => false)])) throw new Error(said.stderr)
  }
}

/** Enters by an address, and asks for something. */
async function enter(address: string): Promise<(path: string) => Promise<Response>> {
  const { origin } = new URL(address)
  const entered = await fetch(address, { redirect: 'manual' })
  const [cookie = ''] = entered.headers.get('set-cookie')?.split(';') ?? []
  return (path) => fetch(`${origin}${path}`, { headers: { cookie } })
}

async function stopped({ child, ended }: Running): Promise<number | null> {
  child.kill('SIGTERM')
  return (await ended).code
}

describe('console', () => {
  it('is listened for on this machine, shows its address, and ends at a signal', async () => {
    const folder = fresh()
    const file = join(folder, 'hrflow-connectors.yaml')
    writeFileSync(file, 'workflows:\n  acme: { action: workable.update_jobs_in_hrflow }\n')
    const running = command(['console', '--port', '0', '--file', file], { XDG_STATE_HOME: folder })
    const address = await addressOf(running)
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}$/)
    const ask = await enter(address)
    expect(await (await ask('/api/home')).json()).toMatchObject({
      about: { demo: false, served_by: null, workflows: { kind: 'file', path: file } },
      workflows: [{ workflow_id: 'acme', last_run: null }],
    })
    expect((await fetch(new URL('/api/home', address))).status).toBe(401)
    expect(await stopped(running)).toBe(0)
  })

  it.each([
    [['--host', '0.0.0.0'], {}, /Give a token: --token-file FILE/],
    [['--host', '0.0.0.0'], { HRFLOW_CONNECTORS_CONSOLE_TOKEN: 'long-enough-to-be-one' }, /--allowed-host NAME/],
    [['--host', '192.168.0.1', '--allowed-host', 'a.example'], {}, /Give a token/],
    [[], { HRFLOW_CONNECTORS_CONSOLE_TOKEN: 'short' }, /needs 16/],
    [['--allowed-host', 'http://a.example/'], {}, /expected the name of a host/],
    [['--token-file', '/nowhere/token'], {}, /cannot be read/],
    [['--port', 'x'], {}, /--port: expected a whole number/],
  ])('refuses %j', async (flags, env, said) => {
    const { code, stdout, stderr } = await cli(['console', ...flags], { env: { XDG_STATE_HOME: fresh(), ...env } })
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr.replace(/\s+/g, ' ')).toMatch(said)
  })

  it('shows a demo that real runs have made', async () => {
    const running = command(['console', '--demo', '--port', '0'], { XDG_STATE_HOME: fresh(), TMPDIR: fresh() })
    const ask = await enter(await addressOf(running))
    expect(await (await ask('/api/home')).json()).toMatchObject({
      about: { demo: true },
      attention: [
        { workflow_id: 'globex-jobs', condition: 'fatal' },
        { workflow_id: 'initech-jobs', condition: 'held' },
        { workflow_id: 'northwind-jobs', condition: 'failures' },
      ],
      workflows: [{ workflow_id: 'acme-jobs', condition: 'ok' }, {}, {}, {}],
    })
    expect(await stopped(running)).toBe(0)
  }, 120_000)
})

describe('serve --console', () => {
  it('shows what this process runs, on the port of its health', async () => {
    const folder = fresh()
    const sandbox = await startSandbox({ workable: { jobs: 3 } })
    onTestFinished(() => sandbox.close())
    const file = join(folder, 'hrflow-connectors.yaml')
    const workflow =
      "action: workable.update_jobs_in_hrflow, push_parameters: { on_missing: create }, schedule: '0 0 1 1 *'"
    writeFileSync(file, `workflows:\n  acme: { ${workflow} }\n`)
    const env = { ...sandbox.env, XDG_STATE_HOME: folder }
    const running = command(['serve', '--console', '--port', '0', '--file', file], env)
    const address = await addressOf(running, /http\S+token=\S+/)
    expect((await fetch(new URL('/healthz', address))).status).toBe(200)
    const ask = await enter(address)
    expect(await (await ask('/api/home')).json()).toMatchObject({
      about: { served_by: 'this' },
      workflows: [{ workflow_id: 'acme', next_run_at: expect.stringMatching(/-01-01T00:00/) as unknown }],
    })
    expect(await stopped(running)).toBe(0)
  }, 60_000)
})
