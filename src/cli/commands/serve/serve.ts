import type { Logger } from '../../../core/ports/events.js'
import { keepsSchedules, type ServeHolder, type SchedulingStore } from '../../../core/ports/schedule.js'
import { systemClock } from '../../../runtime/clock.js'
import { proxySettings, stateLocation } from '../../../runtime/environment.js'
import { dispatcherOf } from '../../../runtime/shared.js'
import { environmentSecrets, isServer, stateAt } from '../../../runtime/state.js'
import { serveFile, serveStored, type Serving } from '../../../serve/index.js'
import type { WorkflowFile } from '../../../workflows/index.js'
import { type Access, type Console, openConsole } from '../../../console/index.js'
import { loggerOf } from '../../execution/logs.js'
import { onSignals } from '../../execution/signals.js'
import { withoutStrays } from '../../execution/unhandled-rejections.js'
import { asUsage, portOf, wholeNumber } from '../../input/listening.js'
import { complain } from '../../input/usage.js'
import { openWorkflowFile } from '../../input/workflow-file.js'
import { type ExitCode, moment, type Terminal, UsageError } from '../../terminal.js'
import { type AccessFlags, accessOf, addressOf } from '../console/access.js'
import { catalogueOf } from '../console/console.js'
import { startScreen } from './screen.js'

export interface ServeFlags extends AccessFlags {
  console?: boolean
  file?: string
  concurrency?: string
  port?: string
}

/** All that a run may take to end, and a little more. */
const DRAIN_MS = 30_000

/** `serve`: until a signal. 0 at SIGTERM, 130 at SIGINT, 4 where another process serves already. */
export async function serve(values: ServeFlags, terminal: Terminal): Promise<ExitCode> {
  const concurrency = wholeNumber('concurrency', values.concurrency, 1, 1_000)
  const at = { host: values.host ?? '127.0.0.1', port: portOf(values.port) }
  const access = values.console === true ? await accessOf(values, terminal.env) : null
  const isShared = isServer(stateLocation(terminal.env))
  if (isShared && values.file !== undefined) throw new UsageError(pushFirst(values.file))
  const file = isShared ? null : await scheduledFile(values.file, terminal)
  const logger = await loggerOf(terminal, 'info')
  const store = await storeOf(terminal)
  let also: Console | undefined
  try {
    const dispatcher = dispatcherOf(proxySettings(terminal.env))
    if (access !== null) also = await consoleOf(values, { store, logger, access }, terminal)
    const options = { store, concurrency, clock: systemClock, logger, dispatcher, ...at, also }
    const serving = file === null ? await serveStored(terminal.env, options) : await serveFile(file, options)
    if ('other' in serving) return refuse(serving.other, terminal)
    const location = (await store.summary()).location
    terminal.stderr.write(`${startScreen({ file, location, serving }, terminal)}\n`)
    if (access !== null) terminal.stdout.write(`Console: ${addressOf(serving.url, access)}\n`)
    return await withoutStrays(terminal, () => untilStopped(serving, terminal))
  } catch (error) {
    throw asUsage(error, at.port)
  } finally {
    await also?.close()
    await store.close()
  }
}

/** On the port of `serve`, for what it runs. */
async function consoleOf(
  { file }: ServeFlags,
  means: { store: SchedulingStore; logger: Logger | null; access: Access },
  terminal: Terminal,
): Promise<Console> {
  const { env } = terminal
  const catalogue = await catalogueOf(file, means.store, terminal)
  const secrets = environmentSecrets(env)
  return openConsole({ ...means, env, catalogue, secrets, clock: systemClock, runtime: {}, demo: false, serves: true })
}

async function scheduledFile(path: string | undefined, terminal: Terminal): Promise<WorkflowFile> {
  const file = await openWorkflowFile(path, terminal)
  if (file.workflows.some(({ schedule, full_schedule }) => schedule !== null || full_schedule !== null)) return file
  throw new UsageError(`No workflow of ${file.path} has a schedule. Give one a schedule: '*/15 * * * *'.`)
}

function pushFirst(file: string): string {
  const said = 'Over PostgreSQL any number of processes serve, and all run what was pushed there.'
  return `${said} Push the file: hrflow-connectors workflows push ${file}. Then say serve without --file.`
}

async function untilStopped(serving: Serving, terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = 0
  const quit = () => process.exit(130)
  const release = onSignals((signal) => {
    code = signal === 'SIGINT' ? 130 : 0
    terminal.stderr.write('Stopping: finishing what is in flight, at most 30 s. Once more to quit at once.\n')
    serving.stop()
    setTimeout(quit, DRAIN_MS).unref()
  }, quit)
  try {
    const other = await serving.run()
    if (other === null) return code
    complain(`${other.name} has taken the place of this process, which was asleep for too long.`, terminal)
    return 1
  } finally {
    release()
  }
}

function refuse({ name, since }: ServeHolder, terminal: Terminal): ExitCode {
  const said = `${name} serves this state already, since ${moment(since)}.`
  complain(`${said} Stop it first, or name another place in HRFLOW_CONNECTORS_STATE.`, terminal)
  return 4
}

async function storeOf({ env }: Terminal): Promise<SchedulingStore> {
  const store = await stateAt(stateLocation(env)).catch((error: unknown) => {
    throw asUsage(error, 0)
  })
  if (keepsSchedules(store)) return store
  throw new UsageError('serve needs state that stays: name another place than memory: in HRFLOW_CONNECTORS_STATE.')
}
