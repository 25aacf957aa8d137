// What it costs to read and to write one recorded HrFlow job: by JSON itself, by what keeps every number as it was, and by the
// same where a number would change. Prints the CPU time of a job in milliseconds.
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { ExactJson } from '../../dist/http/json.js'

const [batches, rounds] = process.argv.slice(2).map(Number)
const recorded = new URL('../../src/connectors/hrflow/fixtures/job-object.json', import.meta.url)
const text = JSON.stringify(JSON.parse(readFileSync(recorded, 'utf8')))
const long = text.replace(/"lat":[\d.]+/, '"lat":45.76404300000001')
if (long === text) throw new Error('The recorded job has no latitude that could be made longer.')

const ways = { plain_ms: [JSON, text], exact_ms: [new ExactJson(), text], careful_ms: [new ExactJson(), long] }

function batch([json, job]) {
  const before = process.cpuUsage()
  for (let round = 0; round < rounds; round++) json.stringify(json.parse(job))
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / rounds
}

// The first batch of each is for V8's compilers.
for (const way of Object.values(ways)) batch(way)
const found = Object.fromEntries(Object.keys(ways).map((name) => [name, []]))
for (let number = 0; number < batches; number++) {
  for (const [name, way] of Object.entries(ways)) found[name].push(batch(way))
}
const medians = Object.entries(found).map(([name, all]) => [name, all.sort((a, b) => a - b)[(all.length - 1) >> 1]])
process.stdout.write(JSON.stringify(Object.fromEntries(medians)))
