// eslint-disable-next-line @typescript-eslint/triple-slash-reference -- whoever compiles this file alone needs the types, too
/// <reference path="./undici-modules.d.ts" />
import { createRequire } from 'node:module'
import type { Agent as UndiciAgent, Dispatcher, EnvHttpProxyAgent } from 'undici'
// All of undici takes another 70 ms and 9 MiB to load, most of it for `fetch` and WebSockets, which nothing here uses. undici has
// no export map and its version is pinned; `dispatchers.test.ts` notices when the files are elsewhere.
import Agent from 'undici/lib/dispatcher/agent.js'

/** Connections kept open and shared, one pool for each host. */
export function openAgent(options: UndiciAgent.Options): Dispatcher {
  return new Agent(options)
}

/** The same through a proxy. It stands on what only the whole of undici puts together, which is loaded where there is one. */
export function openProxyAgent(options: EnvHttpProxyAgent.Options): Dispatcher {
  const require = createRequire(import.meta.url)
  const undici = require('undici') as { EnvHttpProxyAgent: typeof EnvHttpProxyAgent }
  return new undici.EnvHttpProxyAgent(options)
}
