import type { Dispatcher } from 'undici'
import type { Clock } from '../core/ports/clock.js'
import type { Logger } from '../core/ports/events.js'
import { send } from './posting.js'

const ATTEMPTS = 3
const PAUSE_MS = 5_000

/**
 * Calls an address to say that a workflow has run. Tried a few times and then left: the next run calls again, and whoever
 * waits for calls notices when they stay away.
 */
export async function beat(
  workflow_id: string,
  url: string,
  {
    dispatcher,
    clock,
    logger,
    signal,
  }: { dispatcher: Dispatcher; clock: Clock; logger: Logger | null; signal: AbortSignal },
): Promise<void> {
  let failed: string | null = null
  for (let attempt = 1; attempt <= ATTEMPTS && !signal.aborted; attempt++) {
    if (attempt > 1) await clock.sleep(PAUSE_MS * (attempt - 1), signal)
    failed = await send({ url, method: 'GET' }, dispatcher, signal)
    if (failed === null) return
  }
  logger?.warn({ workflow_id }, `The heartbeat was not taken: ${failed ?? 'there was no time'}.`)
}
