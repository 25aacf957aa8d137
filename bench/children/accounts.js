// Both services for any number of accounts, as light as may be: what is measured beside it is the connector. Each account has the
// same few jobs, which never change, and a limit of 10 requests per 10 s. Asked by its parent, it tells what came and was refused.
import { createServer } from 'node:http'
import { readFileSync } from 'node:fs'
import process from 'node:process'

const SLOT_MS = 10_000
const LIMIT = 10

const { jobs: count, latency_ms } = JSON.parse(process.argv[2])
const recorded = new URL('../../src/connectors/workable/fixtures/jobs-list-include-fields.json', import.meta.url)
const [first] = JSON.parse(readFileSync(recorded, 'utf8')).jobs
const jobs = Array.from({ length: count }, (_, at) => ({ ...first, id: `5c${at}`, shortcode: `JOB${at}` }))
const texts = new Map(jobs.map((job) => [job.shortcode, JSON.stringify(job)]))
const [all, none] = [jobs, []].map((listed) => JSON.stringify({ jobs: listed, paging: {} }))
const NOT_THERE = JSON.stringify({ code: 400, message: 'Invalid parameters. Unable to find object: job' })

let counts = { requests: 0, refused: 0 }
/** By account: its slot, and what came in it. */
const budgets = new Map()

createServer((request, response) => {
  let body = ''
  request.on('data', (part) => (body += part))
  request.on('end', () => setTimeout(() => answer(request, body, response), latency_ms))
}).listen(0, '127.0.0.1', function () {
  process.send({ url: `http://127.0.0.1:${this.address().port}` })
})

function answer({ method, url }, body, response) {
  counts.requests += 1
  const [, service, account, ...rest] = url.split('/')
  if (service === 'hrflow') return send(response, ...hrflow(method, body), {})
  const { remaining, headers } = spend(account)
  if (remaining < 0) return send(response, 429, '{}', headers)
  const shortcode = rest[3]
  if (shortcode !== undefined) return send(response, 200, texts.get(shortcode.split('?')[0]), headers)
  send(response, 200, url.includes('updated_after') ? none : all, headers)
}

/** A board on which no job is, and that takes every one. */
function hrflow(method, body) {
  if (method === 'GET') return [400, NOT_THERE]
  return [200, JSON.stringify({ code: 200, message: 'ok', data: { ...JSON.parse(body), key: 'k', id: 1 } })]
}

function spend(account) {
  const slot = Math.floor(Date.now() / SLOT_MS)
  const budget = budgets.get(account)
  const used = budget?.slot === slot ? budget.used + 1 : 1
  budgets.set(account, { slot, used })
  if (used > LIMIT) counts.refused += 1
  const headers = {
    'x-rate-limit-limit': String(LIMIT),
    'x-rate-limit-remaining': String(Math.max(0, LIMIT - used)),
    'x-rate-limit-reset': String(((slot + 1) * SLOT_MS) / 1000),
  }
  return { remaining: LIMIT - used, headers }
}

function send(response, status, text, headers) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text)
}

process.on('message', () => {
  process.send(counts)
  counts = { requests: 0, refused: 0 }
})
process.on('disconnect', () => process.exit(0))
