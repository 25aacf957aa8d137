import type { Hono } from 'hono'
import { z } from 'zod'
import type { Tap } from '../../core/ports/run.js'
import { type Decide, keepsSchedules } from '../../core/ports/schedule.js'
import type { Store } from '../../core/ports/store.js'
import type { RunResult } from '../../core/result/result.js'
import type { RuntimeOptions } from '../../runtime/options.js'
import { holderOf } from '../../runtime/process.js'
import { runAction } from '../../runtime/run.js'
import { mending, pausing, resuming } from '../../serve/decisions.js'
import { committing } from '../../serve/runner.js'
import type { PendingChange, RunStart } from '../contract.js'
import { bodyOf, type Means, paramOf } from '../means.js'
import { noWorkflow, Refused } from '../refused.js'
import { noRun } from '../views/run.js'
import { workflowLines } from '../views/workflow-lines.js'

const nothing = z.strictObject({})
const runStart: z.ZodType<RunStart> = z.strictObject({
  kind: z.enum(['run', 'full', 'dry', 'plan']),
  allow_left: z.boolean().exactOptional(),
  limit: z.int().min(1).max(100_000).exactOptional(),
})
const pendingChange: z.ZodType<PendingChange> = z.strictObject({
  references: z.array(z.string().min(1).max(300)).max(1_000).nullable(),
  change: z.enum(['retry', 'dismiss']),
})

/** What a person does: each is written down before it is done. */
export function addChanging(app: Hono, means: Means): void {
  app.post('/api/workflows/:id/runs', async (context) => {
    const id = paramOf(context, 'id')
    return means.answer(context, await startRun(id, await bodyOf(context, runStart), means))
  })
  app.post('/api/runs/:run_id/stop', async (context) => {
    await bodyOf(context, nothing)
    const run_id = paramOf(context, 'run_id')
    const live = means.options.live.get(run_id)
    if (live === null) throw noRun(run_id)
    if (live.stop === null)
      throw new Refused(409, 'not_ours', 'serve has started this run.', 'Pause the workflow, or stop serve.')
    await means.audit('stop', live.workflow_id, `The run ${run_id.slice(0, 8)} was stopped.`)
    live.stop()
    return means.answer(context, {})
  })
  app.post('/api/workflows/:id/pause', async (context) => {
    await bodyOf(context, nothing)
    return means.answer(context, await reschedule(paramOf(context, 'id'), 'pause', pausing, means))
  })
  app.post('/api/workflows/:id/resume', async (context) => {
    await bodyOf(context, nothing)
    return means.answer(context, await reschedule(paramOf(context, 'id'), 'resume', resuming, means))
  })
  app.post('/api/workflows/:id/pending', async (context) => {
    const id = paramOf(context, 'id')
    const { references, change } = await bodyOf(context, pendingChange)
    const about = references === null ? 'All pending items' : namesOf(references)
    const done = { retry: 'tried again by the next run', dismiss: 'given up until they change' }[change]
    await means.audit(change, id, `${about}: ${done}.`)
    return means.answer(context, { changed: await means.store.changePending(id, references, change) })
  })
}

const SHOWN = 5

function namesOf(references: readonly string[]): string {
  const more = references.length - SHOWN
  return `${references.slice(0, SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

async function startRun(id: string, start: RunStart, means: Means): Promise<{ run_id: string }> {
  const { workflow } = await means.workflow(id)
  const parameters = await means.resolved(workflow)
  const isDry = start.kind === 'dry' || start.kind === 'plan'
  if (!isDry) await refuseHeld(id, means)
  const left = start.allow_left === true ? ' What left may go.' : ''
  await means.audit(WHAT[start.kind], id, `${SAID[start.kind]}${left}`)
  const incremental = workflow.incremental && start.kind !== 'full'
  const call = { ...parameters, incremental, persist: !isDry }
  const kind = start.kind === 'plan' ? 'dry' : start.kind
  const about = { workflow_id: id, action: workflow.action.id, kind }
  const begun = await means.options.live.start(about, (observer, signal) =>
    runAction(workflow.action, call, { ...runtimeOf(start, means), observer, signal }, tapOf(start)),
  )
  if ('refused' in begun) throw refusalOf(begun.refused)
  return { run_id: begun.run_id }
}

const WHAT = { run: 'run', full: 'full_run', dry: 'dry_run', plan: 'plan' }
const SAID = {
  run: 'It was run.',
  full: 'It was run in full.',
  dry: 'It was run without writing anything.',
  plan: 'It was planned.',
}

function runtimeOf({ kind, allow_left, limit }: RunStart, means: Means): RuntimeOptions {
  const { logger, runtime } = means.options
  return {
    ...runtime,
    ...(logger === null ? {} : { logger }),
    store: mended(means.store),
    ...(allow_left === true ? { allow_left } : {}),
    ...(kind === 'plan' ? { compare: limit === undefined ? true : { limit } } : {}),
  }
}

/** A run that ends well says so to whoever has a schedule for the workflow too. */
function mended(store: Store): Store {
  return keepsSchedules(store) ? committing(store, (_, result) => mending(result)) : store
}

/** Of a dry run: no more than so many items. */
function tapOf({ kind, limit }: RunStart): Tap | undefined {
  if (kind !== 'dry' || limit === undefined) return undefined
  return { limit, listed: () => undefined, loaded: () => undefined, formatted: () => undefined }
}

async function refuseHeld(id: string, means: Means): Promise<void> {
  const record = await means.store.workflow(id)
  const holder = record === null ? null : holderOf(record)
  const isLive = means.options.live
    .all()
    .some((run) => run.workflow_id === id && run.result === null && run.kind !== 'dry')
  if (holder === null && !isLive) return
  const by = holder === null ? 'this console' : holder.name
  const said = `${id} is running already: ${by} has it.`
  throw new Refused(409, 'workflow_already_running', said, 'Wait until it has ended, or stop it.')
}

function refusalOf({ reason, error }: RunResult): Refused {
  const status = reason === 'workflow_already_running' ? 409 : 422
  const said = error?.message ?? 'The run could not be begun.'
  return new Refused(status, error?.code ?? reason, said, error?.hint ?? null)
}

async function reschedule(id: string, what: 'pause' | 'resume', decide: Decide, means: Means) {
  const { schedules } = means
  const known = (await schedules?.scheduled())?.some(({ workflow_id }) => workflow_id === id) ?? false
  if (schedules === null || !known) {
    const said = `${id} is not served: only what serve has seen with a schedule can be paused.`
    throw new Refused(409, 'not_scheduled', said, 'Give it a schedule, and start hrflow-connectors serve.')
  }
  const done = { pause: 'serve does not run it any more.', resume: 'serve runs it again when it is due.' }[what]
  await means.audit(what, id, done.charAt(0).toUpperCase() + done.slice(1))
  await schedules.changeOne(id, decide)
  const line = (await workflowLines(means)).find(({ workflow_id }) => workflow_id === id)
  if (line === undefined) throw noWorkflow(id)
  return line
}
