import { z } from 'zod'
import { toJson } from '../values.js'
import {
  type Comparison,
  type Delivery,
  type Json,
  type Known,
  type Once,
  write,
  type Written,
} from '../../../core/kit.js'
import type { HrflowApi } from '../api.js'
import { changesOf, UNCHANGED } from './changes.js'
import { enrichJob } from './enrich.js'
import { bringBack, isOurs, leavingJobs } from './leaving.js'
import { hashOf, mergeJob, type Names, namesOf, newJob, ownedPart, sameJob } from './merge.js'
import {
  type ArchiveParameters,
  archiveParameters,
  type CreateParameters,
  createParameters,
  type UpdateParameters,
  updateParameters,
} from './parameters.js'
import { hrflowJob, type HrflowJob, type StoredJob } from './schema.js'
import { findJob, hasJob, isArchived, lookAtJob, nameOf } from './stored.js'

type CreateDelivery = Delivery<CreateParameters, HrflowJob>
type UpdateDelivery = Delivery<UpdateParameters, HrflowJob>
type ArchiveDelivery = Delivery<ArchiveParameters, { reference: string }>

/** The job by its documented keys: what a format must return, and the writer is given. */
const formattedJob: z.ZodType<HrflowJob, Known<z.input<typeof hrflowJob>>> = hrflowJob

/** The item of an archive flow: which job. */
const archivedJob = hrflowJob.pick({ reference: true })

/** What is kept of a delivery: hashes and names, never content. */
const memo = z.object({
  /** Of the owned part of the formatted job that was sent last, or was found to be there. */
  sent: z.string(),
  /** Of the owned part, as the answer to that PUT showed it; null where it said what was sent. */
  answered: z.string().nullable(),
  /** Of the owned part as it was found, where that PUT said the same as the one before it; else null. */
  before: z.string().nullable(),
  /** Names written per list: those that a later format leaves out are removed. */
  names: z.record(z.string(), z.array(z.string())),
  /** Wrong coordinates were cleared once; if they are back, HrFlow's geocoding put them there. */
  cleared: z.boolean(),
})

type Memo = z.output<typeof memo>

/** Of a delivery that left nothing but names. */
const memoOfNames = memo.pick({ names: true })

const ARCHIVED_NOTE = 'A job is archived on the board: its content is updated, and it stays archived.'

const ENRICHED_NOTE = "What HrFlow's text parsing finds is added when the job is created."

const MISSING_NOTE = 'An update does not add jobs to the board, unless on_missing is create.'

const MOVED_NOTE = 'The location is another one: HrFlow may fill in the parts of it that the job leaves out.'

const FILLED_NOTE = 'HrFlow may fill in the parts of the location that the job leaves out.'

const REPLACED_NOTE = 'edit: replace sends a PUT whatever is stored, and what others added is lost.'

/** Adds jobs to a board. Safe to repeat: a job that the board has is left as it is. */
export const createJobs = write({
  description: 'Adds jobs that the board does not have yet.',
  parameters: createParameters,
  schema: formattedJob,
  place: 'board_key',
  look: lookAtJob,
  async write(hrflow: HrflowApi, { item, parameters }: CreateDelivery) {
    const find = (once: Once) => hrflow.getJob(once, parameters.board_key, item.reference)
    if (await hrflow.http.retry(find)) return { outcome: 'unchanged', memo: null }
    const job = parameters.enrich_with_parsing ? await enrichJob(hrflow, item) : item
    return hrflow.http.retry(async (once, attempt): Promise<Written> => {
      // A POST is repeated only after a GET has shown that the one before did not happen.
      const done = attempt > 1 && (await find(once)) !== null
      const created = done || (await hrflow.postJob(once, newJob(job, parameters.board_key))) || attempt > 1
      return { outcome: created ? 'written' : 'unchanged', memo: { names: namesOf(job) } }
    })
  },
  async compare(hrflow: HrflowApi, { item, parameters }: CreateDelivery): Promise<Comparison> {
    if (await findJob(hrflow, parameters.board_key, item.reference)) return UNCHANGED
    const note = parameters.enrich_with_parsing ? { note: ENRICHED_NOTE } : {}
    return { ...creation(item, parameters.board_key), ...note }
  },
})

/** Brings jobs of a board up to date. What this connector does not own survives. */
export const updateJobs = write({
  description: 'Edits jobs of the board where something differs.',
  parameters: updateParameters,
  schema: formattedJob,
  place: 'board_key',
  look: lookAtJob,
  replaces: ({ edit }) => edit === 'replace',
  write(hrflow: HrflowApi, delivery: UpdateDelivery) {
    return delivery.parameters.edit === 'replace' ? replaceJob(hrflow, delivery) : new JobUpdate(hrflow, delivery).run()
  },
  async compare(hrflow: HrflowApi, delivery: UpdateDelivery): Promise<Comparison> {
    const { item, parameters } = delivery
    const { board_key } = parameters
    const stored = await findJob(hrflow, board_key, item.reference)
    if (stored === null) {
      return parameters.on_missing === 'create' && delivery.outside !== true
        ? creation(item, board_key)
        : { outcome: 'not_found', changes: [], ...nameOf(item), note: MISSING_NOTE }
    }
    if (parameters.edit === 'replace') return replacement(stored, item, board_key)
    const update = new JobUpdate(hrflow, delivery)
    const { put, note } = update.stepFrom(stored)
    const back = isOurs(stored, delivery.archived)
      ? [{ path: 'archived_at', from: toJson(stored.archived_at), to: null }]
      : []
    if (put === undefined && back.length === 0) return { ...UNCHANGED, ...note }
    const changes = [...back, ...(put === undefined ? [] : changesOf(stored, put.body))]
    const moved = changes.some(({ path }) => path === 'location.text') ? [MOVED_NOTE] : []
    const notes = [...moved, ...(note.note === undefined ? [] : [note.note])]
    const said = notes.length > 0 ? { note: notes.join(' ') } : {}
    return { outcome: 'update', changes, ...nameOf(stored), ...said }
  },
  has: hasJob,
  leaving: leavingJobs,
})

/** Archives jobs of a board. */
export const archiveJobs = write({
  description: 'Archives jobs of the board.',
  parameters: archiveParameters,
  has: hasJob,
  schema: archivedJob,
  place: 'board_key',
  look: lookAtJob,
  async write(hrflow: HrflowApi, { item, parameters }: ArchiveDelivery) {
    let sent = false
    return hrflow.http.retry(async (once): Promise<Written> => {
      const stored = await hrflow.getJob(once, parameters.board_key, item.reference)
      if (stored === null) return { outcome: 'not_found', memo: null }
      if (isArchived(stored)) return { outcome: sent ? 'written' : 'unchanged', memo: null }
      sent = true
      const found = await hrflow.archiveJob(once, parameters.board_key, item.reference)
      return { outcome: found ? 'written' : 'not_found', memo: null }
    })
  },
  async compare(hrflow: HrflowApi, { item, parameters }: ArchiveDelivery): Promise<Comparison> {
    const stored = await findJob(hrflow, parameters.board_key, item.reference)
    if (stored === null) return { outcome: 'not_found', changes: [] }
    return isArchived(stored) ? UNCHANGED : { outcome: 'archive', changes: [], ...nameOf(stored) }
  },
})

/** What a POST would put on the board. */
function creation(item: HrflowJob, board_key: string): Comparison {
  return { outcome: 'create', changes: changesOf({}, newJob(item, board_key)), ...nameOf(item) }
}

/** What a blind PUT would make of a stored job: what it leaves out goes, but for the date, which HrFlow decides. */
function replacement(stored: StoredJob, item: HrflowJob, board_key: string): Comparison {
  const gone = Object.keys(stored).flatMap((key) => (key === 'created_at' ? [] : [[key, null] as const]))
  const changes = changesOf(stored, { ...Object.fromEntries(gone), ...newJob(item, board_key) })
  const placed = changes.some(({ path }) => path.startsWith('location.')) ? [FILLED_NOTE] : []
  return { outcome: 'update', changes, ...nameOf(stored), note: [...placed, REPLACED_NOTE].join(' ') }
}

/** What a delivery comes to, given the stored job. Without `put` there is nothing to write. */
interface Step {
  put?: { body: Record<string, unknown>; memo: Memo }
  memo: Json
  note: { note?: string }
}

/** One job brought up to date: GET, merge, compare, PUT; after a failure again from the GET on. */
class JobUpdate {
  readonly #hrflow: HrflowApi
  readonly #delivery: UpdateDelivery
  readonly #known: Memo | undefined
  readonly #names: Names | undefined
  /** The PUT that was sent last and may have happened although it was not answered. */
  #sent: { memo: Memo } | undefined
  #posted = false
  /** It was archived and was brought back. */
  #back = false

  constructor(hrflow: HrflowApi, delivery: UpdateDelivery) {
    this.#hrflow = hrflow
    this.#delivery = delivery
    if (delivery.memo === null) return
    this.#known = memo.safeParse(delivery.memo).data
    this.#names = this.#known?.names ?? memoOfNames.safeParse(delivery.memo).data?.names
  }

  run(): Promise<Written> {
    return this.#hrflow.http.retry((once) => this.#once(once))
  }

  async #once(once: Once): Promise<Written> {
    const { item, parameters } = this.#delivery
    const found = await this.#hrflow.getJob(once, parameters.board_key, item.reference)
    const at = { board_key: parameters.board_key, reference: item.reference }
    const isReturning = found !== null && isOurs(found, this.#delivery.archived)
    const stored = isReturning ? await bringBack(this.#hrflow, once, at, () => void (this.#back = true)) : found
    if (stored === null) return this.#missing(once)
    const { put, note, memo } = this.stepFrom(stored)
    if (put === undefined) {
      const outcome = this.#sent || this.#posted ? 'written' : 'unchanged'
      return { outcome: this.#back ? 'unarchived' : outcome, memo, ...note }
    }
    this.#sent = { memo: put.memo }
    const answer = await this.#hrflow.putJob(once, put.body)
    if (answer === null) return this.#missing(once)
    // An answer that says what was sent is not looked for: found again, it is nothing to write.
    const answered = sameJob(answer, put.body) ? null : this.#ownedHash(answer)
    return { outcome: this.#back ? 'unarchived' : 'written', memo: { ...put.memo, answered }, ...note }
  }

  /** What is to be done with the job as it is stored: a PUT, or nothing. Sends nothing. */
  stepFrom(stored: StoredJob): Step {
    const { item, parameters, remembers, archived } = this.#delivery
    const cleared = this.#known?.cleared === true
    const merged = mergeJob({
      stored,
      ours: item,
      board_key: parameters.board_key,
      written_names: this.#names,
      clear_refused: remembers && !cleared,
    })
    const note = isArchived(stored) && !isOurs(stored, archived) ? { note: ARCHIVED_NOTE } : {}
    const { names } = merged
    const sent = this.#ownedHash(item)
    const memo = { sent, before: null, answered: null, names, cleared: cleared || merged.cleared }
    if (!merged.changed) return { memo: this.#sent?.memo ?? memo, note }
    // What was found matters where the same was sent before.
    const before = this.#known?.sent === sent ? this.#ownedHash(stored) : null
    // Cleared coordinates are not part of the owned part, since a null of ours is no opinion: they go out once.
    if (!merged.cleared && this.#isNormalised(before)) return { memo: this.#delivery.memo, note }
    return { put: { body: merged.body, memo: { ...memo, before } }, memo, note }
  }

  async #missing(once: Once): Promise<Written> {
    try {
      return await createMissing(this.#hrflow, once, this.#delivery)
    } catch (error) {
      // It may have happened although it was not answered: the next GET tells.
      this.#posted = true
      throw error
    }
  }

  /** Whether the last PUT said the same and HrFlow shows what it made of it: it would make the same of it again. */
  #isNormalised(found: string | null): boolean {
    // Within this delivery a PUT may be repeated: its answer was lost.
    if (found === null || this.#known === undefined || this.#sent !== undefined) return false
    // Found as it was before: HrFlow dropped what we sent, or a person put it back. A second PUT tells.
    return found === this.#known.answered || found === this.#known.before
  }

  #ownedHash(job: Record<string, unknown>): string {
    return hashOf(ownedPart(job, this.#delivery.item, this.#names))
  }
}

/** One blind PUT: what others added is lost, so this is asked for by `edit: replace`. */
async function replaceJob(hrflow: HrflowApi, delivery: UpdateDelivery): Promise<Written> {
  const { item, parameters } = delivery
  return hrflow.http.retry(async (once): Promise<Written> => {
    const answer = await hrflow.putJob(once, newJob(item, parameters.board_key))
    if (answer === null) return createMissing(hrflow, once, delivery)
    return { outcome: 'written', memo: { names: namesOf(item) } }
  })
}

/** `on_missing`: nothing, or a POST. */
async function createMissing(hrflow: HrflowApi, once: Once, delivery: UpdateDelivery): Promise<Written> {
  const { item, parameters, outside } = delivery
  if (parameters.on_missing !== 'create' || outside === true) return { outcome: 'not_found', memo: null }
  const created = await hrflow.postJob(once, newJob(item, parameters.board_key))
  // Somebody was faster: nothing of ours is on the board yet, so all begins again at the GET.
  if (!created) throw hrflow.referenceInUse()
  return { outcome: 'written', memo: { names: namesOf(item) } }
}
