import pg from 'pg'
import { beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest'
import { freshDatabase } from '../../../test/support/postgres.js'
import { entry } from '../../../test/support/schedule-conformance.js'
import { VirtualClock } from '../../../test/support/virtual-clock.js'
import type { ReadyWorkflow, ScheduledWorkflow } from '../../core/ports/schedule.js'
import { registering } from '../../serve/planning.js'
import { openTimetable, type Timetable } from '../../workflows/index.js'
import { openPostgres } from './postgres.js'

const MINUTE = 60_000
let timetable: Timetable
beforeAll(async () => {
  timetable = await openTimetable()
})

/** Workflows by name and account, none of which is due. */
async function resting(accounts: Record<string, string>) {
  const clock = new VirtualClock(Date.UTC(2026, 10, 30, 9, 1))
  const url = await freshDatabase(inject('postgres_url'))
  const store = await openPostgres(url, clock)
  onTestFinished(() => store.close())
  const { schedules } = store
  const entries = Object.entries(accounts).map(([id, account]) => ({ ...entry(id), account }))
  await schedules.replaceScheduled(registering(entries, timetable))
  const sent = async (account?: string) => {
    const ids: string[] = []
    const send = async (ready: ReadyWorkflow[]) => void ids.push(...ready.map(({ workflow_id }) => workflow_id))
    await schedules.sendReady(send, account)
    return ids
  }
  const query = async (text: string) => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.query(text)
    await client.end()
  }
  return { clock, store, schedules, entries, sent, query }
}

/** Workflows by name and account, all of which are due; the earlier ones since longer. */
async function due(accounts: Record<string, string>) {
  const { clock, store, schedules, entries, sent } = await resting(accounts)
  const change = (id: string, changes: Partial<ScheduledWorkflow>) => schedules.changeOne(id, () => ({ changes }))
  for (const [at, { workflow_id }] of entries.entries())
    await change(workflow_id, { run_due: clock.now() - MINUTE + at })
  const start = (id: string, busy: number[] = []) =>
    schedules.startOne(id, null, (_, { now, busy_ms }) => {
      busy.push(busy_ms)
      return busy_ms > 0 ? null : { changes: { started_at: now, run_due: null } }
    })
  return { clock, store, schedules, change, sent, start, pass: (ms: number) => clock.run(clock.now() + ms) }
}

describe('what is ready, for several processes', () => {
  it('is sent once: of each account the one that is due longest', async () => {
    const { sent, schedules } = await due({ a1: 'a', a2: 'a', b1: 'b' })
    const all = await Promise.all([sent(), sent(), sent()])
    expect(all.flat().sort()).toEqual(['a1', 'b1'])
    expect([await sent(), await schedules.sentCount(), await schedules.sentCount(MINUTE)]).toEqual([[], 2, 0])
  })

  it('is found as quickly where statistics say that all rest', { timeout: 60_000 }, async () => {
    const accounts = Array.from({ length: 2_000 }, (_, at) => [`w${at}`, `a${at}`] as const)
    const { schedules, sent, query } = await resting(Object.fromEntries(accounts))
    await query('analyze')
    await query('update hrflow_connectors.schedules set run_due = next_run_at')
    const began = performance.now()
    expect(await sent()).toHaveLength(2_000)
    expect(await sent()).toEqual([])
    // Milliseconds; compared with one another, the rows took 20 s.
    expect(performance.now() - began).toBeLessThan(5_000)
    expect(await schedules.sentCount()).toBe(2_000)
  })

  it('is not sent where sending fails', async () => {
    const { schedules, sent } = await due({ a1: 'a' })
    const failing = schedules.sendReady(() => Promise.reject(new Error('No.')))
    await expect(failing).rejects.toThrow()
    expect(await sent()).toEqual(['a1'])
  })

  it('is queued in the transaction that marks it', async () => {
    const { schedules } = await due({ a1: 'a' })
    const seen: unknown[] = []
    await schedules.sendReady(async (_, db) => {
      const text = 'select sent_at is not null as sent from hrflow_connectors.schedules where workflow_id = $1'
      seen.push(...(await db.executeSql(text, ['a1'])).rows)
    })
    expect(seen).toEqual([{ sent: true }])
  })

  it('waits while another of its account runs, and is sent as soon as that has ended', async () => {
    const { sent, start, change, pass } = await due({ a1: 'a', a2: 'a' })
    expect(await sent()).toEqual(['a1'])
    await start('a1')
    expect(await sent()).toEqual([])
    const busy: number[] = []
    await start('a2', busy)
    expect(busy[0]).toBeGreaterThan(0)
    await pass(1_000)
    await change('a1', { started_at: null })
    expect([await sent('b'), await sent('a')]).toEqual([[], ['a2']])
  })

  it('is one whose run lost its process, once its lease has run out and not before', async () => {
    const { store, sent, start, pass } = await due({ a1: 'a' })
    await sent()
    await start('a1')
    await pass(30_000)
    await store.acquireLease('a1', 'x', { name: 'me', process: null }, MINUTE)
    await pass(MINUTE - 1)
    expect(await sent()).toEqual([])
    await pass(1)
    expect(await sent()).toEqual(['a1'])
  })

  it('is sent again when nobody has taken it up, and when it was taken up and put back', async () => {
    const { schedules, sent, pass } = await due({ a1: 'a' })
    expect(await sent()).toEqual(['a1'])
    await pass(2 * MINUTE)
    expect(await sent()).toEqual(['a1'])
    await schedules.startOne('a1', null, () => null)
    expect(await sent()).toEqual(['a1'])
  })

  it('comes last after it made way, and is neither paused nor backing off', async () => {
    const { clock, change, sent } = await due({ a1: 'a', a2: 'a', b1: 'b', c1: 'c' })
    await change('a1', { waits_until: clock.now() })
    await change('b1', { waits_until: clock.now() + 1 })
    await change('c1', { paused: true })
    expect(await sent()).toEqual(['a2'])
  })

  it('wants the account of another', async () => {
    const { schedules, change } = await due({ a1: 'a', a2: 'a', b1: 'b' })
    const wanted = async (workflow_id: string, account: string) => schedules.isWanted({ workflow_id, account })
    expect([await wanted('a1', 'a'), await wanted('b1', 'b')]).toEqual([true, false])
    await change('a2', { paused: true })
    expect(await wanted('a1', 'a')).toBe(false)
  })
})

describe('two that start at once', () => {
  it('of one account: one does', async () => {
    const { start } = await due({ a1: 'a', a2: 'a', a3: 'a', a4: 'a' })
    const started = await Promise.all(['a1', 'a2', 'a3', 'a4'].map((id) => start(id)))
    expect(started.filter((workflow) => workflow?.started_at !== null)).toHaveLength(1)
  })
})
