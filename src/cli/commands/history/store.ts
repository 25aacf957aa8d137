import { messageOf, StateError } from '../../../core/errors.js'
import type { Store, WorkflowRecord } from '../../../core/ports/store.js'
import { stateLocation } from '../../../runtime/environment.js'
import { stateAt } from '../../../runtime/state.js'
import { unknownName } from '../../input/usage.js'
import { type Terminal, UsageError } from '../../terminal.js'

/** Does something with the state that runs are kept in. State that cannot be used is a `UsageError`. */
export async function withStore<T>({ env }: Terminal, work: (store: Store) => Promise<T>): Promise<T> {
  let store: Store | undefined
  try {
    store = await stateAt(stateLocation(env))
    return await work(store)
  } catch (error) {
    if (error instanceof UsageError) throw error
    const hint = error instanceof StateError ? (error.hint ?? '') : ''
    throw new UsageError(`The state cannot be used: ${messageOf(error)} ${hint}`.trim())
  } finally {
    await store?.close()
  }
}

/** A workflow by its id; the nearest one is named when there is none. */
export async function findWorkflow(store: Store, workflow_id: string): Promise<WorkflowRecord> {
  const found = await store.workflow(workflow_id)
  if (found) return found
  const known = (await store.workflows()).map((workflow) => workflow.workflow_id)
  const { message } = unknownName('workflow', workflow_id, known)
  const all = known.length === 0 ? 'No workflow has run with this state yet.' : `Workflows: ${known.join(', ')}.`
  throw new UsageError(`${message} ${all}`)
}

/** Why there may be nothing to show. */
export function emptyNote(store: Store): string {
  return store.kind === 'memory' ? ' State in memory lasts no longer than one command.' : ''
}
