import { qualifiedName } from '../core/manifest.js'
import type { Workflow } from '../workflows/index.js'
import { allActions } from '../runtime.js'
import { execute, executeEach, exitCodeOf, sayError, summaryOf, type Execution } from './execute.js'
import { answer, colorsFor, printable, UsageError, type ExitCode, type Terminal } from './terminal.js'
import { hiding, warn } from './usage.js'
import { openWorkflow, openWorkflowFile, resolveWorkflow } from './workflow-file.js'

export interface RunWorkflowOptions {
  all?: boolean
  file?: string
  dryRun?: boolean
  full?: boolean
  json?: boolean
}

/** From the worst to the best. */
const CODES: ExitCode[] = [130, 1, 2, 3, 0]

/** `run WORKFLOW` and `run --all`. Nothing is run when anything that is to be run cannot be. */
export async function runWorkflows(
  name: string | undefined,
  options: RunWorkflowOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const json = options.json === true
  if (options.all === true && name !== undefined) throw new UsageError('Name a workflow or say --all, not both.')
  if (options.all !== true && name === undefined) throw new UsageError(whichOne())
  const chosen =
    name === undefined
      ? (await openWorkflowFile(options.file, terminal)).workflows
      : [await openWorkflow(name, options.file, terminal)]
  const { executions, secrets } = await resolveAll(chosen, options)
  const safe = hiding(secrets, terminal)
  const [first] = executions
  return name !== undefined && first ? execute(first, json, safe) : runAll(executions, json, safe)
}

function whichOne(): string {
  const actions = allActions().map(qualifiedName).join(', ')
  return `Which workflow or action? hrflow-connectors workflows lists the workflows of a file. Actions: ${actions}.`
}

async function resolveAll(workflows: readonly Workflow[], { dryRun, full }: RunWorkflowOptions) {
  const executions: Execution[] = []
  const secrets: string[] = []
  const wrong: string[] = []
  for (const workflow of workflows) {
    try {
      const resolved = await resolveWorkflow(workflow)
      const { action, parameters } = resolved.execution
      const changed = { persist: dryRun !== true, ...(full === true ? { incremental: false } : {}) }
      executions.push({ action, parameters: { ...parameters, ...changed } })
      secrets.push(...resolved.secrets)
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      wrong.push(error.message)
    }
  }
  if (wrong.length > 0) throw new UsageError(wrong.join('\n'))
  return { executions, secrets }
}

async function runAll(executions: readonly Execution[], json: boolean, terminal: Terminal): Promise<ExitCode> {
  const { stdout, env } = terminal
  const named = executions.map((execution) => ({ ...execution, title: `Running ${idOf(execution)}` }))
  const results = await executeEach(named, terminal, (executed) => {
    const { result } = executed
    const id = idOf(executed.execution)
    if (!json) stdout.write(`${colorsFor(stdout, env).bold(printable(id))}\n${summaryOf(executed, terminal)}\n`)
    if (json || stdout.isTTY !== true) sayError(executed, terminal)
    return [id, result] as const
  })
  const left = executions.slice(results.length).map(idOf)
  if (left.length > 0) warn(`Not run: ${left.join(', ')}.`, terminal)
  if (json) answer(stdout, true, { results: Object.fromEntries(results) }, () => '')
  const codes = results.map(([, result]) => exitCodeOf(result))
  return left.length > 0 ? 130 : (CODES.find((code) => codes.includes(code)) ?? 0)
}

function idOf({ parameters }: Execution): string {
  return String(parameters['workflow_id'])
}
