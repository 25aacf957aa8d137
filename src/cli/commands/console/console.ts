import { join } from 'node:path'
import { type Catalogue, type Console, FileCatalogue, openConsole, StoredCatalogue } from '../../../console/index.js'
import { WorkflowFileError } from '../../../core/errors.js'
import { keepsSchedules } from '../../../core/ports/schedule.js'
import type { Store } from '../../../core/ports/store.js'
import { systemClock } from '../../../runtime/clock.js'
import { stateLocation } from '../../../runtime/environment.js'
import { environmentSecrets, isServer, stateAt } from '../../../runtime/state.js'
import { listen } from '../../../serve/web.js'
import { findFile } from '../../../workflows/file/files.js'
import { loggerOf } from '../../execution/logs.js'
import { onSignals } from '../../execution/signals.js'
import { withoutStrays } from '../../execution/unhandled-rejections.js'
import { asUsage, portOf } from '../../input/listening.js'
import { type ExitCode, type Terminal, textWidth, UsageError, wrap } from '../../terminal.js'
import { type AccessFlags, accessOf, addressOf } from './access.js'

export interface ConsoleFlags extends AccessFlags {
  file?: string
  demo?: boolean
  port?: string
}

/** `console`: until a signal. */
export async function showConsole(flags: ConsoleFlags, terminal: Terminal): Promise<ExitCode> {
  if (flags.demo === true) return (await import('./demo.js')).showDemo(flags, terminal)
  const { env } = terminal
  const access = await accessOf(flags, env)
  const store = await stateAt(stateLocation(env)).catch((error: unknown) => {
    throw asUsage(error, 0)
  })
  try {
    const opened = openConsole({
      ...{ store, env, access, clock: systemClock, runtime: {}, demo: false, serves: false },
      logger: await loggerOf(terminal),
      catalogue: await catalogueOf(flags.file, store, terminal),
      secrets: environmentSecrets(env),
    })
    return await untilStopped(opened, flags, access, terminal)
  } finally {
    await store.close()
  }
}

/** Workflows that were pushed, where the state is a database that processes share; else those of a file, which may come later. */
export async function catalogueOf(file: string | undefined, store: Store, { env }: Terminal): Promise<Catalogue> {
  if (file === undefined && isServer(stateLocation(env)) && keepsSchedules(store))
    return new StoredCatalogue(store.schedules, env)
  const cwd = process.cwd()
  const path = await findFile(file, cwd).catch((error: unknown) => {
    if (!(error instanceof WorkflowFileError)) throw error
    if (error.code === 'no_workflow_file') return join(cwd, 'hrflow-connectors.yaml')
    throw new UsageError(error.message, { cause: error })
  })
  return new FileCatalogue(path, env)
}

/** Listens, and says where, until it is told to stop. */
export async function untilStopped(
  opened: Console,
  flags: ConsoleFlags,
  access: Awaited<ReturnType<typeof accessOf>>,
  terminal: Terminal,
): Promise<ExitCode> {
  const { host = '127.0.0.1' } = flags
  const port = portOf(flags.port ?? '4780')
  const web = await listen(opened, host, port).catch((error: unknown) => {
    throw asUsage(error, port)
  })
  const { stdout, stderr } = terminal
  stdout.write(`${addressOf(web.url, access)}\n`)
  stderr.write(
    `${wrap('Open this address in a browser. Ctrl-C ends the console, and the runs that were started there in good order.', textWidth(stderr))}\n`,
  )
  return withoutStrays(terminal, async () => {
    const code = await new Promise<ExitCode>((resolve) => {
      const stop = (signal: NodeJS.Signals) => resolve(signal === 'SIGINT' ? 130 : 0)
      onSignals(stop, () => process.exit(130))
    })
    await opened.close()
    web.close()
    return code
  })
}
