import { hostname, userInfo } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { RunEvent } from '../core/ports/events.js'
import type { Access } from './access/guard.js'
import { consoleApp } from './app.js'
import { Changes } from './live/changes.js'
import { LiveRuns } from './live/live-runs.js'
import { Means, type MeansOptions } from './means.js'

export { type Catalogue, FileCatalogue, StoredCatalogue } from './catalogue.js'
export type { Access } from './access/guard.js'

export interface ConsoleOptions extends Omit<MeansOptions, 'live' | 'changes' | 'closing' | 'who'> {
  access: Access
  /** Where the page was built. */
  page?: string
  /** Who uses it. Default: as the system knows him. */
  who?: string
}

/** What people look at and change, behind a token. */
export interface Console {
  fetch(request: Request): Response | Promise<Response>
  /** Follows a run that this process has started elsewhere. */
  see(workflow_id: string, event: RunEvent): void
  /** Ends what is watched, and the runs that were started here, in good order. */
  close(): Promise<void>
}

/** Beside the command's bundle, and beside this file where it is not bundled. */
const PAGE = fileURLToPath(new URL('../console/page/', import.meta.url))

export function openConsole(options: ConsoleOptions): Console {
  const { access, page = PAGE, who = user(), clock, logger } = options
  const closing = new AbortController()
  const changes = new Changes()
  const live = new LiveRuns({ clock, changes, logger })
  const secrets = [...options.secrets, access.token]
  const means = new Means({ ...options, secrets, who, live, changes, closing: closing.signal })
  const app = consoleApp(means, access, page)
  return {
    fetch: (request) => app.fetch(request),
    see: (workflow_id, event) => live.see(workflow_id, event),
    async close() {
      closing.abort()
      await live.close()
    },
  }
}

function user(): string {
  try {
    return `${userInfo().username}@${hostname()}`
  } catch {
    // A user id that the system has no name for, as in containers.
    return `user ${process.getuid?.() ?? ''}@${hostname()}`
  }
}
