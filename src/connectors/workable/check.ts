import { z } from 'zod'
import {
  type CheckedSide,
  type CheckLine,
  connectionLine,
  ConnectorError,
  failureOf,
  isRecord,
  RunError,
} from '../../core/kit.js'
import { type Fields, type WorkableApi } from './api.js'
import { filterQuery } from './jobs/reads.js'
import { queryAfter } from './paging.js'

/** Of 100 jobs each: a look at the filter, within half of a slot's requests. */
const PAGES = 3

const filter = z.record(z.string(), z.unknown())

/** Whether jobs can be read, and which ones the filter takes: up to four GET requests. */
export async function* checkWorkable(workable: WorkableApi, side: CheckedSide): AsyncGenerator<CheckLine> {
  const query = filterQuery(filter.parse(side.parameters))
  let found: Found
  try {
    found = await firstJobs(workable, query)
  } catch (error) {
    yield* refused(workable, error)
    return
  }
  yield { what: 'reachable', verdict: 'good', said: 'Workable answers.' }
  yield { what: 'api_access_token', verdict: 'good', said: 'Workable accepts the token.' }
  yield { what: 'scope', verdict: 'good', said: 'Jobs can be read (r_jobs).' }
  yield {
    what: 'subdomain',
    verdict: 'good',
    said: `${workable.subdomain} is an account, and the token belongs to it.`,
  }
  if (found.jobs.length === 0) yield await emptyLine(workable, query)
  else yield jobsLine(found, side.mode)
}

function* refused(workable: WorkableApi, error: unknown): Generator<CheckLine> {
  const isBlocked = error instanceof RunError && error.code === 'blocked'
  const connection = connectionLine(isBlocked ? error.cause : error)
  if (connection !== null) {
    yield connection
    return
  }
  if (!(error instanceof ConnectorError)) throw error
  const answers: CheckLine = { what: 'reachable', verdict: 'good', said: 'Workable answers.' }
  const token: CheckLine = { what: 'api_access_token', verdict: 'good', said: 'Workable accepts the token.' }
  const code = error instanceof RunError ? error.code : undefined
  if (code === 'unauthorized') {
    yield answers
    yield {
      ...token,
      verdict: 'bad',
      said: 'Workable refuses the token (401): it is wrong, expired or revoked, or it belongs to another account than subdomain.',
      todo: 'Generate one in Workable: Settings > Integrations > Apps, with the scope r_jobs.',
    }
    yield { what: 'scope', verdict: 'unknown', said: 'The scope is not known until the token is accepted.' }
    return
  }
  if (code === 'forbidden') {
    yield answers
    yield token
    const todo = 'Generate a token with the scope r_jobs: Settings > Integrations > Apps.'
    yield { what: 'scope', verdict: 'bad', said: 'The token may not read jobs (403).', todo }
    return
  }
  if (code === 'unknown_subdomain') {
    yield {
      what: 'subdomain',
      verdict: 'bad',
      said: `There seems to be no account ${workable.subdomain}: Workable answered with a web page, a redirect or "not found".`,
      todo: 'Check subdomain: it is NAME in https://NAME.workable.com. A proxy or a firewall may also have answered.',
    }
    yield { ...token, verdict: 'unknown', said: 'The token was not tried, because the account was not found.' }
    return
  }
  yield answers
  yield { what: 'jobs', verdict: 'bad', said: failureOf(error, 'list').message }
}

interface Found {
  jobs: Fields[]
  /** There are more than were read. */
  more: boolean
}

async function firstJobs(workable: WorkableApi, query: Record<string, string>): Promise<Found> {
  const jobs = new Map<unknown, Fields>()
  let followed: Record<string, string> = {}
  for (let page = 1; ; page++) {
    const { entries, next } = await workable.jobsPage({ ...query, ...followed, limit: '100' })
    // A page may begin with the last job of the one before.
    for (const entry of entries) if (isRecord(entry)) jobs.set(entry['id'] ?? entry, entry)
    if (next === null || page === PAGES) return { jobs: [...jobs.values()], more: next !== null }
    followed = queryAfter(next)
  }
}

/** By state, and those that are rarely meant for a board: drafts, confidential ones and Workable's own examples. */
function jobsLine({ jobs, more }: Found, mode: CheckedSide['mode']): CheckLine {
  const states = countBy(jobs, (job) => (typeof job['state'] === 'string' ? job['state'] : 'no state'))
  const marked = ['confidential', 'sample'].flatMap((mark) => {
    const count = jobs.filter((job) => job[mark] === true).length
    return count > 0 ? [`${count} ${mark}`] : []
  })
  const counts = [...[...states].map(([state, count]) => `${count} ${state}`), ...marked].join(', ')
  const what = 'jobs'
  const said = more
    ? `Of the first ${jobs.length} that the filter takes: ${counts}. There are more.`
    : `The filter takes ${jobs.length}: ${counts}.`
  if (mode === 'archive') return { what, ...archiveVerdict(states.get('published') ?? 0, said, more) }
  if (!states.has('draft') && marked.length === 0) return { what, verdict: 'good', said }
  const todo = 'If the board should not have them, give state: published, or discard them in logics.'
  return { what, verdict: 'warning', said, todo }
}

/** An archive run archives whatever it reads: of a live job that is rarely meant. */
function archiveVerdict(published: number, said: string, more: boolean): Omit<CheckLine, 'what'> {
  if (published === 0) return { verdict: 'good', said }
  const count = `${more ? 'at least ' : ''}${published === 1 ? '1 job that is' : `${published} jobs that are`} published`
  return {
    verdict: 'warning',
    said: `${said} A run would archive ${count} in Workable.`,
    todo: 'If that is not meant, give state: archived (the default of an archive run) or state: closed.',
  }
}

/** The filter takes nothing: because of the filter, or because there is nothing. */
async function emptyLine(workable: WorkableApi, query: Record<string, string>): Promise<CheckLine> {
  const what = 'jobs'
  const given = Object.keys(query)
  const none: CheckLine = { what, verdict: 'warning', said: 'The account has no jobs.' }
  if (given.length === 0) return none
  const any = await workable.jobsPage({ limit: '1' }).catch(() => null)
  if (any !== null && any.entries.length === 0) return none
  const said = 'The filter takes no jobs'
  return any === null
    ? { what, verdict: 'warning', said: `${said}.` }
    : { what, verdict: 'warning', said: `${said}, and the account has some.`, todo: `Check ${given.join(', ')}.` }
}

function countBy<T>(values: T[], keyOf: (value: T) => string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(keyOf(value), (counts.get(keyOf(value)) ?? 0) + 1)
  return counts
}
