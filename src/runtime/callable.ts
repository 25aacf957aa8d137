import { callable, type CallableConnector, type Connector } from '../core/model/connector.js'
import type { RuntimeOptions } from './options.js'

/**
 * A connector with a typed method per action; without a runtime the default one is built from the environment. What a run
 * needs is imported when one is started: half of what the library is made of.
 */
export function withRuntime<const Flows extends readonly object[]>(
  connector: Connector<Flows>,
): CallableConnector<Flows, RuntimeOptions> {
  return callable<Flows, RuntimeOptions>(connector, async (action, parameters, runtime) =>
    (await import('./run.js')).runAction(action, parameters, runtime),
  )
}
