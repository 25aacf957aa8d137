import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { runAction } from '../../src/runtime/run.js'
import { loadWorkflows } from '../../src/workflows/index.js'
import { world } from '../support/world.js'

const cwd = fileURLToPath(new URL('../../examples/mapping-in-yaml', import.meta.url))

test('the example of a mapping in YAML writes what it says', async () => {
  const w = await world({ workable: { jobs: 20 } })
  const { sandbox } = w
  const { workflows, warnings } = await loadWorkflows({ cwd, env: sandbox.env })
  expect(warnings).toEqual([])
  const [workflow] = workflows
  const { parameters } = await workflow!.resolve()
  const result = await runAction(workflow!.action, parameters, w.runtime)
  expect(result).toMatchObject({ status: 'success', failures: [] })

  const wanted = sandbox.workable.jobs.filter(
    ({ state, confidential }) => state === 'published' && confidential !== true,
  )
  expect(wanted.length).toBeGreaterThan(0)
  expect(result.events).toMatchObject({ write_success: wanted.length, logics_discard: 20 - wanted.length })
  for (const job of wanted) {
    const written = sandbox.hrflow.job(sandbox.board_key, job.shortcode)!
    const tag = (name: string) => written.tags.find((known) => known.name === name)?.value ?? null
    expect(written.name).toBe(typeof job['department'] === 'string' ? `${job.title} (${job['department']})` : job.title)
    expect(tag('seniority')).toBe(job['experience'] ?? null)
    expect(tag('workable.code')).toBe(job['code'] || null)
    expect(tag('remote')).toBe(job['workplace_type'] === 'remote')
    expect(tag('state')).toBe('published')
  }
})
