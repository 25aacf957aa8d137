import { qualifiedName } from '../../core/model/describe.js'
import type { Action } from '../../core/model/flow.js'
import type { WorkflowRecord } from '../../core/ports/store.js'
import { accountIn, hashOf } from '../../core/state/scope.js'
import { stateLocation } from '../../runtime/environment.js'
import { stateIfThere } from '../../runtime/state.js'
import type { Terminal } from '../terminal.js'

/** Digits that tell boards apart: a key is long. */
const DIGITS = 8

type Parameters = Record<string, unknown> & { push_parameters: Record<string, unknown> }

/**
 * The id of a workflow that has no name, being run by flags: `workable.update_jobs_in_hrflow.acme.3f9a1c07`, of action,
 * account and board, each of which has a state of its own.
 */
export async function standardWorkflowId(action: Action, parameters: Parameters, terminal: Terminal): Promise<string> {
  const name = qualifiedName(action)
  const place = action.flow.write.place
  const board = parameters.push_parameters[place]
  const account = accountIn(action, parameters)
  // It is refused for what is missing before its id counts for anything.
  if (Object.keys(account).length === 0 || typeof board !== 'string') return name
  // Earlier versions named the action alone: what that id knows of this account and board is not to be read again.
  if (isOf(await recordOf(name, terminal), { ...account, [place]: board })) return name
  const readable = Object.values(account).map((value) => value.toLowerCase().replace(/[^a-z0-9-]+/g, '-'))
  return [name, ...readable.map((value) => value.slice(0, 63)), hashOf([account, board]).slice(0, DIGITS)].join('.')
}

/** State that cannot be used is the run's to complain of. */
async function recordOf(id: string, { env }: Terminal): Promise<WorkflowRecord | null> {
  try {
    const store = await stateIfThere(stateLocation(env))
    return (await store?.workflow(id)) ?? null
  } catch {
    return null
  }
}

function isOf(record: WorkflowRecord | null, given: Record<string, string>): boolean {
  const { parameters = null } = record ?? {}
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) return false
  return Object.entries(given).every(([name, value]) => parameters[name] === value)
}
