// How values of the contract are put into words and shapes.
import type { AuditEntry, FailurePage, LiveProgress, RunLine, WorkflowLine } from '../contract.js'

export type Counters = LiveProgress['events']
export type Condition = WorkflowLine['condition']
export type Status = NonNullable<RunLine['status']>
export type Stage = FailurePage['failures'][number]['stage']

/** How something stands: its colour and its shape. */
export type Tone = 'good' | 'warn' | 'bad' | 'busy' | 'idle'

export const CONDITIONS: Record<Condition, { tone: Tone; word: string }> = {
  ok: { tone: 'good', word: 'Well' },
  fatal: { tone: 'bad', word: 'Cannot run' },
  failures: { tone: 'warn', word: 'Items fail' },
  overdue: { tone: 'warn', word: 'Overdue' },
  held: { tone: 'warn', word: 'Held back' },
}

export const STATUSES: Record<Status, { tone: Tone; word: string }> = {
  success: { tone: 'good', word: 'Success' },
  success_with_failures: { tone: 'warn', word: 'With failures' },
  fatal: { tone: 'bad', word: 'Fatal' },
}

/** How a run stands; one that never ended and is not followed has lost its process, or runs in another. */
export function standingOf(run: Pick<RunLine, 'status' | 'live' | 'reason' | 'finished_at'>): {
  tone: Tone
  word: string
} {
  if (run.live) return { tone: 'busy', word: 'Running' }
  if (run.status === null) return { tone: 'idle', word: run.finished_at === null ? 'Not ended' : 'Unknown' }
  if (run.reason === 'interrupted') return { tone: 'warn', word: 'Stopped' }
  if (run.reason === 'yielded') return { tone: 'warn', word: 'Made way' }
  return STATUSES[run.status]
}

/** How a workflow stands, most telling first. */
export function standingOfWorkflow(line: WorkflowLine): { tone: Tone; word: string } {
  if (line.running) return { tone: 'busy', word: 'Running' }
  if (line.paused) return { tone: 'idle', word: 'Paused' }
  if (line.condition === 'ok' && line.last_run === null) return { tone: 'idle', word: 'Never ran' }
  return CONDITIONS[line.condition]
}

export const KINDS: Record<RunLine['kind'], string> = { run: 'Run', full: 'Full run', dry: 'Dry run' }

export const STAGES: Record<Stage, string> = {
  list: 'Listing',
  load: 'Reading',
  logics: 'Logics',
  format: 'Mapping',
  write: 'Writing',
  callback: 'Callback',
}

export interface End {
  name: keyof Counters
  word: string
  tone: 'written' | 'left' | 'same' | 'out' | 'failed' | 'ended'
}

/** Ends of items that were listed and not read whole. */
export const READ_ENDS: readonly End[] = [
  { name: 'read_unchanged', word: 'Unchanged since the last run', tone: 'same' },
  { name: 'read_filtered', word: 'Outside the filter', tone: 'out' },
  { name: 'read_gone', word: 'Deleted meanwhile', tone: 'out' },
  { name: 'read_failure', word: 'Not readable', tone: 'failed' },
  { name: 'read_skipped', word: 'Not reached', tone: 'ended' },
]

/** Ends of items that were read. */
export const WRITE_ENDS: readonly End[] = [
  { name: 'write_success', word: 'Written', tone: 'written' },
  { name: 'write_unarchived', word: 'Brought back', tone: 'written' },
  { name: 'write_archived', word: 'Archived', tone: 'left' },
  { name: 'write_unchanged', word: 'Nothing to change', tone: 'same' },
  { name: 'write_not_found', word: 'Not on the target', tone: 'out' },
  { name: 'logics_discard', word: 'Discarded by logics', tone: 'out' },
  { name: 'logics_failure', word: 'Failed in logics', tone: 'failed' },
  { name: 'format_failure', word: 'Failed in mapping', tone: 'failed' },
  { name: 'write_failure', word: 'Not writable', tone: 'failed' },
  { name: 'write_skipped', word: 'Not reached', tone: 'ended' },
]

/** What is counted besides, as one and as several: no item ends there. */
const BESIDES: readonly { name: keyof Counters; one: string; several: string }[] = [
  { name: 'list_failure', one: 'page or entry could not be listed', several: 'pages or entries could not be listed' },
  { name: 'left_held', one: 'item that left is held back', several: 'items that left are held back' },
  { name: 'details_due', one: 'item still waits for its details', several: 'items still wait for their details' },
  { name: 'callback_failure', one: 'callback failed', several: 'callbacks failed' },
  { name: 'getting_incremental_token_failure', one: 'cursor could not be read', several: 'cursors could not be read' },
]

/** What was counted besides, for reading. */
export const besidesOf = (events: Counters): string[] =>
  BESIDES.filter(({ name }) => events[name] > 0).map(({ name, one, several }) => {
    return `${count(events[name])} ${events[name] === 1 ? one : several}`
  })

const sumOf = (events: Counters, ends: readonly End[]) => ends.reduce((sum, { name }) => sum + events[name], 0)

export const listedOf = (events: Counters) => events.read_success + sumOf(events, READ_ENDS)

/** Items that were read and ended otherwise than by one of the counters: those of a dry run. */
export const previewedOf = (events: Counters) => Math.max(0, events.read_success - sumOf(events, WRITE_ENDS))

export const countOfTone = (events: Counters, tone: End['tone']) =>
  sumOf(
    events,
    [...READ_ENDS, ...WRITE_ENDS].filter((end) => end.tone === tone),
  )

const AUDITED: Record<string, string> = {
  run: 'Started a run',
  full_run: 'Started a full run',
  dry_run: 'Started a dry run',
  plan: 'Asked for a plan',
  stop: 'Stopped a run',
  pause: 'Paused',
  resume: 'Resumed',
  retry: 'Asked to try again',
  dismiss: 'Dismissed',
  save_workflow: 'Saved a workflow',
}

/** What is not known here keeps the name it was given. */
export const auditWord = ({ what }: AuditEntry) => AUDITED[what] ?? what.replaceAll('_', ' ')

const numbers = new Intl.NumberFormat('en-GB')
export const count = (value: number) => numbers.format(value)

/** `1 item`, `2,000 items`. */
export const countOf = (value: number, noun: string) => `${count(value)} ${noun}${value === 1 ? '' : 's'}`

export const percent = (share: number) => `${Math.round(share * 100)} %`
