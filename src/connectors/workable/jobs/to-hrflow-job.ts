import type { z } from 'zod'
import { hrflowDate, type HrflowJob, instantOf } from '../../hrflow/jobs/schema.js'
import {
  amountOf,
  coordinatesOf,
  type Point,
  workableJob,
  type WorkableJob,
  type workableLocation,
  type workablePlace,
  type workableSalary,
} from './schema.js'
import { textOf } from './texts.js'

type Location = z.output<typeof workableLocation>
type Place = z.output<typeof workablePlace>
type Salary = z.output<typeof workableSalary>

/** What an answer says: a text, null where it says that there is none, undefined where it says nothing. */
type Said = string | null | undefined

/**
 * The HrFlow job of a Workable job. Never throws, whatever a logic did to the job, but for what is no object or has no
 * shortcode. What is empty maps to null, and a null-valued entry of a list says that there is none. What is missing, or of a
 * kind that cannot be read, maps to undefined, which changes nothing on the board.
 */
export function formatJob(job: WorkableJob): HrflowJob {
  const { item, reference } = identify(job)
  const created = instantOf(item.created_at ?? '')
  const texts = {
    full_description: textOf(item.full_description),
    description: textOf(item.description),
    requirements: textOf(item.requirements),
    benefits: textOf(item.benefits),
  }
  return {
    name: nameOf(item, reference),
    reference,
    url: filled(item.url),
    location: locationOf(item),
    sections: Object.entries(texts).map(([name, description]) => ({ name, title: name, description })),
    ...(created === null ? {} : { created_at: hrflowDate(created) }),
    summary: texts.description,
    requirements: texts.requirements,
    benefits: texts.benefits,
    tags: tagsOf(item),
    metadatas: [{ name: 'locations', value: placesText(item) }],
    ranges_float: [{ name: 'salary', ...salaryRange(item.salary) }],
  }
}

/** What identifies a job that is to be archived. Throws as `formatJob` does. */
export function formatArchivedJob(job: WorkableJob): { reference: string } {
  return { reference: identify(job).reference }
}

function identify(job: WorkableJob): { item: WorkableJob; reference: string } {
  // Parsed again: between reading and formatting a logic may have changed anything.
  const parsed = workableJob.safeParse(job)
  if (!parsed.success) throw new Error('the job is not an object')
  const reference = filled(parsed.data.shortcode)
  if (typeof reference !== 'string') throw new Error('the job has no shortcode')
  return { item: parsed.data, reference }
}

/** The text as it is, and null when there is nothing but blanks. */
function filled(text: Said): Said {
  return text?.trim() === '' ? null : text
}

/** A job without a title still needs a name; one whose title is not said keeps the name it has. */
function nameOf(job: WorkableJob, reference: string): Said {
  const title = filled(job.title)
  return title === null ? (filled(job.full_title) ?? reference) : title
}

function tagsOf(job: WorkableJob) {
  return [
    { name: 'id', value: filled(job.id) },
    { name: 'state', value: filled(job.state) },
    { name: 'department', value: filled(job.department) },
    { name: 'application_url', value: filled(job.application_url) },
    { name: 'employment_type', value: filled(job.employment_type) },
    { name: 'industry', value: filled(job.industry) },
    { name: 'function', value: filled(job.function) },
    { name: 'experience', value: filled(job.experience) },
    { name: 'education', value: filled(job.education) },
    { name: 'workplace_type', value: workplaceOf(job) },
    { name: 'code', value: filled(job.code) },
  ]
}

/** Answers of older accounts have no `workplace_type`: `location` says it, or whether the job is remote. */
function workplaceOf({ workplace_type, location }: WorkableJob): Said {
  const own = filled(workplace_type)
  const remote = location?.telecommuting === true ? 'remote' : undefined
  return own ?? filled(location?.workplace_type) ?? remote ?? own
}

function locationOf(job: WorkableJob): HrflowJob['location'] {
  if (job.location === undefined) return undefined
  const location = job.location ?? {}
  const text = job.location === null ? '' : placeText(location)
  const point = coordinatesOf(chosenPlace(job, location)?.coords) ?? null
  const refused = isWhole(job, location) ? refusedPoints(job, location, point) : []
  return {
    text,
    lat: point?.lat ?? null,
    lng: point?.lng ?? null,
    // Null is no opinion here.
    fields: {
      text: text ?? null,
      country: filled(location.country) ?? null,
      state: filled(location.region) ?? null,
      city: filled(location.city) ?? null,
      postcode: filled(location.zip_code) ?? null,
    },
    ...(refused.length === 0 ? {} : { refused_points: refused }),
  }
}

const PLACE_PARTS = ['city', 'region', 'zip_code', 'country'] as const

/** As one text; undefined where a part of it could not be read, or too little is said of the place. */
function placeText(location: Location): Said {
  const whole = filled(location.location_str)
  if (typeof whole === 'string') return whole
  const parts = PLACE_PARTS.map((part) => location[part])
  if (isUnread(location, 'location_str') || PLACE_PARTS.some((part) => isUnread(location, part))) return undefined
  const text = joined(parts)
  // That there is no place is said by all of them together.
  return text === '' && parts.includes(undefined) ? undefined : text
}

function joined(parts: Said[]): string {
  return parts.filter((part) => typeof filled(part) === 'string').join(', ')
}

/** Whether a field is there and its value could not be read. */
function isUnread<Fields extends object>(fields: Fields, key: keyof Fields & string): boolean {
  return key in fields && fields[key] === undefined
}

/** Whether all that decides which place is the job's own could be read. */
function isWhole(job: WorkableJob, location: Location): boolean {
  const deciding = ['city', 'country', 'country_code', 'zip_code', 'workplace_type', 'telecommuting'] as const
  return !isUnread(job, 'workplace_type') && !deciding.some((key) => isUnread(location, key))
}

function isRemote(job: WorkableJob, location: Location): boolean {
  const types = [job.workplace_type, location.workplace_type]
  return location.telecommuting === true || types.some((type) => same(type, 'remote'))
}

function visiblePlaces(job: WorkableJob): Place[] {
  return (job.locations ?? []).filter((place) => place !== null).filter((place) => place.hidden !== true)
}

/**
 * The entry of `locations` that is the job's own place. None for a remote job: its entries hold the centre of a country.
 */
function chosenPlace(job: WorkableJob, location: Location): Place | undefined {
  if (isRemote(job, location)) return undefined
  const candidates = visiblePlaces(job).filter(
    (place) => same(place.city, location.city) && inSameCountry(place, location),
  )
  return candidates.find((place) => same(place.zip_code, location.zip_code)) ?? candidates[0]
}

function inSameCountry(place: Place, location: Location): boolean {
  const comparable = [place.country_code, location.country_code].every((code) => typeof filled(code) === 'string')
  return comparable ? same(place.country_code, location.country_code) : same(place.country_name, location.country)
}

/** Both say the same, apart from case and blanks around; false when one says nothing. */
function same(a: Said, b: Said): boolean {
  return typeof filled(a) === 'string' && a?.trim().toLowerCase() === b?.trim().toLowerCase()
}

const NOWHERE: Point = { lat: 0, lng: 0 }

/**
 * The coordinates of all other entries: the original connector wrote those of the first, whatever it was, and 0, 0 where
 * Workable has none. An entry that might be the job's own, were more of that said, is not among them.
 */
function refusedPoints(job: WorkableJob, location: Location, chosen: Point | null): Point[] {
  const known = new Set(chosen === null ? [] : [`${chosen.lat},${chosen.lng}`])
  const points: Point[] = []
  for (const place of job.locations ?? []) {
    if (place === null || isUnreadPlace(place)) continue
    if (job.location && !isRemote(job, location) && mayBeOwn(place, location)) continue
    const coordinates = coordinatesOf(place.coords)
    const point = coordinates === null && typeof filled(place.coords) === 'string' ? NOWHERE : coordinates
    if (!point || known.has(`${point.lat},${point.lng}`)) continue
    known.add(`${point.lat},${point.lng}`)
    points.push(point)
  }
  return points
}

/** Whether the job's place is not said whole, and the entry differs in nothing that is. */
function mayBeOwn(place: Place, location: Location): boolean {
  const anywhere = location.city === undefined
  const anyCountry = location.country === undefined && location.country_code === undefined
  if (!anywhere && !anyCountry) return false
  return (anywhere || same(place.city, location.city)) && (anyCountry || inSameCountry(place, location))
}

function isUnreadPlace(place: Place): boolean {
  const read = ['city', 'subregion', 'zip_code', 'country_name', 'country_code', 'coords', 'hidden'] as const
  return read.some((key) => isUnread(place, key))
}

/** Several places as JSON text: HrFlow's job has room for one. Undefined when one of them could not be read. */
function placesText(job: WorkableJob): Said {
  const { locations } = job
  if (locations === undefined) return undefined
  if (locations?.some((place) => place?.hidden !== true && !isReadPlace(place)) === true) return undefined
  const places = visiblePlaces(job)
  if (places.length < 2) return null
  return JSON.stringify(
    places.map((place) => {
      const point = coordinatesOf(place.coords)
      const text = joined([place.city, place.subregion, place.zip_code, place.country_name])
      return { text, lat: point?.lat ?? null, lng: point?.lng ?? null }
    }),
  )
}

/** Whether an entry says anything of a place, and all of it could be read. */
function isReadPlace(place: Place | null): boolean {
  if (place === null || isUnreadPlace(place)) return false
  if (place.coords !== undefined) return coordinatesOf(place.coords) !== undefined
  return [place.city, place.subregion, place.zip_code, place.country_name].some((part) => part !== undefined)
}

/** A range of which neither end is above 0 is none. */
function salaryRange(salary: Salary | null | undefined) {
  if (salary === undefined) return {}
  const [value_min, value_max] = [amountOf(salary?.salary_from), amountOf(salary?.salary_to)]
  const isNone = [value_min, value_max].every((bound) => bound === null || bound === 0)
  if (salary === null || isNone) return { value_min: null, value_max: null, unit: null }
  return { value_min, value_max, unit: filled(salary.salary_currency)?.trim().toUpperCase() }
}
