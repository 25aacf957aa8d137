import { registry } from '../connectors/index.js'
import type { Action } from '../core/model/flow.js'

/** Every action of every connector. */
export function allActions(): Action[] {
  return Object.values(registry).flatMap((connector) => connector.actions)
}

/** The services that actions talk to, by id. */
export function servicesOf(actions: readonly Action[]): string[] {
  return [...new Set(actions.flatMap(({ flow }) => [flow.from.id, flow.to.id]))]
}
