import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { startSandbox } from '../../src/sandbox/index.js'

const child = fileURLToPath(new URL('../support/children/update.js', import.meta.url))
const told = z.object({ status: z.string(), events: z.record(z.string(), z.number()), peak: z.number() })

/** An update of so many jobs in another process; `keep` has it hold all of them, for a callback. */
async function updateInChild(jobs: number, keep = false) {
  const sandbox = await startSandbox({ workable: { jobs, rate_limit: { limit: 1_000_000 } } })
  onTestFinished(() => sandbox.close())
  const push_parameters = { board_key: sandbox.board_key, on_missing: 'create' }
  const parameters = JSON.stringify({ env: sandbox.env, push_parameters, keep })
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', child, parameters])
  return told.parse(JSON.parse(stdout))
}

test('memory does not grow with the number of jobs: 3,000 take what 300 take', { timeout: 90_000 }, async () => {
  const few = await updateInChild(300)
  const many = await updateInChild(3_000)
  expect(many).toMatchObject({ status: 'success', events: { read_success: 3_000, write_success: 3_000 } })
  expect(many.peak).toBeLessThan(1.2 * few.peak)
  // And the measure sees it when they are held.
  const held = await updateInChild(1_500, true)
  expect(held.peak).toBeGreaterThan(1.3 * many.peak)
})
