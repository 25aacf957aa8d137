// The baselines: the requests of a run, sent by the bare HTTP client, and nothing else done. So many at once as the
// connector has (48 items), or one at a time.
import process from 'node:process'
import { Agent, request } from 'undici'

const { lists, details, gets, puts, at_once } = JSON.parse(process.argv[2])
const { env } = process
const workable = env.WORKABLE_API_URL.replace('{subdomain}', env.WORKABLE_SUBDOMAIN)
const workableHeaders = { authorization: `Bearer ${env.WORKABLE_API_ACCESS_TOKEN}` }
const hrflowHeaders = {
  'x-api-key': env.HRFLOW_API_SECRET,
  'x-user-email': env.HRFLOW_API_USER,
  'content-type': 'application/json',
}
const dispatcher = new Agent({ connections: at_once })

async function send(url, method, headers, body) {
  const options = { dispatcher, method, headers, body: body === undefined ? null : JSON.stringify(body) }
  const answer = await request(url, options)
  const text = await answer.body.text()
  if (answer.statusCode >= 300) throw new Error(`${method} ${url}: ${answer.statusCode}`)
  return JSON.parse(text)
}

async function one(number, { shortcode }) {
  if (number < details) await send(`${workable}/jobs/${shortcode}`, 'GET', workableHeaders)
  if (number >= gets) return
  const query = new URLSearchParams({ board_key: env.HRFLOW_BOARD_KEY, reference: shortcode })
  const { data } = await send(`${env.HRFLOW_API_URL}/job/indexing?${query}`, 'GET', hrflowHeaders)
  if (number >= puts) return
  // As it was, so that the runs that are measured find what they left.
  const body = { ...data, board: undefined, board_key: env.HRFLOW_BOARD_KEY }
  await send(`${env.HRFLOW_API_URL}/job/indexing`, 'PUT', hrflowHeaders, body)
}

let next = `${workable}/jobs?limit=100&include_fields=description,full_description,requirements,benefits`
let number = 0
const running = new Set()
for (let page = 0; page < lists && next !== undefined; page++) {
  const { jobs, paging } = await send(next, 'GET', workableHeaders)
  next = paging?.next
  for (const job of jobs) {
    const work = one(number++, job).finally(() => running.delete(work))
    running.add(work)
    if (running.size >= at_once) await Promise.race(running)
  }
}
await Promise.all(running)
await dispatcher.close()
