import { messageOf, WorkflowFileError } from '../../core/errors.js'
import { parameterGroups } from '../../core/model/describe.js'
import type { Action } from '../../core/model/flow.js'
import type { CheckedLine } from '../../core/preflight/check.js'
import { checkAction } from '../../runtime/preflight.js'
import type { SetupDraft, SetupLine } from '../contract.js'
import type { Means } from '../means.js'
import { readDraft } from './drafts.js'

/** What a run of a draft would meet, line by line, each beside the field that it concerns. Only reads. */
export async function* checkDraft(draft: SetupDraft, means: Means): AsyncGenerator<SetupLine> {
  const { workflow, problems } = await readDraft(draft, means)
  for (const { field, said } of problems)
    yield { about: 'Parameters', what: field ?? 'workflow', verdict: 'bad', said, field }
  if (workflow === null) return
  const parameters = await means.resolved(workflow).catch((error: unknown) => {
    if (error instanceof WorkflowFileError) return error
    throw error
  })
  if (parameters instanceof WorkflowFileError) {
    const todo = 'Set what is missing where the console runs, and check again.'
    yield { about: 'Parameters', what: 'variables', verdict: 'bad', said: messageOf(parameters), todo, field: null }
    return
  }
  const runtime = { ...means.options.runtime, store: means.store }
  for await (const line of checkAction(workflow.action, parameters, runtime))
    yield { ...line, field: fieldOf(line, workflow.action) }
}

/** The parameter that a line is about: by its name, or as the secret of its side. */
function fieldOf({ about, what }: CheckedLine, action: Action): string | null {
  const { flow } = action
  const groups = parameterGroups(action)
  const all = groups.flatMap(({ name, parameters }) => parameters.map((known) => ({ group: name, ...known })))
  const named = all.find(({ group, name }) => what === `${group}.${name}` || what === name)
  if (named !== undefined) return `${named.group}.${named.name}`
  if (what !== 'token' && what !== 'credentials') return null
  const own = action.own.id === flow.from.id ? flow.from : flow.to
  const group = about === own.name ? 'connector_auth' : 'hrflow_auth'
  const secret = all.find((known) => known.group === group && known.secret)
  return secret === undefined ? null : `${group}.${secret.name}`
}
