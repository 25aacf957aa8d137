import {
  type ParameterDescription,
  type ParameterGroup,
  parameterGroups,
  qualifiedName,
} from '../core/model/describe.js'
import type { Action } from '../core/model/flow.js'
import { allActions } from '../runtime/actions.js'

/** The four groups of parameters that a workflow gives. */
export const GROUPS = ['connector_auth', 'hrflow_auth', 'pull_parameters', 'push_parameters'] as const

export type GroupName = (typeof GROUPS)[number]

/** Every action, by its name among all connectors' actions. */
export function actionsByName(): Map<string, Action> {
  return new Map(allActions().map((action) => [qualifiedName(action), action]))
}

/** What an action takes in a group. */
export function parametersOf(action: Action, group: ParameterGroup['name']): ParameterDescription[] {
  return parameterGroups(action).find(({ name }) => name === group)?.parameters ?? []
}

/** What any action takes in a group. */
export function knownParameters(group: GroupName): ParameterDescription[] {
  return [...actionsByName().values()].flatMap((action) => parametersOf(action, group))
}
