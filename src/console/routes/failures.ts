import type { Context, Hono } from 'hono'
import { z } from 'zod'
import type { FailureQuery } from '../../core/ports/history.js'
import type { ItemFailure } from '../../core/result/result.js'
import { csv } from '../csv.js'
import type { FailurePage } from '../contract.js'
import { type Means, nextOf, paramOf, queryOf } from '../means.js'
import { noRun } from '../views/run.js'
import { stage, word } from './reading.js'

const PAGE = 100
/** Of a file, read at once. */
const CHUNK = 2_000

const filter = { stage: stage.optional(), code: word.optional(), q: word.optional() }
const pageQuery = z.strictObject({ ...filter, after: z.coerce.number().int().min(0).max(1e9).optional() })
const fileQuery = z.strictObject(filter)

type Numbered = ItemFailure & { position: number }

/** What failed in a run: page by page, and as files. */
export function addFailures(app: Hono, means: Means): void {
  app.get('/api/runs/:run_id/failures', async (context) => {
    const { after = -1, q: text, ...query } = queryOf(context, pageQuery)
    const page = await failures({ ...query, text, run_id: paramOf(context, 'run_id') }, after, PAGE, means)
    const next = nextOf(page, PAGE, ({ position }) => String(position))
    return means.answer(context, { failures: page.map(plain), next } satisfies FailurePage)
  })
  app.get('/api/runs/:run_id/failures.csv', async (context) => {
    const rows = (await all(context, means)).map(({ reference, stage: at, code, message, attempts }) => {
      return [reference ?? '', at, code, message, String(attempts)]
    })
    const text = csv([['reference', 'stage', 'code', 'message', 'attempts'], ...rows])
    return file(context, means.redact(text), 'text/csv', 'csv')
  })
  app.get('/api/runs/:run_id/failures.json', async (context) => {
    return file(context, means.text((await all(context, means)).map(plain)), 'application/json', 'json')
  })
}

async function all(context: Context, means: Means): Promise<Numbered[]> {
  const { q: text, ...query } = queryOf(context, fileQuery)
  const asked = { ...query, text, run_id: paramOf(context, 'run_id') }
  const found: Numbered[] = []
  for (let after = -1; ; after = found.at(-1)?.position ?? after) {
    const page = await failures(asked, after, CHUNK, means)
    found.push(...page)
    if (page.length < CHUNK) return found
  }
}

/** From the history, or of a run that only this process knows. */
async function failures(query: FailureQuery, after: number, limit: number, means: Means): Promise<Numbered[]> {
  const page = await means.history.failures(query, after, limit)
  if (page.length > 0) return page
  const live = means.options.live.get(query.run_id)
  if ((await means.history.run(query.run_id)) !== null) return page
  if (live === null) throw noRun(query.run_id)
  const { stage: at, code, text = '' } = query
  const wanted = text.toLowerCase()
  return (live.result?.failures ?? live.progress().failures)
    .map((failure, position) => ({ ...failure, position }))
    .filter((failure) => at === undefined || failure.stage === at)
    .filter((failure) => code === undefined || failure.code === code)
    .filter(({ reference, message }) => [reference ?? '', message].some((said) => said.toLowerCase().includes(wanted)))
    .filter(({ position }) => position > after)
    .slice(0, limit)
}

function plain({ reference, stage: at, code, message, attempts }: Numbered): ItemFailure {
  return { reference, stage: at, code, message, attempts }
}

function file(context: Context, text: string, type: string, ending: string): Response {
  const name = `failures-${paramOf(context, 'run_id')
    .replace(/[^\w-]/g, '')
    .slice(0, 8)}.${ending}`
  const headers = { 'content-type': `${type}; charset=utf-8`, 'content-disposition': `attachment; filename="${name}"` }
  return context.body(text, 200, headers)
}
