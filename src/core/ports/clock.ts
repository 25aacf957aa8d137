/** Time as the run sees it. Injected, so that tests never wait. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Resolves after `ms`, or at once (without throwing) when `signal` fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}
