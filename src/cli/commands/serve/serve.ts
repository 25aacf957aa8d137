import { z } from 'zod'
import { messageOf, StateError, WorkflowFileError } from '../../../core/errors.js'
import { keepsSchedules, type ServeHolder, type SchedulingStore } from '../../../core/ports/schedule.js'
import { systemClock } from '../../../runtime/clock.js'
import { proxySettings, stateLocation } from '../../../runtime/environment.js'
import { dispatcherOf } from '../../../runtime/shared.js'
import { isServer, stateAt } from '../../../runtime/state.js'
import { serveFile, serveStored, type Serving } from '../../../serve/index.js'
import type { WorkflowFile } from '../../../workflows/index.js'
import { loggerOf } from '../../execution/logs.js'
import { onSignals } from '../../execution/signals.js'
import { withoutStrays } from '../../execution/unhandled-rejections.js'
import { complain } from '../../input/usage.js'
import { openWorkflowFile } from '../../input/workflow-file.js'
import { type ExitCode, moment, type Terminal, UsageError } from '../../terminal.js'
import { startScreen } from './screen.js'

export interface ServeFlags {
  file?: string
  concurrency?: string
  host?: string
  port?: string
}

/** All that a run may take to end, and a little more. */
const DRAIN_MS = 30_000

/** `serve`: until a signal. 0 at SIGTERM, 130 at SIGINT, 4 where another process serves already. */
export async function serve(values: ServeFlags, terminal: Terminal): Promise<ExitCode> {
  const concurrency = numberOf('concurrency', values.concurrency, 1, 1_000)
  const at = { host: values.host ?? '127.0.0.1', port: numberOf('port', values.port, 0, 65_535) }
  const isShared = isServer(stateLocation(terminal.env))
  if (isShared && values.file !== undefined) throw new UsageError(pushFirst(values.file))
  const file = isShared ? null : await scheduledFile(values.file, terminal)
  const logger = await loggerOf(terminal, 'info')
  const store = await storeOf(terminal)
  try {
    const dispatcher = dispatcherOf(proxySettings(terminal.env))
    const options = { store, concurrency, clock: systemClock, logger, dispatcher, ...at }
    const serving = file === null ? await serveStored(terminal.env, options) : await serveFile(file, options)
    if ('other' in serving) return refuse(serving.other, terminal)
    const location = (await store.summary()).location
    terminal.stderr.write(`${startScreen({ file, location, serving }, terminal)}\n`)
    return await withoutStrays(terminal, () => untilStopped(serving, terminal))
  } catch (error) {
    throw asUsage(error, at.port)
  } finally {
    await store.close()
  }
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

const systemError = z.looseObject({ code: z.string(), syscall: z.literal('listen') })

/** What is wrong outside of the program, for the person at the terminal. */
function asUsage(error: unknown, port: number): unknown {
  if (error instanceof WorkflowFileError) return new UsageError(error.message)
  if (error instanceof StateError)
    return new UsageError(`The state cannot be used: ${error.message} ${error.hint ?? ''}`.trim())
  const { success, data } = systemError.safeParse(error)
  if (!success) return error
  if (data.code === 'EADDRINUSE')
    return new UsageError(`--port ${port} is in use. Give another one, or 0 for any free one.`)
  return new UsageError(`--host and --port cannot be listened at: ${messageOf(error)}.`)
}

function numberOf(name: string, value = '', from: number, to: number): number {
  const number = Number(value)
  if (!/^\d{1,9}$/.test(value) || number < from || number > to)
    throw new UsageError(`--${name}: expected a whole number from ${from} to ${to}.`)
  return number
}
