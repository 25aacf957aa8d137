import type { Trouble } from './world.js'

// Answers of Workable that are not the truth: as if from a replica that lags, a proxy, or a list that is cut.

type Instead = NonNullable<Trouble['instead']>
type Entry = Record<string, unknown>
type List = { jobs: Entry[]; paging?: unknown }

/** The job is neither on lists nor by itself; `how` its detail says so. */
export function hidden(shortcode: string, how: 'json' | 'html'): Instead {
  return async (request, answer) => {
    const list = await listOf(request, answer)
    if (list) return again(answer, { ...list, jobs: list.jobs.filter((job) => job['shortcode'] !== shortcode) })
    if (!new URL(request.url).pathname.endsWith(`/jobs/${shortcode}`)) return answer
    const [body, type] =
      how === 'json' ? ['{"error":"Not found"}', 'application/json'] : ['<html>Not found</html>', 'text/html']
    return new Response(body, { status: 404, headers: { ...dateOf(answer), 'content-type': type } })
  }
}

/** The page of a list that holds the job is the last one, and lacks it. */
export function endedEarly(shortcode: string): Instead {
  return async (request, answer) => {
    const list = await listOf(request, answer)
    // Asked for by itself, it is there.
    if (!list || new URL(request.url).searchParams.has('max_id')) return answer
    const at = list.jobs.findIndex((job) => job['shortcode'] === shortcode)
    return at < 0 ? answer : again(answer, { jobs: list.jobs.slice(0, at) })
  }
}

/** Lists show the job as it was long ago, in another state. */
export function lagging(shortcode: string, state: string): Instead {
  return async (request, answer) => {
    const list = await listOf(request, answer)
    const old = { state, updated_at: '2026-01-01T00:00:00Z' }
    if (!list) return answer
    return again(answer, {
      ...list,
      jobs: list.jobs.map((job) => (job['shortcode'] === shortcode ? { ...job, ...old } : job)),
    })
  }
}

async function listOf(request: Request, answer: Response): Promise<List | null> {
  if (!new URL(request.url).pathname.endsWith('/jobs') || answer.status !== 200) return null
  return (await answer.clone().json()) as List
}

function again(answer: Response, list: List): Response {
  const headers = { ...dateOf(answer), 'content-type': 'application/json' }
  return new Response(JSON.stringify(list), { status: 200, headers })
}

function dateOf(answer: Response): Record<string, string> {
  return { date: answer.headers.get('date') ?? '' }
}
