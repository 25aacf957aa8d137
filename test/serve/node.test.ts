// pg-boss asks for a Node that may be newer than the one here: serving over PostgreSQL on that one.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { command } from '../support/command.js'
import { npm } from '../support/packed.js'
import { freshDatabase } from '../support/postgres.js'
import { ofAccounts } from './failing.js'
import { machine, serving } from './machine.js'
import { until } from './served.js'

const run = promisify(execFile)

/** A Node of this version, from the npm package of that name. */
async function installed(version: string): Promise<string> {
  const place = mkdtempSync(join(tmpdir(), 'hrflow-connectors-node-'))
  onTestFinished(() => rmSync(place, { recursive: true, force: true }))
  await run('npm', ['install', ...npm, '--prefix', place, `node@${version}`], { cwd: place })
  return join(place, 'node_modules/node/bin/node')
}

describe.skipIf(process.env['SOAK'] === undefined)('on Node 24', () => {
  test('serve migrates, runs what was pushed, and drains', { timeout: 300_000 }, async () => {
    const node = await installed('24')
    expect((await run(node, ['--version'])).stdout).toMatch(/^v24\./)
    const state = await freshDatabase(inject('postgres_url'))
    const { sandbox, env, path } = await machine({ workflows: ofAccounts(1) }, {}, {}, state)
    // The word that names the Node of this process is left out.
    const before = ['sh', '-c', `shift; exec '${node}' "$@"`, 'sh']
    const say = (...words: string[]) => command(words, env, before).ended
    expect(await say('state', 'migrate')).toMatchObject({ code: 0 })
    expect(await say('workflows', 'push', path)).toMatchObject({ code: 0 })
    const servers = [1, 2].map(() => command(['serve', '--port', '0'], env, before))
    onTestFinished(() => servers.forEach(({ child }) => child.kill('SIGKILL')))
    await Promise.all(servers.map(serving))
    await say('workflows', 'run', 'acme')
    await until(() => sandbox.hrflow.jobs(sandbox.board_key).length === 12)
    sandbox.workable.edit(sandbox.workable.jobs[0]!.shortcode, { title: 'Edited' })
    await say('workflows', 'run', 'acme')
    await until(() => sandbox.hrflow.jobs(sandbox.board_key).some(({ name }) => name === 'Edited'))
    for (const { child } of servers) child.kill('SIGTERM')
    const ended = await Promise.all(servers.map((server) => server.ended))
    expect(ended.map(({ code }) => code)).toEqual([0, 0])
  })
})
