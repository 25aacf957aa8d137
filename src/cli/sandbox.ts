import { startSandbox } from '../sandbox/index.js'
import { UsageError, type Terminal } from './terminal.js'

/** `sandbox`: serves both stand-ins until a signal, and prints the environment that points a connector here. */
export async function serveSandbox(
  values: Record<string, string | undefined>,
  { stdout, stderr }: Terminal,
): Promise<void> {
  const [jobs, port, limit, ms] = ['jobs', 'port', 'limit', 'latency'].map((name) => numberOf(name, values[name]))
  const sandbox = await startSandbox({
    workable: { jobs: jobs ?? 0, rate_limit: { limit: limit ?? 10 } },
    port: port ?? 0,
    latency: { ms: ms ?? 0 },
  }).catch((error: unknown) => {
    const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    if (inUse) throw new UsageError(`--port ${String(port)} is in use. Give another one, or 0 for any free one.`)
    throw error
  })
  for (const [name, value] of Object.entries(sandbox.env)) stdout.write(`export ${name}='${value}'\n`)
  stderr.write(`Serving ${String(jobs)} jobs at ${sandbox.url}. Ctrl-C stops it.\n`)
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
  await sandbox.close()
}

function numberOf(name: string, value: string | undefined): number {
  if (value === undefined || !/^\d{1,7}$/.test(value)) throw new UsageError(`--${name}: expected a whole number.`)
  const number = Number(value)
  if (name === 'port' && number > 65_535) throw new UsageError('--port: expected 0 to 65535.')
  if (name === 'limit' && number < 2)
    throw new UsageError('--limit: expected at least 2, as Workable refuses the last request of a slot.')
  return number
}
