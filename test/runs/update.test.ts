import { expect, test } from 'vitest'
import { nonZero, world } from '../support/world.js'

test('an update brings every job of the board up to date', async () => {
  const { sandbox, update, fillBoard, counts } = await world()
  await fillBoard()
  const job = sandbox.workable.jobs[2]!
  sandbox.workable.edit(job.shortcode, { title: 'A new title' })
  const result = await update()
  expect(result).toMatchObject({ status: 'success', reason: 'none', error: null, failures: [] })
  expect(nonZero(result)).toEqual({ read_success: 6, write_success: 1, write_unchanged: 5 })
  expect(counts()).toEqual({ list: 1, detail: 6, get: 6, put: 1, post: 0, patch: 0 })
  expect(sandbox.hrflow.job(sandbox.board_key, job.shortcode)?.name).toBe('A new title')
})

test('reads, details and writes overlap: jobs are written while the list is still read', async () => {
  const { events, parameters, update } = await world({ workable: { jobs: 300, rate_limit: { limit: 1_000_000 } } })
  const result = await update({ push_parameters: { ...parameters.push_parameters, on_missing: 'create' } })
  expect(nonZero(result)).toEqual({ read_success: 300, write_success: 300 })
  const order = events.flatMap((event) =>
    event.type === 'request' ? `${event.request.method} ${event.request.path}` : [],
  )
  const written = (before: number) =>
    order.slice(0, before).filter((request) => request === 'POST /job/indexing').length
  expect(order.filter((request) => request === 'GET /jobs')).toHaveLength(3)
  expect(written(order.lastIndexOf('GET /jobs'))).toBeGreaterThan(100)
  expect(written(order.lastIndexOf('GET /jobs/:shortcode'))).toBeGreaterThan(200)
})
