// A terminal that is closed, or a connection that breaks, is a reason to end in good order as well.
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** A terminal signals its whole group, and npx passes on to its child what that got as well: these are one signal. */
const ONE_MS = 500

/**
 * Calls `stop` with the first signal, and `quit` at one that comes later. Returns what ends that: once told to stop, the
 * process listens until its end, so that the other half of a signal does not cut off the result.
 */
export function onSignals(stop: (signal: NodeJS.Signals) => void, quit: () => void): () => void {
  let stopped_at: number | undefined
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopped_at === undefined) {
      stopped_at = performance.now()
      stop(signal)
    } else if (performance.now() - stopped_at > ONE_MS) quit()
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)
  return () => {
    if (stopped_at === undefined) for (const signal of SIGNALS) process.off(signal, onSignal)
  }
}
