import type { IncomingMessage, ServerResponse } from 'node:http'
import type { z } from 'zod'
import { type HrflowFake, jobChange, type WorkableFake } from '../../connectors/fakes.js'
import { problemsOf } from '../../core/text/validation.js'
import { type Listener, listen, readBody } from '../listener.js'
import { Jobs, meant, Refusal } from './jobs.js'
import {
  accountQuery,
  boardChange,
  type changedJob,
  type jobList,
  listQuery,
  noQuery,
  type overview,
  type refusal,
} from './messages.js'

interface Call {
  jobs: Jobs
  /** The parts of the path that a route leaves open. */
  names: string[]
  query: unknown
  body: unknown
}

interface Answer {
  status?: number
  body: z.input<typeof overview | typeof jobList | typeof changedJob> | { job: unknown; changed?: boolean }
}

type Handler = (call: Call) => Answer

const ROUTES: [path: RegExp, methods: Record<string, Handler | undefined>][] = [
  [/^\/$/, { GET: served }],
  [/^\/jobs$/, { GET: list, POST: add }],
  [/^\/jobs\/([^/]+)$/, { GET: show, PATCH: change, DELETE: remove }],
  [/^\/boards\/([^/]+)\/jobs\/([^/]+)$/, { PATCH: changeOnBoard }],
]

const LONGEST_BODY = 1_000_000

/**
 * Opens the address where the jobs of a sandbox are changed by hand. It has a port of its own, so that nothing that is
 * pointed at a service can meet it.
 */
export async function openControl(
  port: number,
  { accounts, hrflow }: { accounts: readonly WorkableFake[]; hrflow: HrflowFake },
): Promise<Listener> {
  const jobs = new Jobs(accounts, hrflow)
  return listen(port, async (incoming, response) => {
    try {
      const { status = 200, body } = await answer(jobs, incoming)
      send(response, status, body)
    } catch (error) {
      const status = error instanceof Refusal ? error.status : 500
      send(response, status, { error: error instanceof Error ? error.message : String(error) })
    }
  })
}

function send(response: ServerResponse, status: number, body: Answer['body'] | z.input<typeof refusal>): void {
  if (response.destroyed || response.headersSent) return
  const text = JSON.stringify(body)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  response.end(text)
}

async function answer(jobs: Jobs, incoming: IncomingMessage): Promise<Answer> {
  refuseStrangers(incoming)
  const url = new URL(incoming.url ?? '/', 'http://127.0.0.1')
  const { handle, names } = routeOf(incoming.method ?? 'GET', url.pathname)
  const body = readJson(incoming, await readBody(incoming, LONGEST_BODY))
  return handle({ jobs, names, query: Object.fromEntries(url.searchParams), body })
}

/** A web page that is open in a browser on this machine may send requests here, or have a name that leads here. */
function refuseStrangers({ headers, socket }: IncomingMessage): void {
  const ours = ['127.0.0.1', 'localhost'].map((host) => `${host}:${socket.localPort ?? ''}`)
  if (!ours.includes(headers.host ?? '')) throw new Refusal(403, 'The control address is asked by its own name alone.')
  if (headers.origin !== undefined) throw new Refusal(403, 'The control address is not for web pages.')
}

function routeOf(method: string, pathname: string): { handle: Handler; names: string[] } {
  for (const [path, methods] of ROUTES) {
    const found = path.exec(pathname)
    if (!found) continue
    const handle = Object.hasOwn(methods, method) ? methods[method] : undefined
    if (!handle) throw new Refusal(405, `${method} is not for this path. It takes ${Object.keys(methods).join(', ')}.`)
    return { handle, names: found.slice(1).map(decoded) }
  }
  throw new Refusal(404, 'There is no such path. Paths: /, /jobs, /jobs/SHORTCODE, /boards/BOARD_KEY/jobs/REFERENCE.')
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new Refusal(400, 'The path holds a malformed escape.')
  }
}

function readJson({ headers }: IncomingMessage, text: string | undefined): unknown {
  if (text === undefined) throw new Refusal(413, `The body is longer than ${LONGEST_BODY} characters.`)
  if (text === '') return undefined
  if (!/^application\/json(;|$)/i.test(headers['content-type'] ?? ''))
    throw new Refusal(415, 'Send the body as application/json.')
  try {
    return JSON.parse(text)
  } catch {
    throw new Refusal(400, 'The body is not JSON.')
  }
}

function read<Schema extends z.ZodType>(schema: Schema, given: unknown): z.output<Schema> {
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue, given, schema))
  throw new Refusal(400, problems.map(({ path, message }) => `${path}: ${message}`).join(' '))
}

function served({ jobs, query }: Call): Answer {
  read(noQuery, query)
  const accounts = jobs.accounts.map(({ subdomain, token, jobs: { length } }) => ({ subdomain, token, jobs: length }))
  const boards = jobs.hrflow.boards.map((board_key) => {
    const all = jobs.hrflow.jobs(board_key)
    const live = all.filter(({ archived_at }) => archived_at === null).length
    return { board_key, live, archived: all.length - live }
  })
  return { body: { sandbox: 'hrflow-connectors', accounts, boards } }
}

function list({ jobs, query }: Call): Answer {
  return { body: { jobs: jobs.list(read(listQuery, query)) } }
}

function show({ jobs, names: [shortcode = ''], query }: Call): Answer {
  return { body: { job: jobs.show(shortcode, read(accountQuery, query).account) } }
}

/** What is not said of a new job is made up. */
function add({ jobs, query, body }: Call): Answer {
  const [{ account: subdomain }, given] = [read(accountQuery, query), read(jobChange, body ?? {})]
  const account = jobs.account(subdomain)
  const { job } = jobs.change({ account, job: account.add() }, given)
  return { status: 201, body: { job, changed: true } }
}

function change({ jobs, names: [shortcode = ''], query, body }: Call): Answer {
  const [{ account }, given] = [read(accountQuery, query), read(jobChange, body)]
  return { body: jobs.change(jobs.find(shortcode, account), given) }
}

function remove({ jobs, names: [shortcode = ''], query }: Call): Answer {
  const { account, job } = jobs.find(shortcode, read(accountQuery, query).account)
  const view = jobs.view({ account, job })
  account.remove(shortcode)
  return { body: { job: { ...view, account: null, state: null, updated_at: null }, changed: true } }
}

function changeOnBoard({ jobs, names: [board_key = '', reference = ''], query, body }: Call): Answer {
  read(noQuery, query)
  const { archived } = read(boardChange, body)
  const { hrflow } = jobs
  if (!hrflow.boards.includes(board_key))
    throw new Refusal(404, `There is no board ${board_key}.${meant(board_key, hrflow.boards)}`)
  const job = hrflow.job(board_key, reference)
  if (!job) {
    const known = hrflow.jobs(board_key).flatMap((one) => one.reference ?? [])
    throw new Refusal(404, `There is no job ${reference} on the board.${meant(reference, known)}`)
  }
  const changed = (job.archived_at !== null) !== archived
  if (changed) hrflow.archive(board_key, reference, archived)
  return { body: { job: jobs.onBoards(reference), changed } }
}
