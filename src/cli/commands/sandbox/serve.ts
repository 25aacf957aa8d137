import { messageOf } from '../../../core/errors.js'
import { type Sandbox, startSandbox } from '../../../sandbox/index.js'
import { type Terminal, UsageError } from '../../terminal.js'

/** What a flag takes, and what is said of anything else. */
const FLAGS = {
  // All are made before the first request is answered.
  jobs: { from: 0, to: 1_000_000, why: '' },
  port: { from: 0, to: 65_535, why: '' },
  limit: { from: 2, to: 1_000_000, why: ': Workable refuses the last request of a slot' },
  latency: { from: 0, to: 600_000, why: '' },
} as const

/** `sandbox`: serves both stand-ins until a signal, and prints the environment that points a connector here. */
export async function serveSandbox(
  values: Record<string, string | undefined>,
  { stdout, stderr }: Terminal,
): Promise<void> {
  const [jobs, port, limit, latency] = [
    numberOf('jobs', values),
    numberOf('port', values),
    numberOf('limit', values),
    numberOf('latency', values),
  ]
  const sandbox = await startSandbox({
    workable: { jobs, rate_limit: { limit } },
    port,
    latency: { ms: latency },
  }).catch((error: unknown) => {
    throw new UsageError(refusalOf(error, port))
  })
  await serve(sandbox, () => {
    for (const [name, value] of Object.entries(sandbox.env)) stdout.write(`export ${name}='${value}'\n`)
    stderr.write(`Serving ${jobs} jobs at ${sandbox.url}. Ctrl-C stops it.\n`)
  })
}

/** Until a signal; it listens before anybody is told where. */
async function serve(sandbox: Sandbox, announce: () => void): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })
  announce()
  await stopped
  await sandbox.close()
}

/** Why a port cannot be listened at. */
function refusalOf(error: unknown, port: number): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const other = 'Give another one, or 0 for any free one.'
  if (code === 'EADDRINUSE') return `--port ${port} is in use. ${other}`
  if (code === 'EACCES') return `--port ${port} may not be used: ports below 1024 need rights of their own. ${other}`
  return `The sandbox cannot be served: ${messageOf(error)}. ${other}`
}

function numberOf(name: keyof typeof FLAGS, values: Record<string, string | undefined>): number {
  const { from, to, why } = FLAGS[name]
  const value = values[name] ?? ''
  const number = Number(value)
  if (!/^\d{1,9}$/.test(value) || number < from || number > to)
    throw new UsageError(`--${name}: expected a whole number from ${from} to ${to}${why}.`)
  return number
}
