import type { StateError } from '../errors.js'
import type { Clock } from './clock.js'
import type { Logger, Observer } from './events.js'
import type { HttpPort, HttpSession } from './http.js'
import type { Holder, Store } from './store.js'

/** Everything a run needs from outside. */
export interface RunPorts {
  clock: Clock
  /** Opens what a run works with, once its parameters are found good. What it throws makes the run fatal. */
  open(): Promise<Opened>
  observer: Observer
  /** Null: silent. */
  logger: Logger | null
  /** Who runs, for whoever finds the workflow taken. */
  holder: Holder
  /** Whether the process that a holder named is certain to be dead. */
  isDead(process: string): boolean
  /** Stops the run: reading ends, what is in flight is finished. */
  signal?: AbortSignal
  /** Epoch milliseconds at which the run stops as if by `signal`. */
  deadline?: number
  /** A dry run reads the target too, and its result says what a run would change there: of so many items at most. */
  compare?: { limit: number } | undefined
  /** Whether all that left may be archived, however much it is. */
  allow_left?: boolean
  /** Shown what passes in a dry run that is a preview. */
  tap?: Tap
  /** Sentences for the result's notes that concern the set-up, e.g. an overridden base URL. */
  notes?: string[]
  /** Secrets of the set-up besides those of the parameters, such as the password of a proxy or of the state: never shown. */
  secrets?: string[]
  /** The proxy of the environment that requests go through; null for none. Throws `RunError` where it cannot be used. */
  proxy?(): { variable: string; host: string } | null
}

/** Looks on while the first items pass: they are read in full, whatever is kept of them. */
export interface Tap {
  /** So many items pass, and no more. */
  limit: number
  /** An entry of the list, as the connector has it. */
  listed(reference: string, entry: unknown): void
  loaded(reference: string, item: unknown): void
  /** As the format returned it, checked by nobody yet. */
  formatted(reference: string, returned: unknown): void
}

export interface Opened {
  store: Store
  /** Sentences for the result's notes that concern the state. */
  notes?: string[]
  /** A run that leaves no trace does without the state that a real one would use: it is not there yet, or cannot be used. */
  lacking?: { location: string; error?: StateError }
  http: (session: HttpSession) => HttpPort
}
