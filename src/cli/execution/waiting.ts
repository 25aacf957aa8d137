import type { Clock } from '../../core/ports/clock.js'
import type { Logger } from '../../core/ports/events.js'
import type { LeaseHolder, WorkflowRecord } from '../../core/ports/store.js'
import type { RunResult } from '../../core/result/result.js'
import { systemClock } from '../../runtime/clock.js'
import { stateAt } from '../../runtime/state.js'
import { holderOf } from '../../runtime/process.js'
import { STANDARD_WAIT } from '../input/shared-flags.js'
import type { ProgressLine } from '../output/progress.js'
import { moment, UsageError } from '../terminal.js'

const UNITS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000 }
const LONGEST_MS = 7 * 24 * 3_600_000

const FIRST_LOOK_MS = 500
const LAST_LOOK_MS = 5_000

/** `--wait [DURATION]` in milliseconds; 0 where it is not given. */
export function waitOf(given: string | boolean | undefined): number {
  if (given === undefined || given === false) return 0
  const text = given === true ? STANDARD_WAIT : given
  const [, count = '', unit = ''] = /^(\d{1,6})([smh])$/.exec(text) ?? []
  const ms = Number(count) * (UNITS[unit] ?? NaN)
  if (!(ms <= LONGEST_MS)) throw new UsageError('--wait: expected a time as 30s, 5m or 2h, of at most a week.')
  return ms
}

/** In the largest unit that it is a whole number of. */
function spelt(ms: number): string {
  const [unit, size] = Object.entries(UNITS).findLast(([, known]) => ms % known === 0) ?? ['ms', 1]
  return `${ms / size} ${{ s: 's', m: 'min' }[unit] ?? unit}`
}

export interface Waiting {
  /** What is known of the workflow. */
  look: () => Promise<WorkflowRecord | null>
  clock: Clock
  /** Ends the waiting. */
  signal: AbortSignal
  /** By the clock. */
  until: number
  /** Told of each run that is waited for. */
  held: (holder: LeaseHolder) => void
}

/** Waits until nobody runs the workflow, the time is up or the signal fires: a query each, at growing distance. */
export async function untilFree({ look, clock, signal, until, held }: Waiting): Promise<void> {
  let seen: number | undefined
  for (let pause = FIRST_LOOK_MS; !signal.aborted; pause = Math.min(pause * 2, LAST_LOOK_MS)) {
    const record = await look()
    const holder = record === null ? null : holderOf(record)
    const left = until - clock.now()
    if (holder === null || left <= 0) return
    if (holder.epoch !== seen) held(holder)
    seen = holder.epoch
    await clock.sleep(Math.min(pause, left), signal)
  }
}

interface Wait {
  wait_ms: number
  state: string
  progress: ProgressLine
  signal: AbortSignal
  logger: Logger | null
}

/** Starts a run once nobody else runs its workflow, or as the time is up: then the run says why it cannot. */
export async function waitingFor(
  { parameters }: { parameters: Record<string, unknown> },
  wait: Wait,
  start: () => Promise<RunResult>,
): Promise<RunResult> {
  const { wait_ms, signal } = wait
  const { workflow_id, persist } = parameters
  // A dry run takes no hold of its workflow.
  if (wait_ms === 0 || persist === false || typeof workflow_id !== 'string') return start()
  const until = systemClock.now() + wait_ms
  for (;;) {
    await waitFor(workflow_id, until, wait)
    const result = await start()
    if (result.reason !== 'workflow_already_running' || systemClock.now() >= until) return result
    // Another one was faster.
    await systemClock.sleep(FIRST_LOOK_MS, signal)
  }
}

async function waitFor(workflow_id: string, until: number, wait: Wait): Promise<void> {
  const { wait_ms, state, progress, signal, logger } = wait
  const look = async () => (await stateAt(state)).workflow(workflow_id)
  const held = ({ name, since }: LeaseHolder) => {
    const said = `Waiting for ${workflow_id}, at most ${spelt(wait_ms)}: ${name} runs it, since ${moment(since)}.`
    logger?.info({ workflow_id }, said)
    progress.waits(said)
  }
  // State that cannot be asked is the run's to complain of.
  await untilFree({ look: () => look().catch(() => null), clock: systemClock, signal, until, held })
  progress.waits('')
}
