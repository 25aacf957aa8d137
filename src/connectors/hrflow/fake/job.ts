import { z } from 'zod'
import { FIELD_KEYS, geocode } from './geocoding.js'

/** Docs, "Trait objects", and recordings: what is absent is null on later reads, unknown keys are dropped silently. */
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? null)

/** Docs: a string; numbers and booleans were accepted and returned (recorded). */
const value = z
  .union([z.string(), z.number(), z.boolean()])
  .nullish()
  .transform((given) => given ?? null)

const number = z
  .number()
  .nullish()
  .transform((given) => given ?? null)

/** Forms accepted in the field: with and without seconds, fraction, `Z`, `+0000`; a day alone is inferred. */
const DATE = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(?:\.\d+)?)?(?:Z|([+-]\d\d):?(\d\d))?$/

/** As it was sent: see `withRenderedDates`. */
const date = z
  .string()
  .nullish()
  .transform((given, context) => {
    if (given === null || given === undefined || given === '') return null
    if (!Number.isNaN(momentOf(given))) return given
    context.addIssue({ code: 'custom', message: 'is not a date' })
    return z.NEVER
  })

/** Epoch milliseconds; NaN for what is not a date. */
export function momentOf(given: string): number {
  const [, day = '', minutes = '00:00', seconds = ':00', hours, rest = '00'] = DATE.exec(given) ?? []
  return Date.parse(`${day}T${minutes}${seconds}${hours === undefined ? 'Z' : `${hours}:${rest}`}`)
}

/** Recorded: dates come back as `YYYY-MM-DDTHH:MM:SS+0000`, without a colon in the offset. */
export function renderDate(moment: number): string {
  return `${new Date(moment).toISOString().slice(0, 19)}+0000`
}

/** Recorded: lists that were null or absent come back as `[]`. */
function listOf<Entry extends z.ZodType>(entry: Entry) {
  return z
    .array(entry)
    .nullish()
    .transform((entries) => entries ?? [])
}

const trait = z.object({ name: z.string(), value })

const location = z.object({
  text,
  lat: z.number().min(-90).max(90).nullish(),
  lng: z.number().min(-180).max(180).nullish(),
  gmaps: text,
  // Recorded: null comes back as []. `geojson`, its name of 2021, is not a key any more (inferred: dropped).
  fields: z
    .union([z.object(Object.fromEntries(FIELD_KEYS.map((key) => [key, z.string().nullish()]))), z.array(z.never())])
    .nullish(),
})

/** A job as the caller may write it. Only `name` and `location` are mandatory (the official client's schema). */
const writable = z.object({
  name: z.string().min(1),
  url: text,
  picture: text,
  summary: text,
  location,
  archived_at: date,
  created_at: date,
  sections: listOf(z.object({ name: text, title: text, description: text })),
  culture: text,
  responsibilities: text,
  requirements: text,
  benefits: text,
  interviews: text,
  skills: listOf(
    z.object({
      name: z.string(),
      value,
      type: z
        .enum(['hard', 'soft'])
        .nullish()
        .transform((given) => given ?? null),
    }),
  ),
  languages: listOf(trait),
  certifications: listOf(trait),
  courses: listOf(trait),
  tasks: listOf(trait),
  interests: listOf(trait),
  tags: listOf(trait),
  metadatas: listOf(trait),
  ranges_float: listOf(z.object({ name: z.string(), value_min: number, value_max: number, unit: text })),
  ranges_date: listOf(z.object({ name: z.string(), value_min: date, value_max: date })),
})

/** What identifies a job. Official client: a key is 40 hex digits, so the empty one of text parsing is refused. */
export const identity = z.object({
  reference: z.string().min(1).nullish(),
  key: z
    .string()
    .regex(/^[0-9a-f]{40}$/)
    .nullish(),
})

export type Identity = z.output<typeof identity>

/** A job to put on a board by hand: `name` and `location` are made up when left out. */
export type HrflowFakeJobInput = Partial<z.input<typeof writable>> & { reference?: string | null; key?: string | null }

type Writable = z.output<typeof writable>

/** A job as the board keeps it and GET returns it. */
export interface HrflowFakeJob extends Omit<Writable, 'location' | 'created_at'> {
  id: number
  key: string
  reference: string | null
  board_key: string
  board: { key: string; name: string; type: string; subtype: string; environment: string }
  location: HrflowFakeLocation
  archive: null
  updated_at: string
  created_at: string
}

/** `fields` is `[]` where nothing is known about the parts of the place. */
export interface HrflowFakeLocation {
  text: string | null
  lat: number | null
  lng: number | null
  gmaps: string | null
  fields: Record<string, string | null | undefined> | never[]
}

export interface ServerSide {
  id: number
  key: string
  reference: string | null
  board_key: string
  now: number
  geocode: boolean
}

/** The form of a payload that the answer to it shows, dates as they were sent (official client's tests). Throws a ZodError when a required field is missing or one is malformed. */
export function normaliseJob(payload: unknown, server: ServerSide): HrflowFakeJob {
  const job = writable.parse(payload)
  const { id, key, reference, board_key, now } = server
  return {
    id,
    key,
    reference,
    board_key,
    board: { key: board_key, name: 'Sandbox jobs', type: 'api', subtype: 'python', environment: 'production' },
    ...job,
    location: placed(job.location, server.geocode),
    archive: null,
    updated_at: renderDate(now),
    // Official client's tests: absent on POST is now. Inferred for PUT.
    created_at: job.created_at ?? renderDate(now),
  }
}

/** Recorded: a GET shows dates as `YYYY-MM-DDTHH:MM:SS+0000`. */
export function withRenderedDates(job: HrflowFakeJob): HrflowFakeJob {
  const rendered = (given: string | null) => given && renderDate(momentOf(given))
  return {
    ...job,
    archived_at: rendered(job.archived_at),
    created_at: renderDate(momentOf(job.created_at)),
    ranges_date: job.ranges_date.map(({ name, value_min, value_max }) => ({
      name,
      value_min: rendered(value_min),
      value_max: rendered(value_max),
    })),
  }
}

/** Docs: a server that geocodes fills all 21 keys. Inferred: it does so for a text without coordinates; sent parts stay. */
function placed(given: z.output<typeof location>, geocodes: boolean): HrflowFakeLocation {
  const { lat = null, lng = null, gmaps } = given
  const fields = given.fields ?? []
  if (!geocodes || !given.text || lat !== null || lng !== null) return { text: given.text, lat, lng, gmaps, fields }
  const found = geocode(given.text)
  const sent = Object.entries(fields).filter(([, part]) => part !== null && part !== undefined)
  return {
    text: given.text,
    lat: found.lat,
    lng: found.lng,
    gmaps,
    fields: { ...found.fields, ...Object.fromEntries(sent) },
  }
}

/** The fields that hold lists: on the answer of a POST they are null where they were not sent (recorded). */
export const LIST_FIELDS = [
  'sections',
  'skills',
  'languages',
  'certifications',
  'courses',
  'tasks',
  'interests',
  'tags',
  'metadatas',
  'ranges_float',
  'ranges_date',
] as const
