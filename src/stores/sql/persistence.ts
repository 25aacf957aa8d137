import { setTimeout } from 'node:timers/promises'
import { ConnectorError } from '../../core/errors.js'
import type { Clock } from '../../core/ports/clock.js'
import { type Kind, passing, stateError } from './database-errors.js'

/** How long a database may be away: a restart or a change of the primary takes so long. */
const AWAY_MS = 30_000
const LONGEST_PAUSE_MS = 2_000
const FIRST_PAUSE_MS = 20

/** Of work that others clash with: with the pauses between them some five seconds. */
const CLASHES = 10

export interface PersistenceOptions {
  kind: Kind
  location: string
  /** What no sentence may repeat. */
  secrets: readonly string[]
  /** Default: the system's. */
  clock?: Pick<Clock, 'now' | 'sleep'>
  /** Default: `Math.random`. */
  random?: () => number
}

const SYSTEM: Pick<Clock, 'now' | 'sleep'> = { now: () => Date.now(), sleep: (ms) => setTimeout(ms) }

/**
 * Does work on a database until it is done, where what keeps it from being done may pass: others that write the same, a
 * database that is away for a moment. What stays is thrown as a `StateError` with its cause in words.
 */
export class Persistence {
  readonly #options: PersistenceOptions
  /** Since when nothing has worked, and when that was last seen: all that is asked meanwhile waits for one end. */
  #away: { since: number; seen: number } | undefined

  constructor(options: PersistenceOptions) {
    this.#options = options
  }

  /**
   * `work` is one transaction, and doing it twice is as good as doing it once: of one whose end broke nobody knows whether
   * it came. `opening`: a database that is away then is not waited for, as nothing has begun.
   */
  async through<T>(work: () => Promise<T>, { opening = false } = {}): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        const value = await work()
        this.#away = undefined
        return value
      } catch (error) {
        // Our own: a lease that is lost, a state that is newer.
        if (error instanceof ConnectorError) throw error
        const { kind, location, secrets } = this.#options
        if (!this.#mayPass(passing(kind, error), attempt, opening)) throw stateError(kind, location, error, secrets)
        await this.#pause(attempt)
      }
    }
  }

  #mayPass(how: ReturnType<typeof passing>, attempt: number, opening: boolean): boolean {
    if (how === 'clash') return attempt < CLASHES
    return how === 'away' && !opening && this.#mayReturn((this.#options.clock ?? SYSTEM).now())
  }

  #mayReturn(now: number): boolean {
    // Seen last a while ago, it is another time.
    const since = this.#away !== undefined && now - this.#away.seen < AWAY_MS ? this.#away.since : now
    this.#away = { since, seen: now }
    return now - since < AWAY_MS
  }

  /** Growing, and not the same for all that clashed. */
  async #pause(attempt: number): Promise<void> {
    const { clock = SYSTEM, random = Math.random } = this.#options
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt)
    await clock.sleep(longest / 2 + (random() * longest) / 2)
  }
}
