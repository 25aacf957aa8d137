import { WorkflowFileError } from '../../core/errors.js'
import { qualifiedName } from '../../core/model/describe.js'
import { allActions } from '../../runtime/actions.js'
import { loadWorkflows, type Workflow, type WorkflowFile } from '../../workflows/index.js'
import type { Execution } from '../execution/execute.js'
import { type Terminal, UsageError } from '../terminal.js'
import { findAction } from './actions.js'
import { meantBy, unknownName, warn } from './usage.js'

/**
 * The workflow file of a command line, its warnings said: those that are certain without items, unless the command reads
 * none. What is wrong with it is a `UsageError`.
 */
export async function openWorkflowFile(
  file: string | undefined,
  terminal: Terminal,
  { reads_items = true } = {},
): Promise<WorkflowFile> {
  const loaded = await loadWorkflows({ file, cwd: process.cwd(), env: terminal.env }).catch((error: unknown) => {
    const advice = isNoFile(error) ? ' hrflow-connectors init writes one; --file PATH names another.' : ''
    throw asUsage(error, advice)
  })
  for (const warning of reads_items ? loaded.certain_warnings : loaded.warnings) warn(warning, terminal)
  return loaded
}

/** A workflow by its name. Of a name that is neither a workflow's nor an action's, the nearest of both is named. */
export async function openWorkflow(name: string, file: string | undefined, terminal: Terminal): Promise<Workflow> {
  const loaded = await openWorkflowFile(file, terminal).catch((error: unknown) => {
    if (!(error instanceof UsageError && isNoFile(error.cause))) throw error
    throw noAction(name, error)
  })
  const found = loaded.workflows.find(({ id }) => id === name)
  if (found) return found
  const ids = loaded.workflows.map(({ id }) => id)
  const meant = meantBy(name, [...ids, ...allActions().map(qualifiedName)]) ?? shortAction(name)
  const { message } = unknownName('workflow or action', name, [])
  const hint = meant === undefined ? '' : ` Did you mean ${meant}?`
  throw new UsageError(`${message}${hint} Workflows: ${ids.join(', ')}.`)
}

/** What a run of a workflow asks for, and the secrets in it. What is missing is a `UsageError`. */
export async function resolveWorkflow(workflow: Workflow): Promise<{ execution: Execution; secrets: string[] }> {
  const { parameters, secrets } = await workflow.resolve().catch((error: unknown) => {
    throw asUsage(error)
  })
  return { execution: { action: workflow.action, parameters }, secrets }
}

/** An error of a workflow file as one for the person at the terminal; any other as it is. */
function asUsage(error: unknown, advice = ''): unknown {
  return error instanceof WorkflowFileError ? new UsageError(`${error.message}${advice}`, { cause: error }) : error
}

function isNoFile(error: unknown): boolean {
  return error instanceof WorkflowFileError && error.code === 'no_workflow_file'
}

/** Without a file a name can only be an action's. */
function noAction(name: string, noFile: UsageError): UsageError {
  try {
    findAction(name)
    return noFile
  } catch (error) {
    return error instanceof UsageError ? new UsageError(`${error.message}\n${noFile.message}`) : noFile
  }
}

/** An action's name without its connector's. */
function shortAction(name: string): string | undefined {
  const actions = allActions()
  const short = meantBy(
    name,
    actions.map(({ id }) => id),
  )
  return actions.filter(({ id }) => id === short).map(qualifiedName)[0]
}
