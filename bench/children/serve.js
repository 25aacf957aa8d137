// Both services in a process of their own. Told by its parent what to do; answers each message once it is done.
import process from 'node:process'
import { startSandbox } from '../../dist/sandbox/index.js'

const { jobs, latency_ms, limit } = JSON.parse(process.argv[2])
const sandbox = await startSandbox({
  workable: { jobs, rate_limit: { limit } },
  ...(latency_ms > 0 ? { latency: { ms: latency_ms } } : {}),
})
// With their texts, as a sync leaves them: the baselines run after the sync, and must not find longer jobs than it did.
for (const { shortcode, description, full_description, requirements, benefits } of sandbox.workable.jobs) {
  const sections = Object.entries({ full_description, description, requirements, benefits })
  sandbox.hrflow.seed(sandbox.board_key, {
    reference: shortcode,
    name: 'Old',
    summary: description,
    requirements,
    benefits,
    sections: sections.map(([name, text]) => ({ name, title: name, description: text })),
  })
}

/** How many requests came before the question before. */
let before = 0
let edits = 0

process.on('message', ({ edit }) => {
  if (edit !== undefined) {
    const title = `Edited ${(edits += 1)}`
    for (const { shortcode } of sandbox.workable.jobs.slice(0, edit)) sandbox.workable.edit(shortcode, { title })
  }
  const seen = sandbox.workable.requests.length + sandbox.hrflow.requests.length
  process.send(seen - before)
  before = seen
})
process.on('disconnect', () => process.exit(0))
process.send({ env: sandbox.env })
