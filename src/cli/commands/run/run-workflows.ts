import { qualifiedName } from '../../../core/model/describe.js'
import type { RunResult } from '../../../core/result/result.js'
import { accountIn } from '../../../core/state/scope.js'
import { allActions } from '../../../runtime/actions.js'
import type { Workflow } from '../../../workflows/index.js'
import {
  execute,
  type Executed,
  executeEach,
  type Execution,
  exitCodeOf,
  resultText,
  sayError,
} from '../../execution/execute.js'
import { waitOf } from '../../execution/waiting.js'
import { STANDARD_CONCURRENCY } from '../../input/shared-flags.js'
import { warn } from '../../input/usage.js'
import { hiding } from '../../input/without-secrets.js'
import { openWorkflow, openWorkflowFile, resolveWorkflow } from '../../input/workflow-file.js'
import { answer, colorsFor, type ExitCode, printable, type Terminal, UsageError, worstCode } from '../../terminal.js'

export interface RunWorkflowOptions {
  all?: boolean
  file?: string
  dryRun?: boolean
  full?: boolean
  allowLeft?: boolean
  json?: boolean
  wait?: string | boolean
  concurrency?: string
}

const MOST = 100

/** `run WORKFLOW` and `run --all`. Nothing is run when anything that is to be run cannot be. */
export async function runWorkflows(
  name: string | undefined,
  options: RunWorkflowOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { file, ...asked } = options
  const json = options.json === true
  const { workflow, wait_ms } = waitAndName(name, options)
  if (options.all === true && workflow !== undefined) throw new UsageError('Name a workflow or say --all, not both.')
  if (options.all !== true && workflow === undefined) throw new UsageError(whichOne())
  const concurrency = concurrencyOf(options)
  const chosen =
    workflow === undefined
      ? (await openWorkflowFile(file, terminal)).workflows
      : [await openWorkflow(workflow, file, terminal)]
  const { executions, secrets } = await resolveAll(chosen, asked)
  const safe = hiding(secrets, terminal)
  const waiting = executions.map((execution) => ({ ...execution, wait_ms }))
  const [first] = waiting
  return workflow !== undefined && first ? execute(first, json, safe) : runAll(waiting, { json, concurrency }, safe)
}

/** `run --wait acme`: what follows is no time, so it is the workflow. */
function waitAndName(name: string | undefined, { wait }: RunWorkflowOptions) {
  if (name !== undefined || typeof wait !== 'string' || /^\d/.test(wait))
    return { workflow: name, wait_ms: waitOf(wait) }
  if (allActions().some((action) => [qualifiedName(action), action.id].includes(wait)))
    throw new UsageError('Flags come after the action: hrflow-connectors run ACTION --wait.')
  return { workflow: wait, wait_ms: waitOf(true) }
}

function concurrencyOf({ all, concurrency }: RunWorkflowOptions): number {
  if (concurrency === undefined) return STANDARD_CONCURRENCY
  if (all !== true) throw new UsageError('--concurrency is for --all: one workflow is one run.')
  const count = /^\d{1,3}$/.test(concurrency) ? Number(concurrency) : 0
  if (count < 1 || count > MOST) throw new UsageError(`--concurrency: expected a whole number from 1 to ${MOST}.`)
  return count
}

function whichOne(): string {
  const actions = allActions().map(qualifiedName).join(', ')
  return `Which workflow or action? hrflow-connectors workflows lists the workflows of a file. Actions: ${actions}.`
}

async function resolveAll(workflows: readonly Workflow[], { dryRun, full, allowLeft = false }: RunWorkflowOptions) {
  const executions: Execution[] = []
  const secrets: string[] = []
  const wrong: string[] = []
  for (const workflow of workflows) {
    try {
      const resolved = await resolveWorkflow(workflow)
      const { action, parameters } = resolved.execution
      const changed = { persist: dryRun !== true, ...(full === true ? { incremental: false } : {}) }
      executions.push({ action, parameters: { ...parameters, ...changed }, allow_left: allowLeft })
      secrets.push(...resolved.secrets)
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      wrong.push(error.message)
    }
  }
  if (wrong.length > 0) throw new UsageError(wrong.join('\n'))
  return { executions, secrets }
}

/** Side by side by account, each of which has a budget of its own; those of one account in the order of the file. */
async function runAll(
  executions: readonly Execution[],
  { json, concurrency }: { json: boolean; concurrency: number },
  terminal: Terminal,
): Promise<ExitCode> {
  const { stdout, env } = terminal
  const results = new Map<string, RunResult>()
  const document = () => {
    const inOrder = executions.map(idOf).flatMap((id) => {
      const result = results.get(id)
      return result === undefined ? [] : [[id, result] as const]
    })
    if (json) answer(stdout, true, { results: Object.fromEntries(inOrder) }, () => '')
  }
  const ended = (executed: Executed) => {
    const id = idOf(executed.execution)
    results.set(id, executed.result)
    if (!json) stdout.write(`${colorsFor(stdout, env).bold(printable(id))}\n${resultText(executed, terminal)}\n`)
    sayError(executed, terminal, id)
    return exitCodeOf(executed.result)
  }
  const lane = ({ action, parameters }: Execution) =>
    JSON.stringify([action.flow.from.id, accountIn(action, parameters)])
  const codes = await executeEach(executions, terminal, ended, { lane, concurrency, name: idOf, quit: document })
  const left = executions.map(idOf).filter((id) => !results.has(id))
  if (left.length > 0) warn(`Not run: ${left.join(', ')}.`, terminal)
  document()
  return left.length > 0 ? 130 : worstCode(codes)
}

function idOf({ parameters }: Execution): string {
  return String(parameters['workflow_id'])
}
