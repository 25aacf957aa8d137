import { createHmac } from 'node:crypto'
import type { Dispatcher } from 'undici'
import { WorkflowFileError } from '../core/errors.js'
import type { Clock } from '../core/ports/clock.js'
import type { Logger } from '../core/ports/events.js'
import type { ScheduleStore, WaitingMessage } from '../core/ports/schedule.js'
import type { NotifyTarget } from '../workflows/index.js'
import { send } from './posting.js'

/** Of the signature: `sha256=` and the HMAC-SHA256 of the body in hexadecimal. */
const SIGNATURE = 'x-hrflow-connectors-signature'

const AT_ONCE = 10
/** Longer than an attempt takes: a message that a process took and died with is tried again by another. */
const HIDDEN_MS = 60_000
const FIRST_PAUSE_MS = 10_000
const LONGEST_PAUSE_MS = 3_600_000
/** After so long nobody wants to know any more. */
const GIVEN_UP_MS = 3 * 24 * 3_600_000

export interface NotifierOptions {
  schedules: ScheduleStore
  /** Where a message goes; null: nowhere any more. Throws `WorkflowFileError`. */
  targetOf: (message: Pick<WaitingMessage, 'workflow_id' | 'target'>) => Promise<NotifyTarget | null>
  dispatcher: Dispatcher
  clock: Clock
  logger: Logger | null
}

/** How long to wait after so many attempts at a message. */
export function pauseMs(attempts: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempts - 1, 20))
}

/** Brings the messages of the outbox to their targets, each at least once. */
export class Notifier {
  readonly #options: NotifierOptions

  constructor(options: NotifierOptions) {
    this.#options = options
  }

  /** Tries the messages whose time has come. Returns how many there were. Throws `StateError`. */
  async deliver(signal: AbortSignal): Promise<number> {
    const messages = await this.#options.schedules.takeMessages(AT_ONCE, HIDDEN_MS)
    await Promise.all(messages.map((message) => this.#try(message, signal)))
    return messages.length
  }

  async #try(message: WaitingMessage, signal: AbortSignal): Promise<void> {
    const { schedules, clock, logger } = this.#options
    const { id, workflow_id, attempts, created_at } = message
    const failed = await this.#post(message, signal)
    if (failed === null) return schedules.settleMessage(id, null)
    const isOver = clock.now() - created_at > GIVEN_UP_MS
    const fields = { workflow_id, message_id: id, attempts: attempts + 1 }
    if (isOver) logger?.error(fields, `A message was given up: ${failed}.`)
    else logger?.warn(fields, `A message was not taken: ${failed}. It is tried again.`)
    await schedules.settleMessage(id, isOver ? null : pauseMs(attempts + 1))
  }

  /** What went wrong; null: it was taken, or nobody wants it any more. */
  async #post(message: WaitingMessage, signal: AbortSignal): Promise<string | null> {
    const { targetOf, dispatcher } = this.#options
    const { body } = message
    try {
      const target = await targetOf(message)
      if (target === null) return null
      const signed = target.secret === null ? {} : { [SIGNATURE]: signatureOf(body, target.secret) }
      const headers = { 'content-type': 'application/json', 'user-agent': 'hrflow-connectors', ...signed }
      return await send({ url: target.url, method: 'POST', headers, body }, dispatcher, signal)
    } catch (error) {
      // A variable of the address may be set by the next try.
      if (error instanceof WorkflowFileError) return error.message.split('\n')[0] ?? ''
      throw error
    }
  }
}

export function signatureOf(body: string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
}
