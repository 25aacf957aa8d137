import { stringify } from 'yaml'
import { z } from 'zod'
import { messageOf } from '../../../core/errors.js'
import { type Sandbox, startSandbox } from '../../../sandbox/index.js'
import { type Terminal, UsageError } from '../../terminal.js'

/** What a flag takes, and what is said of anything else. */
const FLAGS = {
  // All are made before the first request is answered.
  jobs: { from: 0, to: 1_000_000, why: '' },
  accounts: { from: 1, to: 100, why: '' },
  boards: { from: 1, to: 100, why: '' },
  port: { from: 0, to: 65_535, why: '' },
  'control-port': { from: 0, to: 65_535, why: '' },
  limit: { from: 2, to: 1_000_000, why: ': Workable refuses the last request of a slot' },
  latency: { from: 0, to: 600_000, why: '' },
} as const

/** `sandbox`: serves both stand-ins until a signal, and prints the environment that points a connector here. */
export async function serveSandbox(
  values: Record<string, string | undefined>,
  { stdout, stderr }: Terminal,
): Promise<void> {
  const number = (name: keyof typeof FLAGS) => numberOf(name, values[camelCase(name)])
  const [jobs, accounts, boards] = [number('jobs'), number('accounts'), number('boards')]
  const [port, control_port] = [number('port'), number('control-port')]
  if (port !== 0 && port === control_port)
    throw new UsageError('--control-port: expected another port than that of --port.')
  const sandbox = await startSandbox({
    workable: { jobs, rate_limit: { limit: number('limit') } },
    accounts,
    boards,
    port,
    control_port,
    latency: { ms: number('latency') },
  }).catch((error: unknown) => {
    throw new UsageError(refusalOf(error, { port, 'control-port': control_port }))
  })
  await serve(sandbox, () => {
    for (const [name, value] of Object.entries(sandbox.env)) stdout.write(`export ${name}='${value}'\n`)
    if (accounts > 1 || boards > 1) stderr.write(`A workflow file for all of it:\n\n${workflowFile(sandbox)}\n`)
    const served = accounts === 1 ? `${jobs} jobs` : `${accounts} accounts of ${jobs} jobs`
    stderr.write(`Serving ${served} at ${sandbox.url}. Ctrl-C stops it.\n`)
    stderr.write(
      'In another terminal, with this environment: hrflow-connectors sandbox jobs, and sandbox close REFERENCE.\n',
    )
  })
}

/** A workflow for each account, and for each board: they are dealt out in turn, so that none is left out. */
function workflowFile({ accounts, hrflow: { boards } }: Sandbox): string {
  const workflows = Array.from({ length: Math.max(accounts.length, boards.length) }, (_, at): [string, object] => {
    const [account, board] = [at % accounts.length, at % boards.length]
    const subdomain = accounts[account]?.subdomain ?? ''
    const connector_auth = { api_access_token: `\${WORKABLE_API_ACCESS_TOKEN${suffix(account)}}`, subdomain }
    const board_key = `\${HRFLOW_BOARD_KEY${suffix(board)}}`
    const workflow = {
      action: 'workable.update_jobs_in_hrflow',
      connector_auth,
      pull_parameters: { state: 'published' },
      push_parameters: { board_key, on_missing: 'create', on_left: 'archive' },
      incremental: true,
    }
    return [at < accounts.length ? `${subdomain}-jobs` : `${subdomain}-jobs-${at + 1}`, workflow]
  })
  return stringify({ workflows: Object.fromEntries<object>(workflows) }, { lineWidth: 0 })
}

/** Of the variables of a further account or board. */
const suffix = (at: number) => (at === 0 ? '' : `_${at + 1}`)

/** As commander names the value of a flag. */
const camelCase = (flag: string) => flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())

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
function refusalOf(error: unknown, ports: Record<'port' | 'control-port', number>): string {
  const { code, port } = z.looseObject({ code: z.string(), port: z.number() }).partial().catch({}).parse(error)
  const flag = `--${port !== undefined && port === ports['control-port'] ? 'control-port' : 'port'} ${port ?? ''}`
  const other = 'Give another one, or 0 for any free one.'
  if (code === 'EADDRINUSE') return `${flag} is in use. ${other}`
  if (code === 'EACCES') return `${flag} may not be used: ports below 1024 need rights of their own. ${other}`
  return `The sandbox cannot be served: ${messageOf(error)}. ${other}`
}

function numberOf(name: keyof typeof FLAGS, value = ''): number {
  const { from, to, why } = FLAGS[name]
  const number = Number(value)
  if (!/^\d{1,9}$/.test(value) || number < from || number > to)
    throw new UsageError(`--${name}: expected a whole number from ${from} to ${to}${why}.`)
  return number
}
