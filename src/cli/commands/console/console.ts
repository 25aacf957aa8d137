import { join } from 'node:path'
import { type Catalogue, FileCatalogue, openConsole, StoredCatalogue } from '../../../console/index.js'
import { WorkflowFileError } from '../../../core/errors.js'
import { keepsSchedules } from '../../../core/ports/schedule.js'
import type { Store } from '../../../core/ports/store.js'
import { systemClock } from '../../../runtime/clock.js'
import { stateLocation } from '../../../runtime/environment.js'
import { environmentSecrets, isServer, stateAt } from '../../../runtime/state.js'
import { findFile } from '../../../workflows/file/files.js'
import { loggerOf } from '../../execution/logs.js'
import { asUsage } from '../../input/listening.js'
import { type ExitCode, type Terminal, UsageError } from '../../terminal.js'
import { accessOf } from './access.js'
import { type ConsoleFlags, untilStopped } from './until-stopped.js'

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
