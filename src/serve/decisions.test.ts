import { describe, expect, it } from 'vitest'
import { ended, fatal, NOON, scheduled } from '../../test/support/scheduled.js'
import type { ScheduledWorkflow, StartFacts } from '../core/ports/schedule.js'
import type { RunResult } from '../core/result/result.js'
import { backoffMs, isForPerson } from './backoff.js'
import { asking, ending, pausing, refusing, resuming, starting, watching } from './decisions.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const facts = (now: number, more: Partial<StartFacts> = {}): StartFacts => ({
  ...{ now, pending: 0, held_ms: 0, held_by: null, busy_ms: 0 },
  ...more,
})

/** What is started, and the workflow then. */
function start(workflow: ScheduledWorkflow, now = NOON, more: Partial<StartFacts> = {}) {
  const { start, decision } = starting(workflow, facts(now, more))
  return { start, decision, after: { ...workflow, ...decision?.changes } }
}

/** A run from its start to its end; the workflow then, and the events that were told. */
function run(workflow: ScheduledWorkflow, result: RunResult, now = NOON, more: Parameters<typeof facts>[1] = {}) {
  const { start: begun, after } = start(workflow, now)
  if (begun === null || !('claim' in begun)) throw new Error('It was not started.')
  const decision = ending(begun.claim, result)(after, facts(now + 1_000, more))
  const told = (decision?.messages ?? []).map(({ body }) => (JSON.parse(body) as { event: string }).event)
  return { after: { ...after, ...decision?.changes }, told }
}

const due = (changes: Partial<ScheduledWorkflow> = {}) => scheduled({ run_due: NOON - 5, ...changes })

describe('starting', () => {
  it('takes what is due: a full run settles both, an incremental one leaves the full one due', () => {
    expect(start(due()).start).toEqual({ claim: { workflow_id: 'acme', started_at: NOON, full: false, due: NOON - 5 } })
    const both = start(due({ full_due: NOON - 9 }))
    expect([both.start, both.after]).toMatchObject([
      { claim: { full: true, due: NOON - 9 } },
      { run_due: null, full_due: null, started_at: NOON, started_full: true },
    ])
  })

  it('does nothing where nothing is due or it is paused, and waits where it backs off', () => {
    expect(start(scheduled())).toMatchObject({ start: null, decision: null })
    expect(start(due({ paused: true }))).toMatchObject({ start: null, decision: null })
    expect(start(due({ waits_until: NOON + 1 }))).toMatchObject({ start: { again_at: NOON + 1 }, decision: null })
    expect(start(due({ waits_until: NOON })).start).toHaveProperty('claim')
  })

  it('counts what was begun and never ended as fatal, tells it, and has it due again after a while', () => {
    const { start: begun, decision, after } = start(scheduled({ started_at: NOON - HOUR, started_full: true }))
    expect(begun).toEqual({ again_at: NOON + 30_000 })
    expect(after).toMatchObject({ started_at: null, full_due: NOON - HOUR, fatal_count: 1, condition: 'fatal' })
    expect(after.said).toContain('2026-11-30T11:00:00.000Z never ended')
    expect(decision?.messages).toHaveLength(1)
    // One that kills its process again and again waits longer and longer.
    expect(start(scheduled({ started_at: NOON, fatal_count: 9 })).start).toEqual({ again_at: NOON + HOUR })
  })

  it('waits for a run that somebody still holds, and for another run of its account', () => {
    const begun = start(scheduled({ started_at: NOON - HOUR }), NOON, { held_ms: 40_000 })
    expect(begun).toMatchObject({ start: { again_at: NOON + 41_000 }, decision: null })
    expect(start(due(), NOON, { busy_ms: 30_000 })).toMatchObject({
      start: { again_at: NOON + 30_000 },
      decision: null,
    })
  })

  it('refuses what cannot be made of what is stored, and backs off as for what a person must mend', () => {
    const { start: begun, decision } = refusing(due({ fatal_count: 20 }), facts(NOON), 'it needs mending.')
    expect(begun).toEqual({ again_at: NOON + DAY })
    expect(decision?.changes).toMatchObject({ run_due: NOON - 5, condition: 'fatal', said: 'it needs mending.' })
    expect(refusing(scheduled(), facts(NOON), '')).toEqual({ start: null, decision: null })
    expect(refusing(due({ waits_until: NOON + 9 }), facts(NOON), '')).toMatchObject({ decision: null })
  })
})

describe('ending', () => {
  it('leaves due what came due meanwhile', () => {
    const { start: begun, after } = start(due())
    if (begun === null || !('claim' in begun)) throw new Error('It was not started.')
    const decision = ending(begun.claim, ended())({ ...after, run_due: NOON + 500 }, facts(NOON + 1_000))
    expect(decision?.changes).not.toHaveProperty('run_due')
    expect(decision?.changes).toMatchObject({ started_at: null, condition: 'ok', fatal_count: 0 })
  })

  it.each(['interrupted', 'yielded'] as const)('%s: due again at once, nothing counted and nothing told', (reason) => {
    const { after, told } = run(due({ fatal_count: 2 }), ended({ status: 'success_with_failures', reason }))
    expect(after).toMatchObject({
      run_due: NOON - 5,
      started_at: null,
      // One that made way waits behind all that were due before.
      waits_until: reason === 'yielded' ? NOON + 1_000 : null,
      fatal_count: 2,
      condition: 'ok',
    })
    expect(told).toEqual([])
  })

  it('its lease lost: due again at once', () => {
    const { after, told } = run(due(), fatal('lease_lost', 'workflow_lease_lost'))
    expect([after.run_due, after.waits_until, after.fatal_count, told]).toEqual([NOON - 5, null, 0, []])
  })

  it('run by another already: again when that lease ends, neither fatal nor counted', () => {
    const result = fatal('workflow_already_running', 'workflow_already_running')
    const { after, told } = run(due({ full_due: NOON - 9 }), result, NOON, { held_ms: 40_000 })
    expect(after).toMatchObject({ full_due: NOON - 9, waits_until: NOON + 42_000, fatal_count: 0, condition: 'ok' })
    expect(told).toEqual([])
  })

  it('says nothing where another process has taken the workflow over', () => {
    const { start: begun } = start(due())
    if (begun === null || !('claim' in begun)) throw new Error('It was not started.')
    expect(ending(begun.claim, ended())(scheduled({ started_at: NOON + 9 }), facts(NOON))).toBeNull()
  })

  it('of what a person must mend backs off to a day, of all else to an hour, and is told once', () => {
    for (const [result, longest] of [
      [fatal('unauthorized'), DAY],
      [fatal('http_500'), HOUR],
    ] as const) {
      let workflow = due()
      const waits: number[] = []
      const heard: string[] = []
      for (let attempt = 0; attempt < 14; attempt++) {
        const now = workflow.waits_until ?? NOON
        const { after, told } = run(workflow, result, now)
        waits.push((after.waits_until ?? 0) - now - 1_000)
        // Those that are told a day later are told again.
        if (now - NOON < DAY) heard.push(...told)
        workflow = after
      }
      expect([waits[0], waits[1], waits[2], waits.at(-1)]).toEqual([30_000, 60_000, 120_000, longest])
      expect(heard).toEqual(['fatal'])
      expect(workflow).toMatchObject({ run_due: NOON - 5, fatal_count: 14, since: NOON + 1_000 })
      const well = run(workflow, ended(), workflow.waits_until ?? 0)
      expect([well.told, well.after.condition, well.after.fatal_count]).toEqual([['recovered'], 'ok', 0])
    }
  })

  it('with failures stands so until nothing is pending, although later runs have none', () => {
    const failing = run(due(), ended({ status: 'success_with_failures' }, { write_failure: 2 }), NOON, { pending: 2 })
    expect([failing.told, failing.after.said]).toEqual([
      ['failures'],
      '2 failures in its last run, 2 items are pending.',
    ])
    const between = run({ ...failing.after, run_due: NOON }, ended(), NOON + 60_000, { pending: 2 })
    expect([between.told, between.after.condition, between.after.since]).toEqual([[], 'failures', NOON + 1_000])
    const well = run({ ...between.after, run_due: NOON }, ended(), NOON + 120_000)
    expect(well.told).toEqual(['recovered'])
  })

  it('with what left held back is told as held', () => {
    const { told, after } = run(due(), ended({ status: 'success_with_failures' }, { left_held: 3 }))
    expect([told, after.said]).toEqual([['held'], '3 items that left are held back, as too many left at once.'])
  })
})

describe('a person', () => {
  it('pauses, lets it go on and asks for a run: what waited for something to be mended waits no longer', () => {
    const waiting = scheduled({ fatal_count: 5, waits_until: NOON + HOUR })
    expect(pausing(waiting, facts(NOON))?.changes).toEqual({ paused: true })
    expect(resuming(waiting, facts(NOON))?.changes).toEqual({ paused: false, fatal_count: 0, waits_until: null })
    expect(asking(false)(waiting, facts(NOON))?.changes).toEqual({ run_due: NOON, fatal_count: 0, waits_until: null })
    expect(asking(true)(waiting, facts(NOON))?.changes).toMatchObject({ full_due: NOON })
  })
})

describe('watching', () => {
  const watch = (workflow: ScheduledWorkflow, now = NOON) => watching(workflow, now)

  it('tells once what has been due for an hour, unless it backs off', () => {
    expect(watch(scheduled({ run_due: NOON - HOUR }))).toBeNull()
    const late = scheduled({ full_due: NOON - HOUR - 1 })
    const decision = watch(late)
    expect(decision?.changes).toMatchObject({ condition: 'overdue', since: NOON - HOUR - 1, told_at: NOON })
    expect(decision?.messages).toHaveLength(1)
    expect(watch({ ...late, ...decision?.changes })).toBeNull()
    expect(watch(scheduled({ ...late, condition: 'fatal', told_at: NOON }))).toBeNull()
    expect(watch(scheduled({ ...late, waits_until: NOON + 1 }))).toBeNull()
  })

  it('tells again each day what lasts', () => {
    const bad = scheduled({ condition: 'fatal', since: NOON - DAY, said: 'x', told_at: NOON - DAY })
    expect(watch(bad, NOON - 1)).toBeNull()
    expect(watch(bad)).toMatchObject({ changes: { told_at: NOON }, messages: [{ workflow_id: 'acme' }] })
  })
})

describe('back-off', () => {
  it.each(['unauthorized', 'forbidden', 'unknown_subdomain', 'unknown_board', 'over_quota'])(
    '%s is for a person',
    (code) => expect(isForPerson(fatal(code))).toBe(true),
  )
  it('parameters are, and what passes is not', () => {
    expect(isForPerson(fatal('x', 'bad_target_parameters'))).toBe(true)
    for (const code of ['blocked', 'state_unusable', 'http_500', 'held']) expect(isForPerson(fatal(code))).toBe(false)
    expect(backoffMs(1_000_000, false)).toBe(HOUR)
  })
})
