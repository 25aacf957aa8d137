import type { Hono } from 'hono'
import { z } from 'zod'
import type { AuditPage, Home, PendingPage, RunPage } from '../contract.js'
import { iso, type Means, nextOf, paramOf, position, queryOf } from '../means.js'
import { aboutOf } from '../views/about.js'
import { auditEntry } from '../views/audit.js'
import { runLine } from '../views/run-lines.js'
import { runView } from '../views/run.js'
import { workflowView } from '../views/workflow.js'
import { attentionOf, workflowLines } from '../views/workflow-lines.js'

const RUNS = 50
const PENDING = 100
const AUDIT = 50

export const stage = z.enum(['list', 'load', 'logics', 'format', 'write', 'callback'])
export const word = z.string().min(1).max(200)

const paged = { after: position.optional() }
const none = z.strictObject({})
const runsQuery = z.strictObject({ ...paged, workflow_id: word.optional() })
const pendingQuery = z.strictObject({ ...paged, stage: stage.optional(), q: word.optional() })
const auditQuery = z.strictObject({ ...paged, workflow_id: word.optional() })

/** What is looked at: lists, a workflow, a run. */
export function addReading(app: Hono, means: Means): void {
  app.get('/api/about', async (context) => {
    queryOf(context, none)
    return means.answer(context, await aboutOf(means))
  })
  app.get('/api/home', async (context) => {
    queryOf(context, none)
    const workflows = await workflowLines(means)
    const home: Home = { about: await aboutOf(means), attention: await attentionOf(workflows, means), workflows }
    return means.answer(context, home)
  })
  app.get('/api/workflows/:id', async (context) => {
    queryOf(context, none)
    return means.answer(context, await workflowView(paramOf(context, 'id'), means))
  })
  app.get('/api/runs', async (context) => {
    const page = await means.history.runs({ ...queryOf(context, runsQuery), limit: RUNS })
    const runs = page.map((run) => runLine(run, means.options.live.get(run.run_id)))
    const next = nextOf(page, RUNS, ({ started_at, run_id }) => `${started_at}.${run_id}`)
    return means.answer(context, { runs, next } satisfies RunPage)
  })
  app.get('/api/runs/:run_id', async (context) => {
    queryOf(context, none)
    return means.answer(context, await runView(paramOf(context, 'run_id'), means))
  })
  app.get('/api/workflows/:id/pending', async (context) => {
    const { after = null, stage: at, q: text } = queryOf(context, pendingQuery)
    const query = { workflow_id: paramOf(context, 'id'), stage: at, text }
    const [page, total] = await Promise.all([
      means.history.pending(query, after, PENDING),
      means.history.pendingCount(query),
    ])
    const items = page.map(({ reference, stage: where, code, message, attempts, ...times }) => ({
      ...{ reference, stage: where, code, message, attempts, first_failed_at: iso(times.first_failed_at) },
      next_attempt_at: times.next_attempt_at === null ? null : iso(times.next_attempt_at),
    }))
    const next = nextOf(page, PENDING, (last) => `${last.first_failed_at}.${last.reference}`)
    return means.answer(context, { items, total, next } satisfies PendingPage)
  })
  app.get('/api/audit', async (context) => {
    const page = await means.history.audit({ ...queryOf(context, auditQuery), limit: AUDIT })
    const next = nextOf(page, AUDIT, ({ at, id }) => `${at}.${id}`)
    return means.answer(context, { entries: page.map(auditEntry), next } satisfies AuditPage)
  })
}
