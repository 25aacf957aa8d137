import { z } from 'zod'
import type { Known } from '../../../core/kit.js'

function text(description: string) {
  return z.string().nullable().optional().describe(description)
}

function number(description: string) {
  return z.number().nullable().optional().describe(description)
}

const entryName = z
  .string()
  .min(1)
  .describe('Name of the entry: a formatted job owns all entries of the names it gives.')
const traitValue = z
  .union([z.string(), z.number(), z.boolean()])
  .nullable()
  .optional()
  .describe('Value; null in `tags` and `metadatas` says that there is none, and removes the entry.')
const trait = z.looseObject({ name: entryName, value: traitValue })

/** What an entry of a list is about: empty in all of it, an entry says that there is none. In other lists its name says something. */
export const ABOUT = {
  tags: ['value'],
  metadatas: ['value'],
  sections: ['description'],
  ranges_float: ['value_min', 'value_max'],
  ranges_date: ['value_min', 'value_max'],
} as const satisfies Record<string, readonly string[]>

function listOf<Entry extends z.ZodType>(entry: Entry, description: string, about?: readonly string[]) {
  const list = z.array(entry).nullable().optional()
  return about === undefined ? list.describe(description) : list.meta({ description, about })
}

const section = z.looseObject({
  name: entryName,
  title: text('Title of the section.'),
  description: text('Text of the section; null removes the section.'),
})

const skill = z.looseObject({
  name: entryName,
  type: z.enum(['hard', 'soft']).nullable().optional().describe('`hard`, `soft` or null.'),
  value: traitValue,
})

const rangeFloat = z.looseObject({
  name: entryName,
  value_min: number('Lower bound.'),
  value_max: number('Upper bound; a range without bounds removes the entry.'),
  unit: text('Unit, such as a currency.'),
})

const rangeDate = z.looseObject({
  name: entryName,
  value_min: text('Lower bound, a date.'),
  value_max: text('Upper bound, a date; a range without bounds removes the entry.'),
})

const point = z.looseObject({
  lat: z.number().min(-90).max(90).describe('Latitude in degrees.'),
  lng: z.number().min(-180).max(180).describe('Longitude in degrees.'),
})

/** The parts of a place that HrFlow keeps; it drops others silently. */
export const LOCATION_FIELDS = (
  'category city city_district country country_region entrance house house_number island level near po_box postcode ' +
  'road staircase state state_district suburb text unit world_region'
).split(' ')

const location = z.looseObject({
  text: text('The place as one text.'),
  lat: point.shape.lat.nullable().optional(),
  lng: point.shape.lng.nullable().optional(),
  gmaps: text('Address on Google Maps; made by HrFlow.'),
  fields: z.record(z.string(), z.string().nullable().optional()).nullable().optional().meta({
    description: 'Parts of the place: `text`, `country`, `state`, `city`, `postcode` and sixteen more.',
    names: LOCATION_FIELDS,
  }),
  refused_points: z.array(point).optional().meta({
    description: 'Never sent: coordinates that are wrong for this job. Stored coordinates equal to one are cleared.',
    internal: true,
  }),
})

/**
 * A job as a format returns it and the writer takes it. What is present is owned: it replaces what HrFlow has, also when
 * null. Fields and their types as in HrFlow's "The Job Object" and "Trait Objects"; unknown keys pass.
 */
export const hrflowJob = z.looseObject({
  reference: z
    .union([z.string(), z.int()])
    .transform(String)
    .pipe(z.string())
    .refine((value) => value.trim() !== '', 'must not be empty')
    .describe("The origin's id of the job, unique on its board."),
  name: text('Title of the job.'),
  url: text('Public page of the job.'),
  picture: text('Address of a picture.'),
  summary: text('Summary; may be HTML.'),
  culture: text('Culture of the company.'),
  responsibilities: text('Responsibilities.'),
  requirements: text('Requirements; may be HTML.'),
  benefits: text('Benefits; may be HTML.'),
  interviews: text('Course of the interviews.'),
  location: location.nullable().optional().describe('Place of the job; null is the same as absent.'),
  created_at: text('When the job was created, `YYYY-MM-DDTHH:MM:SS+0000`.'),
  sections: listOf(section, 'Texts of the job by name.', ABOUT.sections),
  skills: listOf(skill, 'Skills.'),
  languages: listOf(trait, 'Languages.'),
  certifications: listOf(trait, 'Certifications.'),
  courses: listOf(trait, 'Courses.'),
  tasks: listOf(trait, 'Tasks.'),
  interests: listOf(trait, 'Interests.'),
  tags: listOf(trait, 'Short values to search and filter by.', ABOUT.tags),
  metadatas: listOf(trait, 'Values that are kept but not indexed.', ABOUT.metadatas),
  ranges_float: listOf(rangeFloat, 'Ranges of numbers, such as a salary.', ABOUT.ranges_float),
  ranges_date: listOf(rangeDate, 'Ranges of dates.', ABOUT.ranges_date),
})

/**
 * A job as a format returns it: `reference` and whatever else is ours. What is present replaces what HrFlow has; in named
 * lists an entry is ours by its name, and one without a value removes the stored one. Coordinates are degrees, dates
 * `YYYY-MM-DDTHH:MM:SS+0000`.
 */
export type HrflowJob = Known<z.output<typeof hrflowJob>>

/** The same with whatever other keys a format gave: what the merge looks through. */
export type FormattedJob = z.output<typeof hrflowJob>

/**
 * A job as HrFlow returns it: any object, since it goes back as it came. Lists may be null, `location.fields` may be an
 * object, `[]` or null.
 */
export interface StoredJob {
  [name: string]: unknown
  /** Made by HrFlow, 40 hexadecimal digits. */
  key?: unknown
  /** The origin's id of the job. */
  reference?: unknown
  /** When the job was archived; null for a live job. */
  archived_at?: unknown
}

const DATE = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:[.,]\d+)?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i

/** The first and the last that have a form with four digits for the year. */
const [FIRST, LAST] = [Date.parse('0000-01-01T00:00:00Z'), Date.parse('9999-12-31T23:59:59.999Z')]

/**
 * The instant that an ISO 8601 text names, in epoch milliseconds, cut to whole seconds; null when it names none. Takes
 * HrFlow's forms (offset without a colon, no seconds) and Workable's. A date alone is midnight, a time without zone UTC.
 */
export function instantOf(text: string): number | null {
  const [, day, time = '00:00', seconds = '00', zone = 'Z'] = DATE.exec(text.trim()) ?? []
  // Date.parse takes 30 February for 2 March.
  if (day === undefined || new Date(`${day}T00:00:00Z`).getUTCDate() !== Number(day.slice(-2))) return null
  const offset = zone.toUpperCase() === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(3).replace(':', '') || '00'}`
  const instant = Date.parse(`${day}T${time}:${seconds}${offset}`)
  return instant >= FIRST && instant <= LAST ? instant : null
}

/** An instant (epoch milliseconds) in the form HrFlow returns: `YYYY-MM-DDTHH:MM:SS+0000`. */
export function hrflowDate(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 19)}+0000`
}
