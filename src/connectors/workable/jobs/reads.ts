import { z } from 'zod'
import { isRecord, ItemError, type Listed, type ListPage, read, type Unlisted } from '../../../core/kit.js'
import { type Fields, type WorkableApi } from '../api.js'
import { timestamp } from '../timestamps.js'
import { workableJob, type WorkableJob } from './schema.js'
import { bringsText, DETAILS, empties, Entry, laid, laidOver, TEXTS, wholeJob } from './whole-job.js'

/** What is kept of a detail: what it said of its own fields, and that neither it nor the list had a salary. */
const keptDetail = workableJob
  .pick({ employment_type: true, industry: true, function: true, experience: true, education: true })
  .extend({ salary: z.null().optional() })

/** `updated_at` is cut to the second: a job read within two seconds of it may have changed once more without showing it. */
const SETTLES_AFTER_MS = 2_000

const STATES = ['archived', 'closed', 'draft', 'published'] as const
const STATE = 'Only jobs in this state: draft, published, closed or archived.'

const state = z.enum(STATES).nullish()

function jobFilter<State extends z.ZodType>(state: State) {
  return z.strictObject({
    state,
    since_id: z.string().trim().min(1).nullish().describe('Only jobs whose id is this one or greater.'),
    max_id: z.string().trim().min(1).nullish().describe('Only jobs whose id is this one or less.'),
    created_after: timestamp('Only jobs created after this moment: ISO 8601 or Unix seconds.'),
    updated_after: timestamp('Only jobs updated after this moment: ISO 8601 or Unix seconds.'),
  })
}

type JobFilter = z.output<ReturnType<typeof jobFilter<typeof state>>>

const details = z
  .enum(['with', 'after', 'without'])
  .nullish()
  .meta({ scoped: false, examples: ['after'] })
  .describe(
    'When the five fields are read that cost a request per job (`employment_type`, `industry`, `function`, `experience`, `education`). `with` reads them before a job is written, and so does a call that says nothing. `after` writes every job from the list at once, which takes minutes, and once more with its details. `without` never reads them, and what the board has of them stays.',
  )

interface Known {
  reference: string
  id: string | null
}

/** A job changes its state: then it is no longer listed, and HrFlow would show the old one for ever. */
const leaving = {
  parameters: ['state'],
  includes({ job }: Entry, filter: { state?: unknown }) {
    return typeof filter.state !== 'string' || typeof job['state'] !== 'string' || job['state'] === filter.state
  },
}

const NO_SALARY = ['salary', null] as const

const ARCHIVES_PUBLISHED =
  'A job that is published in Workable is archived on the board. If that is not meant, give state: archived or state: closed.'

const INCLUDE_FIELDS = { include_fields: TEXTS.join(',') }

const jobs = {
  description: 'Reads jobs: the list with its texts, and one detail request for each job that changed.',
  since: 'updated_after',
  settles_after_ms: SETTLES_AFTER_MS,
  leaving,
  list: (workable: WorkableApi, filter: JobFilter) => listJobs(workable, { ...filterQuery(filter), ...INCLUDE_FIELDS }),
  find: (workable: WorkableApi, known: Known) => findJob(workable, known, INCLUDE_FIELDS),
  page: pageOfIds,
  async load(workable: WorkableApi, { reference, version, entry }: Listed<Entry>) {
    const { job, read_at } = await workable.job(reference, version)
    const whole = wholeJob(entry, job)
    return { ...whole, read_at, version: versionOf(whole.item) }
  },
  cache: {
    account: (workable: WorkableApi) => workable.subdomain,
    keep(job: WorkableJob, { entry }: Listed<Entry>) {
      const said = DETAILS.flatMap((field) => (job[field] === undefined ? [] : [[field, job[field]] as const]))
      if (typeof job.updated_at !== 'string' || said.length === 0) return null
      const detail = Object.fromEntries(job.salary === null ? [...said, NO_SALARY] : said)
      const restored = { ...detail, updated_at: job.updated_at }
      // The list alone would empty what the detail says.
      if (empties(laid(entry, restored, restored), job)) return null
      return { version: job.updated_at, detail }
    },
    restore({ entry, version }: Listed<Entry>, detail: unknown) {
      const kept = keptDetail.safeParse(detail)
      return entry.has_texts && kept.success ? laidOver(entry, { ...kept.data, updated_at: version }) : null
    },
  },
}

/** Jobs to put on a board. */
export const createdJobs = read({
  ...jobs,
  parameters: jobFilter(
    state
      .describe(
        `${STATE} Without it, drafts, confidential jobs and sample jobs are put on the board too: give published to show only what is public.`,
      )
      .meta({ examples: ['published'] }),
  ),
})

/** Jobs to bring up to date. */
export const updatedJobs = read({
  ...jobs,
  parameters: jobFilter(state.describe(STATE).meta({ examples: ['published'] })).extend({ details }),
  partial: {
    details: (parameters) => details.parse(parameters['details']) ?? 'with',
    lacks: DETAILS,
    item({ entry }, final) {
      const listed = laidOver(entry, {})
      if (final) return listed
      // Without its texts a job is not worth writing. What the list lacks the detail may have.
      return entry.has_texts ? { ...listed, item: filledFields(listed.item) } : null
    },
  },
})

/** Jobs to archive: the list is enough, no detail is asked for. Without `state`, only jobs that are archived. */
export const archivedJobs = read({
  description: 'Reads archived jobs from the list.',
  since: 'updated_after',
  settles_after_ms: SETTLES_AFTER_MS,
  parameters: jobFilter(
    state
      .transform((given) => given ?? 'archived')
      .pipe(z.enum(STATES))
      .describe(
        `${STATE} Without it, only archived jobs are taken. With published, the jobs that are live are archived on the board.`,
      ),
  ),
  leaving,
  list: (workable: WorkableApi, filter: JobFilter) => listJobs(workable, filterQuery(filter)),
  find: (workable: WorkableApi, known: Known) => findJob(workable, known, {}),
  load(_: WorkableApi, { entry, read_at }: Listed<Entry>) {
    const item = workableJob.parse(entry.job)
    return Promise.resolve({ item, read_at, ...(item.state === 'published' ? { note: ARCHIVES_PUBLISHED } : {}) })
  },
})

/** A job without what is said to be empty. */
function filledFields(job: WorkableJob): WorkableJob {
  const isFilled = (value: unknown) => value !== null && value !== '' && !(Array.isArray(value) && value.length === 0)
  return workableJob.parse(Object.fromEntries(Object.entries(job).filter(([, value]) => isFilled(value))))
}

async function* listJobs(workable: WorkableApi, query: Record<string, string>): AsyncGenerator<ListPage<Entry>> {
  for await (const page of workable.jobs(query)) {
    if ('problem' in page) {
      yield { entries: [{ reference: null, problem: page.problem, counts_as: 'list_failure' }] }
      continue
    }
    // Texts that are empty may be left out (recorded 2016): only a page without any shows that none were sent.
    const has_texts = page.entries.some((entry) => isRecord(entry) && bringsText(entry))
    const entries = page.entries.map((entry) => listed(entry, page.read_at, has_texts))
    yield { entries, asked_at: page.asked_at }
  }
}

/**
 * A job as the list has it. `since_id` and `max_id` are documented as inclusive; asking from one below finds the job also
 * where `since_id` is exclusive, as older texts have it. Ids are hexadecimal numbers (recorded).
 */
async function findJob(
  workable: WorkableApi,
  { reference, id: known }: Known,
  fields: Record<string, string>,
): Promise<Listed<Entry> | null> {
  const id = known ?? (await idOf(workable, reference))
  const since_id = /^[0-9a-f]*[1-9a-f][0-9a-f]*$/.test(id)
    ? (BigInt(`0x${id}`) - 1n).toString(16).padStart(id.length, '0')
    : id
  for await (const { entries } of listJobs(workable, { ...fields, since_id, max_id: id })) {
    for (const found of entries) {
      if ('problem' in found) throw found.problem
      if (found.id === id) return found
    }
  }
  // Deleted, or the list lags behind: the detail tells, by throwing that it is gone.
  await workable.job(reference, null)
  throw new ItemError('not_listed', '[workable] GET /jobs: the list does not have the job, although it is there.')
}

/** By its detail, where nothing else tells the id. Throws `GoneError` where there is no such job. */
async function idOf(workable: WorkableApi, reference: string): Promise<string> {
  const { id } = (await workable.job(reference, null)).job
  if (typeof id === 'string' && id !== '') return id
  throw new ItemError('no_id', '[workable] The job has no id, so the list cannot be asked for it.')
}

/** The ids on one page of the plain list, which holds jobs of every state; from an id on, which may be on it once more. */
async function pageOfIds(workable: WorkableApi, after: string | null): Promise<{ ids: string[]; last: string | null }> {
  const { entries, next } = await workable.jobsPage({ limit: '100', ...(after === null ? {} : { since_id: after }) })
  const ids = entries.flatMap((entry) => (isRecord(entry) && typeof entry['id'] === 'string' ? entry['id'] : []))
  const last = ids.at(-1) ?? null
  // A page that leads nowhere ends the round.
  return { ids, last: next === null || last === after ? null : last }
}

const shortcodeOf = z.union([
  z
    .string()
    .trim()
    .regex(/^\P{Cc}+$/u),
  z.number().transform(String),
])

function listed(entry: unknown, read_at: number, has_texts: boolean): Listed<Entry> | Unlisted {
  if (!isRecord(entry)) {
    const problem = new ItemError('not_a_job', '[workable] GET /jobs: an entry on the list is not a job.')
    return { reference: null, problem, counts_as: 'list_failure' }
  }
  const shortcode = shortcodeOf.safeParse(entry['shortcode'])
  if (!shortcode.success) {
    const name = typeof entry['id'] === 'string' ? `the job with id ${entry['id']}` : 'a job'
    const problem = new ItemError(
      'no_shortcode',
      `[workable] GET /jobs: ${name} has no shortcode, so its detail cannot be asked for.`,
    )
    return { reference: null, problem, counts_as: 'read_failure' }
  }
  const id = typeof entry['id'] === 'string' && /^\w{1,64}$/.test(entry['id']) ? entry['id'] : null
  return { reference: shortcode.data, id, version: versionOf(entry), read_at, entry: new Entry(entry, has_texts) }
}

function versionOf({ updated_at }: Fields): string | null {
  return typeof updated_at === 'string' && Number.isFinite(Date.parse(updated_at)) ? updated_at : null
}

/** The filters as the list takes them. */
export function filterQuery(filter: Record<string, unknown>): Record<string, string> {
  const given = Object.entries(filter).flatMap(([name, value]) =>
    typeof value === 'string' && name !== 'details' ? [[name, value] as const] : [],
  )
  return Object.fromEntries(given)
}
