import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { receiver } from '../../test/serve/served.js'
import { entry } from '../../test/support/schedule-conformance.js'
import { VirtualClock } from '../../test/support/virtual-clock.js'
import { hashOf } from '../core/state/scope.js'
import { openSqlite } from '../stores/sql/sqlite.js'
import { openTimetable } from '../workflows/index.js'
import { Notifier, pauseMs } from './notifier.js'
import { registering } from './planning.js'

const HOUR = 3_600_000

/** A notifier with one message for one receiver, and what it logs. */
async function notifier(status: () => number, target?: string) {
  const hook = await receiver()
  hook.status = status
  const clock = new VirtualClock()
  const folder = mkdtempSync(join(tmpdir(), 'hrflow-connectors-notifier-'))
  const store = await openSqlite(join(folder, 'state.db'), clock)
  const { schedules } = store
  const dispatcher = new Agent()
  onTestFinished(async () => {
    await dispatcher.close()
    await store.close()
    rmSync(folder, { recursive: true })
  })
  await schedules.replaceScheduled(registering([entry('acme')], await openTimetable()))
  const message = { id: 'm', target: target ?? hashOf(hook.url), workflow_id: 'acme', body: '{"id":"m"}' }
  await schedules.changeOne('acme', () => ({ changes: {}, messages: [message] }))
  const said: string[] = []
  const say = (_: unknown, sentence: string) => void said.push(sentence)
  const logger = { debug: say, info: say, warn: say, error: say }
  const known = { target: hashOf(hook.url), url: hook.url, secret: null }
  const targetOf = async (asked: { target: string }) => (asked.target === known.target ? known : null)
  const made = new Notifier({ schedules, targetOf, dispatcher, clock, logger })
  return { made, hook, clock, said, deliver: () => made.deliver(new AbortController().signal) }
}

describe('a message', () => {
  it('that is taken is sent once, unsigned where there is no secret', async () => {
    const { hook, deliver } = await notifier(() => 204)
    expect([await deliver(), await deliver()]).toEqual([1, 0])
    expect(hook.got).toMatchObject([{ body: '{"id":"m"}', headers: { 'content-type': 'application/json' } }])
    expect(hook.got[0]?.headers).not.toHaveProperty('x-hrflow-connectors-signature')
  })

  it.each([302, 404, 500])('answered with %i is tried again with growing pauses, then given up', async (status) => {
    const { hook, clock, said, deliver } = await notifier(() => status)
    const began = clock.now()
    while (clock.now() - began < 100 * HOUR) {
      await deliver()
      await clock.run(clock.now() + 10_000)
    }
    // 10 s, 20 s, ... an hour: some 80 times in three days.
    expect(hook.got.length).toBeGreaterThan(70)
    expect(hook.got.length).toBeLessThan(90)
    expect(said.at(-1)).toBe(`A message was given up: it answered ${status}.`)
    expect(said.join()).not.toContain(hook.url)
  })

  it('for an address that the file has no longer is dropped', async () => {
    const { hook, deliver } = await notifier(() => 200, 'of another address')
    expect([await deliver(), await deliver(), hook.got.length]).toEqual([1, 0, 0])
  })

  it('waits twice as long each time, at most an hour', async () => {
    expect([pauseMs(1), pauseMs(2), pauseMs(100)]).toEqual([10_000, 20_000, HOUR])
  })
})
