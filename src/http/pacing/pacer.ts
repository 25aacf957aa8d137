export interface Answered {
  status: number
  /** Names in lower case. */
  headers: Record<string, string | undefined>
}

/** Leave to send one request now. `settle` must be called exactly once: with the answer, or null when none came. */
export interface Permit {
  readonly waited_ms: number
  settle(answer: Answered | null): void
}

/** A service asked for more time than a run waits. */
export class HeldError extends Error {
  /** Local clock, epoch milliseconds. */
  readonly until: number

  constructor(until: number) {
    super(`held until ${new Date(until).toISOString()}`)
    this.until = until
  }
}

/** So long a run waits where a service asks for it with `Retry-After`. */
const PATIENCE_MS = 300_000

/** How long to wait for a service that asked for it; throws `HeldError` where that is too long. */
export function patience(until: number, now: number): number {
  if (until - now > PATIENCE_MS) throw new HeldError(until)
  return Math.max(0, until - now)
}

export interface Pacer {
  /** Rejects with `signal.reason` when the signal fires while it waits. */
  acquire(signal?: AbortSignal): Promise<Permit>
}

export type Settle = (answer: Answered | null) => void
