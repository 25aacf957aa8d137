import { type ParameterDescription, type ParameterGroup, qualifiedName } from '../../core/model/describe.js'
import type { Action } from '../../core/model/flow.js'
import { allActions } from '../../runtime/actions.js'
import { environmentVariables } from '../../runtime/environment.js'
import { UsageError } from '../terminal.js'
import { meantBy, unknownName } from './usage.js'

/** Whether an action can be named without its connector. */
export function isOnlyOne({ id }: Action): boolean {
  return allActions().filter((action) => action.id === id).length === 1
}

/** An action by its name, with its connector's or where it is the only one; the nearest one is named when there is none. */
export function findAction(name: string): Action {
  const actions = allActions()
  const found = actions.find((action) => qualifiedName(action) === name || (action.id === name && isOnlyOne(action)))
  if (found) return found
  const names = actions.map(qualifiedName)
  const id = meantBy(
    name,
    actions.map((action) => action.id),
  )
  const meant = actions.find((action) => action.id === id)
  const { message } = unknownName('action', name, meant === undefined ? names : [])
  const said = meant === undefined ? message : `${message} Did you mean ${qualifiedName(meant)}?`
  throw new UsageError(`${said} Actions: ${names.join(', ')}.`)
}

/** The variable that fills a parameter, if one does. */
export function variableOf(action: Action, group: ParameterGroup['name'], name: string): string | undefined {
  return environmentVariables(action).find((known) => known.group === group && known.parameter === name)?.variable
}

/** Whether it is a function or a list of them: no flag gives one. */
export function takesFunctions({ name, type }: ParameterDescription): boolean {
  return type.includes('Callable') || name === 'logics'
}

/** What a parameter is on the command line when it is not given. */
export function defaultOf(action: Action, parameter: ParameterDescription): string | undefined {
  if (parameter.name === 'workflow_id') return 'ACTION.ACCOUNT.BOARD'
  const { default: standard } = parameter
  return standard === null ? undefined : typeof standard === 'string' ? standard : JSON.stringify(standard)
}

/** `updated_after` -> `--updated-after`. */
export function flagOf(parameter: string): string {
  return `--${parameter.replaceAll('_', '-')}`
}
