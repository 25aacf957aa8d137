import type { Explanation } from '../core/result/explanation.js'
import { explainAction } from '../runtime/preflight.js'
import type { Workflow } from '../workflows/index.js'
import type { Means } from './means.js'

/** An item as each side has it; undefined: it has none, or was not asked. */
export interface Inspected {
  explanation: Explanation
  origin: unknown
  ours: unknown
  target: unknown
}

/** What became of an item, and how each side shows it: by four requests at most. Throws `RunError`, `WorkflowFileError`. */
export async function inspected(workflow: Workflow, reference: string, means: Means): Promise<Inspected> {
  const parameters = await means.resolved(workflow)
  const seen: Omit<Inspected, 'explanation'> = { origin: undefined, ours: undefined, target: undefined }
  const runtime = { ...means.options.runtime, store: means.store }
  const explanation = await explainAction(workflow.action, parameters, reference, runtime, {
    loaded: (item) => (seen.origin = item),
    formatted: (item) => (seen.ours = item),
    found: (item) => (seen.target = item),
  })
  return { explanation, ...seen }
}
