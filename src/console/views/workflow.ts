import { parameterGroups } from '../../core/model/describe.js'
import { messageOf, WorkflowFileError } from '../../core/errors.js'
import type { RunSummary } from '../../core/ports/history.js'
import { isRecord } from '../../core/text/json.js'
import { redactedJson } from '../../core/text/redact.js'
import { accountOf } from '../../serve/runner.js'
import type { Workflow } from '../../workflows/index.js'
import type { AuditEntry, WorkflowView } from '../contract.js'
import { iso, type Means } from '../means.js'
import { noWorkflow } from '../refused.js'
import { auditEntry } from './audit.js'
import { workflowLines } from './workflow-lines.js'

/** Runs that charts show. */
const CHARTED = 100
const AUDITED = 20

/** Workable's slots; of a service that says nothing of its budget no share is told. */
const SLOT_MS = 10_000

export async function workflowView(id: string, means: Means): Promise<WorkflowView> {
  const line = (await workflowLines(means)).find(({ workflow_id }) => workflow_id === id)
  if (line === undefined) throw noWorkflow(id)
  const { workflows, problem } = await means.definitions()
  const defined = workflows.get(id)
  const workflow = defined?.workflow ?? null
  const [record, runs, audit, limit] = await Promise.all([
    means.store.workflow(id),
    means.history.runs({ workflow_id: id, limit: CHARTED }),
    auditOf(id, means),
    workflow === null ? null : limitOf(workflow, means),
  ])
  const filled = workflow === null ? null : await parametersOf(workflow, means)
  return {
    line,
    parameters: filled?.parameters ?? [],
    incremental: workflow?.incremental ?? runs[0]?.result?.incremental ?? false,
    cursor: record?.cursor ?? null,
    history: runs.reverse().flatMap((run) => chartedOf(run, limit) ?? []),
    problem: filled?.problem ?? defined?.problem ?? (workflow === null ? problem : null),
    audit,
  }
}

async function auditOf(workflow_id: string, means: Means): Promise<AuditEntry[]> {
  return (await means.history.audit({ workflow_id, limit: AUDITED })).map(auditEntry)
}

async function limitOf(workflow: Workflow, means: Means): Promise<number | null> {
  return means.store.accountLimit(await accountOf(workflow))
}

function chartedOf(run: RunSummary, limit: number | null): WorkflowView['history'][number] | null {
  const { run_id, started_at, finished_at, result } = run
  if (finished_at === null || result === null) return null
  const duration_ms = finished_at - started_at
  const slots = Math.max(1, Math.ceil(duration_ms / SLOT_MS))
  return {
    ...{ run_id, started_at: iso(started_at), duration_ms, status: result.status },
    kind: result.incremental ? 'run' : 'full',
    events: result.events,
    budget_share: limit === null ? null : Math.min(1, result.requests.origin.sent / (slots * limit)),
  }
}

type Parameters = WorkflowView['parameters']

/** What it is given, as it is filled in here; of a secret nothing but that there is one. */
async function parametersOf(
  workflow: Workflow,
  means: Means,
): Promise<{ parameters: Parameters; problem: string | null }> {
  const groups = parameterGroups(workflow.action).filter(({ name }) => name !== 'other')
  const resolved = await means.resolved(workflow).catch((error: unknown) => {
    if (error instanceof WorkflowFileError) return error
    throw error
  })
  if (resolved instanceof WorkflowFileError) return { parameters: [], problem: messageOf(resolved) }
  const parameters = groups.flatMap(({ name: group, parameters: known }): Parameters => {
    const given = resolved[group]
    if (!isRecord(given)) return []
    return known.flatMap(({ name, secret, description }) => {
      if (given[name] === undefined) return []
      const value = secret ? { secret: true as const } : redactedJson(given[name], means.redact)
      return [{ group, name, value, description: description === '' ? null : description }]
    })
  })
  return { parameters, problem: null }
}
