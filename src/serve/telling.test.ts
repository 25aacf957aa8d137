import { describe, expect, it } from 'vitest'
import { NOON, scheduled } from '../../test/support/scheduled.js'
import type { Condition, Told } from '../core/ports/schedule.js'
import { tell, type Telling } from './telling.js'

const DAY = 24 * 3_600_000
const stands = (condition: Condition, told_at: number | null = null, on: Told[] = ['fatal'], target = 't') => {
  const said = condition === 'ok' ? null : `It is ${condition}.`
  return scheduled({ condition, since: NOON - 60_000, said, told_at, listeners: [{ target, on }] })
}

function heard(before: Condition, after: Condition, on: Told[]): (Told | undefined)[] {
  const { messages } = tell(stands(before, NOON), stands(after, null, on), NOON)
  return messages.map(({ body }) => (JSON.parse(body) as Telling).event)
}

describe('who is told what', () => {
  it.each<[Condition, Condition, Told[], Told[]]>([
    ['ok', 'fatal', ['fatal'], ['fatal']],
    ['ok', 'fatal', ['failures'], []],
    ['ok', 'ok', ['fatal', 'recovered'], []],
    ['fatal', 'ok', ['fatal', 'recovered'], ['recovered']],
    ['fatal', 'ok', ['fatal'], []],
    // It heard nothing of the failures, so it need not hear that they are over.
    ['failures', 'ok', ['fatal', 'recovered'], []],
    // It asked for no failures, and what it was told of is over.
    ['fatal', 'failures', ['fatal', 'recovered'], ['recovered']],
    ['fatal', 'failures', ['fatal', 'failures', 'recovered'], ['failures']],
    ['fatal', 'fatal', ['fatal'], []],
  ])('%s, then %s, for who asked for %j: %j', (before, after, on, told) => {
    expect(heard(before, after, on)).toEqual(told)
  })

  it('once a day while it lasts', () => {
    const told = (told_at: number) => tell(stands('fatal', told_at), stands('fatal', told_at), NOON)
    expect(told(NOON - DAY + 1)).toEqual({ messages: [], told_at: NOON - DAY + 1 })
    expect(told(NOON - DAY)).toMatchObject({ messages: [{}], told_at: NOON })
  })
})

describe('a message', () => {
  it('says what happened, since when, and what to look with', () => {
    const { messages } = tell(stands('ok'), stands('fatal'), NOON)
    expect(messages).toHaveLength(1)
    expect(JSON.parse(messages[0]!.body)).toEqual({
      id: messages[0]!.id,
      event: 'fatal',
      workflow_id: 'acme',
      text: 'acme cannot run since 2026-11-30T11:59:00.000Z. It is fatal. Look with: hrflow-connectors check acme',
      said: 'It is fatal.',
      since: '2026-11-30T11:59:00.000Z',
      at: '2026-11-30T12:00:00.000Z',
      command: 'hrflow-connectors check acme',
    })
  })

  it('is the same one when it is decided again, and another one for somebody else', () => {
    const ids = (target: string) =>
      tell(stands('ok'), stands('fatal', null, ['fatal'], target), NOON).messages.map(({ id }) => id)
    expect(ids('t')).toEqual(ids('t'))
    expect(ids('t')).not.toEqual(ids('u'))
  })

  it('quotes a name that a shell would take apart', () => {
    const odd = { ...stands('fatal'), workflow_id: "it's; rm -rf /" }
    const { messages } = tell({ ...odd, condition: 'ok' }, odd, NOON)
    expect(messages[0]?.body).toContain(String.raw`check 'it'\\''s; rm -rf /'`)
  })
})
