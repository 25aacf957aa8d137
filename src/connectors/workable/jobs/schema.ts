import { z } from 'zod'
import type { Known } from '../../../core/kit.js'

// The shapes of Workable's API (SPI v3). Every field is optional, nullable and lenient: the documentation leaves most of
// it open, fields have come and gone over the years, and one odd value must not cost the job. What an answer says empty is
// null, '' or []. What it does not say, or says in a form that cannot be read, is undefined: it changes nothing.

/** What takes the place of a value of another kind: `''` and `[]` are empty whatever is expected. */
function ofAnotherKind(found?: { input: unknown }): null | undefined {
  const { input } = found ?? {}
  return input === '' || (Array.isArray(input) && input.length === 0) ? null : undefined
}

function text(description: string) {
  return z.string().nullable().optional().catch(ofAnotherKind).describe(description)
}

/** A text that customers type, and that a service may hand on as a number. */
function code(description: string) {
  const asText = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? String(value) : value)
  return z.preprocess(asText, z.string().nullable().optional()).catch(ofAnotherKind).describe(description)
}

function flag(description: string) {
  return z.boolean().nullable().optional().catch(ofAnotherKind).describe(description)
}

function amount(description: string) {
  return z.union([z.number(), z.string()]).nullable().optional().catch(ofAnotherKind).describe(description)
}

/** `location` of a job: its primary or advertised place. All null for a job without a place. */
export const workableLocation = z.looseObject({
  location_str: text('City, region and country as one text, in the language of the job. In the list only.'),
  country: text('Country, by name.'),
  country_code: text('Country, two letters; may be empty.'),
  region: text('Region, by name; may be null while `region_code` is not.'),
  region_code: text('Region: a code, or its full name.'),
  city: text('City; null for a remote job.'),
  zip_code: code('Postal code, as typed.'),
  telecommuting: flag('True for a remote job; false for a hybrid one.'),
  workplace_type: text('`on_site`, `hybrid` or `remote`.'),
})

/** An entry of `locations`: the primary place first, then at most four more. */
export const workablePlace = z.looseObject({
  shortcode: code('Code of this place.'),
  country_code: text('Country, two letters.'),
  country_name: text('Country, by name.'),
  state_code: text('State: a code, its full name, or empty.'),
  subregion: text('Region, by name.'),
  zip_code: code('Postal code, as typed.'),
  city: text('City; empty for a remote job.'),
  coords: text(
    'Latitude and longitude in degrees, `51.5073509, -0.1277583`; the centre of the country for a remote job.',
  ),
  hidden: flag('True when the place is not shown on the careers page.'),
})

/** `salary` of a job. Workable has no pay period. */
export const workableSalary = z.looseObject({
  salary_from: amount('Lower bound: a number, or a text that holds one.'),
  salary_to: amount('Upper bound: a number, or a text that holds one.'),
  salary_currency: text('Currency, three letters, mostly in lower case.'),
})

const department = z.looseObject({
  id: z.union([z.number(), z.string()]).nullable().optional().catch(ofAnotherKind).describe('Id of the department.'),
  name: text('Name of the department.'),
})

/** A job as the connector reads it: its entry in `GET /jobs`, overlaid by `GET /jobs/:shortcode`. Any object passes. */
export const workableJob = z.looseObject({
  id: code('Id of the job, hexadecimal.'),
  title: text('Title, as typed: not trimmed.'),
  full_title: text('Title followed by code, city or country.'),
  shortcode: code('Key of the job in all other requests; its reference in HrFlow.'),
  code: code('Code given by the customer; not unique.'),
  state: text('`draft`, `published`, `closed` (internal or confidential) or `archived`.'),
  sample: flag("True for Workable's demonstration jobs. In the list only."),
  confidential: flag('True for a confidential job.'),
  department: text('Name of the leaf department.'),
  department_hierarchy: z
    .array(department.nullable().catch(null))
    .nullable()
    .optional()
    .catch(ofAnotherKind)
    .describe('Departments from the root to the leaf.'),
  url: text('Public page of the job.'),
  application_url: text('Public page of the application form.'),
  shortlink: text('Short address of the public page.'),
  workplace_type: text('`on_site`, `hybrid` or `remote`.'),
  location: workableLocation.nullable().optional().catch(ofAnotherKind).describe('Primary or advertised place.'),
  locations: z
    .array(workablePlace.nullable().catch(null))
    .nullable()
    .optional()
    .catch(ofAnotherKind)
    .describe('All places, the primary one first; empty for jobs not touched for years.'),
  salary: workableSalary.nullable().optional().catch(ofAnotherKind).describe('Salary range; often absent.'),
  created_at: text('When the job was created, ISO 8601 in UTC, to the second.'),
  updated_at: text('When the job changed last, ISO 8601 in UTC, to the second; absent before 2026.'),
  keywords: z
    .union([z.string(), z.array(z.string())])
    .nullable()
    .optional()
    .catch(ofAnotherKind)
    .describe('Keywords: a text or a list of texts.'),
  full_description: text('Description, requirements and benefits as one HTML text.'),
  description: text('Description, HTML.'),
  requirements: text('Requirements, HTML.'),
  benefits: text('Benefits, HTML.'),
  employment_type: text('Such as `Full-time`. In the detail only.'),
  industry: text('Such as `Computer Software`. In the detail only.'),
  function: text('Such as `Engineering`. In the detail only.'),
  experience: text('Such as `Associate`. In the detail only.'),
  education: text("Such as `Bachelor's Degree`. In the detail only."),
})

/**
 * A job as the connector reads it. Every field may be missing or null. Dates are ISO 8601 in UTC, texts are HTML; other
 * fields that Workable sends are there at run time.
 */
export type WorkableJob = Known<z.output<typeof workableJob>>

/** Degrees. */
export type Point = { lat: number; lng: number }

/**
 * The coordinates in a text of exactly two numbers in range, in degrees. Null: there are none, as 0, 0 in the sea is the
 * place of nobody. Undefined: it cannot be read.
 */
export function coordinatesOf(coords: string | null | undefined): Point | null | undefined {
  if (coords === undefined) return undefined
  if (coords === null || coords.trim() === '') return null
  const [lat, lng, ...more] = coords.split(',').map(degrees)
  if (lat === undefined || lng === undefined || more.length > 0) return undefined
  if (lat === 0 && lng === 0) return null
  return Math.abs(lat) <= 90 && Math.abs(lng) <= 180 ? { lat, lng } : undefined
}

function degrees(text: string): number {
  // Number() alone reads '' as 0 and takes hexadecimal. Adding 0 makes 0 of -0.
  return /^[-+.\de]+$/i.test(text.trim()) ? Number(text) + 0 : NaN
}

/** A bound of a salary: a number, or a text that holds one, with or without commas between thousands. As `coordinatesOf`. */
export function amountOf(value: number | string | null | undefined): number | null | undefined {
  if (value === null || value === undefined) return value
  if (typeof value === 'string' && value.trim() === '') return null
  const number = typeof value === 'string' ? numberOf(value.trim()) : value
  return Number.isFinite(number) && number >= 0 ? number + 0 : undefined
}

function numberOf(text: string): number {
  return /^(\d+|\d{1,3}(,\d{3})+)(\.\d+)?$/.test(text) ? Number(text.replaceAll(',', '')) : NaN
}
