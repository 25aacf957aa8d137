import { expect, test } from 'vitest'
import { nonZero, world } from './world.js'

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
