import type { Condition, Message, ScheduledWorkflow, Told } from '../core/ports/schedule.js'
import { hashOf } from '../core/state/scope.js'

/** What a message holds: no secret, and nothing of a person. */
export interface Telling {
  id: string
  event: Told
  workflow_id: string
  /** All of it in a sentence or two, as chat tools show it. */
  text: string
  /** What happened; null where all is well. */
  said: string | null
  /** ISO instants: since when it is so, and when this was written. */
  since: string
  at: string
  /** What to look with. */
  command: string
}

/** How a workflow stood and stands, for whoever is told. */
type Standing = Pick<ScheduledWorkflow, 'workflow_id' | 'condition' | 'since' | 'said' | 'told_at' | 'listeners'>

const REPEATED_MS = 24 * 3_600_000

/** Who is to be told what when a workflow stands otherwise than before, or still badly a day after that was told. */
export function tell(before: Standing, after: Standing, now: number): { messages: Message[]; told_at: number | null } {
  const isSame = before.condition === after.condition
  const isTold = isSame && before.told_at !== null && now - before.told_at < REPEATED_MS
  if (isTold || (isSame && after.condition === 'ok')) return { messages: [], told_at: before.told_at }
  const messages = after.listeners.flatMap(({ target, on }) => {
    const event = eventFor(on, before.condition, after.condition)
    return event === null ? [] : message(target, event, { before, after, now })
  })
  return { messages, told_at: after.condition === 'ok' ? null : now }
}

/** What a listener hears of a change: what it asked for, or that what it was told of is over. */
function eventFor(on: readonly Told[], before: Condition, after: Condition): Told | null {
  if (after !== 'ok' && on.includes(after)) return after
  return before !== 'ok' && before !== after && on.includes(before) && on.includes('recovered') ? 'recovered' : null
}

function message(
  target: string,
  event: Told,
  { before, after, now }: { before: Standing; after: Standing; now: number },
): Message {
  const { workflow_id } = after
  const since = event === 'recovered' ? now : after.since
  // Told again after a transaction that was tried again, it is the same message.
  const id = hashOf([workflow_id, event, since, now, target])
  const command = commandFor(event, workflow_id)
  const said = event === 'recovered' && after.condition === 'ok' ? null : after.said
  const text = `${sentence(event, before, after)}${said === null ? '' : ` ${said}`} Look with: ${command}`
  const told: Telling = { id, event, workflow_id, text, said, since: iso(since), at: iso(now), command }
  return { id, target, workflow_id, body: JSON.stringify(told) }
}

function sentence(event: Told, before: Standing, { workflow_id, since }: Standing): string {
  switch (event) {
    case 'fatal':
      return `${workflow_id} cannot run since ${iso(since)}.`
    case 'failures':
      return `${workflow_id} has failures since ${iso(since)}.`
    case 'overdue':
      return `${workflow_id} is overdue.`
    case 'held':
      return `${workflow_id} holds back what left since ${iso(since)}.`
    case 'recovered':
      return `${workflow_id} has recovered: it was ${WORDS[before.condition]} since ${iso(before.since)}.`
  }
}

const WORDS: Record<Condition, string> = {
  ok: 'well',
  fatal: 'unable to run',
  failures: 'failing in part',
  overdue: 'overdue',
  held: 'holding back what left',
}

function commandFor(event: Told, workflow_id: string): string {
  const id = /^[\w.@%+:,-]+$/.test(workflow_id) ? workflow_id : `'${workflow_id.replaceAll("'", `'\\''`)}'`
  const words: Record<Told, string> = {
    fatal: `check ${id}`,
    failures: `pending ${id}`,
    overdue: 'workflows list',
    held: `plan ${id}`,
    recovered: `runs --workflow ${id}`,
  }
  return `hrflow-connectors ${words[event]}`
}

const iso = (at: number) => new Date(at).toISOString()
