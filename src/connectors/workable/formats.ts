import type { z } from 'zod'
import { hrflowDate, instantOf, type HrflowJob } from '../hrflow/schemas.js'
import {
  workableJob,
  type workableLocation,
  type workablePlace,
  type workableSalary,
  type WorkableJob,
} from './schemas.js'

type Location = z.output<typeof workableLocation>
type Place = z.output<typeof workablePlace>
type Salary = z.output<typeof workableSalary>

/** Degrees. */
type Point = { lat: number; lng: number }

/**
 * The HrFlow job of a Workable job. Odd or missing input maps to null and never throws, whatever a logic did to the job;
 * what is no object, and a job without a shortcode, throws. A null-valued entry of a list says that there is none.
 */
export function formatJob(job: WorkableJob): HrflowJob {
  const { item, reference } = identify(job)
  const created = instantOf(item.created_at ?? '')
  return {
    name: filled(item.title) ?? filled(item.full_title) ?? reference,
    reference,
    url: filled(item.url),
    location: locationOf(item),
    sections: [
      { name: 'full_description', title: 'full_description', description: filled(item.full_description) },
      { name: 'description', title: 'description', description: filled(item.description) },
      { name: 'requirements', title: 'requirements', description: filled(item.requirements) },
      { name: 'benefits', title: 'benefits', description: filled(item.benefits) },
    ],
    ...(created === null ? {} : { created_at: hrflowDate(created) }),
    summary: filled(item.description),
    requirements: filled(item.requirements),
    benefits: filled(item.benefits),
    tags: tagsOf(item),
    metadatas: [{ name: 'locations', value: placesText(visiblePlaces(item)) }],
    ranges_float: [salaryRange(item.salary ?? {})],
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
  if (reference === null) throw new Error('the job has no shortcode')
  return { item: parsed.data, reference }
}

/** The text as it is, or null when there is nothing but blanks. */
function filled(text: string | null | undefined): string | null {
  return text === null || text === undefined || text.trim() === '' ? null : text
}

function joined(parts: (string | null | undefined)[]): string {
  return parts.filter((part) => filled(part) !== null).join(', ')
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
    { name: 'workplace_type', value: filled(job.workplace_type) ?? filled(job.location?.workplace_type) },
    { name: 'code', value: filled(job.code) },
  ]
}

function locationOf(job: WorkableJob) {
  const location = job.location ?? {}
  const { city, region, zip_code, country } = location
  const text = filled(location.location_str) ?? joined([city, region, zip_code, country])
  const point = pointOf(chosenPlace(job, location))
  const refused = refusedPoints(job, point)
  return {
    text,
    lat: point?.lat ?? null,
    lng: point?.lng ?? null,
    fields: {
      text,
      country: filled(country),
      state: filled(region),
      city: filled(city),
      postcode: filled(zip_code),
    },
    ...(refused.length === 0 ? {} : { refused_points: refused }),
  }
}

function visiblePlaces(job: WorkableJob): Place[] {
  return (job.locations ?? []).filter((place) => place !== null).filter((place) => place.hidden !== true)
}

/**
 * The entry of `locations` that is the job's own place. None for a remote job: its entries hold the centre of a country.
 */
function chosenPlace(job: WorkableJob, location: Location): Place | undefined {
  const remote = [job.workplace_type, location.workplace_type].some((type) => same(type, 'remote'))
  if (remote || location.telecommuting === true) return undefined
  const candidates = visiblePlaces(job).filter(
    (place) => same(place.city, location.city) && inSameCountry(place, location),
  )
  return candidates.find((place) => same(place.zip_code, location.zip_code)) ?? candidates[0]
}

function inSameCountry(place: Place, location: Location): boolean {
  const comparable = filled(place.country_code) !== null && filled(location.country_code) !== null
  return comparable ? same(place.country_code, location.country_code) : same(place.country_name, location.country)
}

/** Both say the same, apart from case and blanks around; false when one says nothing. */
function same(a: string | null | undefined, b: string | null | undefined): boolean {
  return filled(a) !== null && a?.trim().toLowerCase() === b?.trim().toLowerCase()
}

/** The coordinates of an entry, in degrees; null unless its text is exactly two numbers in range. */
function pointOf(place: Place | null | undefined): Point | null {
  const [lat, lng, ...more] = (place?.coords ?? '').split(',').map(degrees)
  if (lat === undefined || lng === undefined || more.length > 0) return null
  return Math.abs(lat) <= 90 && Math.abs(lng) <= 180 ? { lat, lng } : null
}

function degrees(text: string): number {
  // Number() alone reads '' as 0 and takes hexadecimal. Adding 0 makes 0 of -0.
  return /^[-+.\de]+$/i.test(text.trim()) ? Number(text) + 0 : NaN
}

/** The readable coordinates of all other entries: the original connector wrote those of the first, whatever it was. */
function refusedPoints(job: WorkableJob, chosen: Point | null): Point[] {
  const known = new Set(chosen === null ? [] : [`${chosen.lat},${chosen.lng}`])
  const points: Point[] = []
  for (const place of job.locations ?? []) {
    const point = pointOf(place)
    if (point === null || known.has(`${point.lat},${point.lng}`)) continue
    known.add(`${point.lat},${point.lng}`)
    points.push(point)
  }
  return points
}

/** Several places as JSON text: HrFlow's job has room for one. */
function placesText(places: Place[]): string | null {
  if (places.length < 2) return null
  return JSON.stringify(
    places.map((place) => {
      const point = pointOf(place)
      const text = joined([place.city, place.subregion, place.zip_code, place.country_name])
      return { text, lat: point?.lat ?? null, lng: point?.lng ?? null }
    }),
  )
}

function salaryRange(salary: Salary) {
  return {
    name: 'salary',
    value_min: amountOf(salary.salary_from),
    value_max: amountOf(salary.salary_to),
    unit: filled(salary.salary_currency)?.trim().toUpperCase() ?? null,
  }
}

/** A number, or a text that holds one, with or without commas between thousands; null for anything else. */
function amountOf(value: number | string | null | undefined): number | null {
  const number = typeof value === 'string' ? numberOf(value.trim()) : (value ?? NaN)
  return Number.isFinite(number) && number >= 0 ? number + 0 : null
}

function numberOf(text: string): number {
  return /^(\d+|\d{1,3}(,\d{3})+)(\.\d+)?$/.test(text) ? Number(text.replaceAll(',', '')) : NaN
}
