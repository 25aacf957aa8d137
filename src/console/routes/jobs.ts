import type { Hono } from 'hono'
import { z } from 'zod'
import type { JobSuggestions } from '../contract.js'
import { bodyOf, type Means, paramOf, queryOf } from '../means.js'
import { jobView } from '../views/job.js'
import { MappedItems, mappingTry, mappingView } from '../views/mapping.js'
import { word } from './reading.js'

const OFFERED = 20

const suggestQuery = z.strictObject({ q: z.string().max(200).default('') })
const mappingQuery = z.strictObject({ reference: word.optional() })
const tried = z.strictObject({
  reference: word,
  mapping: z
    .record(z.string().min(1).max(300), z.string().max(20_000))
    .refine((fields) => Object.keys(fields).length <= 100, {
      error: 'has more than 100 targets',
    }),
})

/** One item: what became of it, and what a mapping makes of it. */
export function addJobs(app: Hono, means: Means): void {
  const items = new MappedItems(means)
  app.get('/api/workflows/:id/jobs', async (context) => {
    const { q } = queryOf(context, suggestQuery)
    const references = await means.history.references(paramOf(context, 'id'), q, OFFERED)
    return means.answer(context, { references } satisfies JobSuggestions)
  })
  app.get('/api/workflows/:id/jobs/:reference', async (context) => {
    queryOf(context, z.strictObject({}))
    return means.answer(context, await jobView(paramOf(context, 'id'), paramOf(context, 'reference'), means))
  })
  app.get('/api/workflows/:id/mapping', async (context) => {
    const { reference } = queryOf(context, mappingQuery)
    return means.answer(context, await mappingView(paramOf(context, 'id'), reference, items, means))
  })
  app.post('/api/workflows/:id/mapping', async (context) => {
    const id = paramOf(context, 'id')
    return means.answer(context, await mappingTry(id, await bodyOf(context, tried), items, means))
  })
}
