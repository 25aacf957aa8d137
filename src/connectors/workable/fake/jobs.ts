import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { AREAS, CITIES, hash } from './places.js'
import type { Place } from './places.js'
import { composeTexts, LENGTHS, ROLES } from './texts.js'
import type { Role, Texts } from './texts.js'

/** The keys the fake itself needs; everything else of a job passes through as it was given. */
export const fakeJob = z.looseObject({
  id: z.string().regex(/^[0-9a-f]{1,13}$/i, 'an id is a hex number'),
  shortcode: z.string().min(1),
  title: z.string(),
  state: z.string(),
  created_at: z.string(),
  updated_at: z.string().optional(),
})

/** A job as the stand-in keeps it: the detail, plus `sample`, which only lists show. */
export type WorkableFakeJob = z.output<typeof fakeJob>

/** Small seeded random number generator: numbers from 0 up to, not including, 1. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Recorded 2026-07: times are UTC with one-second grain. */
export function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

export interface GeneratorOptions {
  subdomain: string
  seed: number
  /** How many jobs the account is to hold: spreads their dates. */
  count: number
  /** The service's clock: no job is newer. */
  now: number
}

const DAY = 86_400_000
const HISTORY = 540 * DAY

/** Makes the n-th job of an account. Same options, same job; texts and places are shared between jobs. */
export function jobGenerator(options: GeneratorOptions): (index: number) => WorkableFakeJob {
  const parts = {
    texts: textPool(),
    department: remember(departmentOf),
    location: remember((place: Place) => remember((workplace: string) => locationOf(place, workplace))),
    listed: remember((place: Place) => [listedPlace(place, false)]),
  }
  const end = Math.min(Date.UTC(2026, 6, 23) - (options.seed % 28) * DAY, options.now)
  const step = HISTORY / Math.max(options.count, 1)
  return (index) => {
    const random = mulberry32(Math.imul(options.seed, 0x9e3779b1) + Math.imul(index, 0x85ebca6b))
    const created = Math.min(end - HISTORY + (index + random()) * step, end)
    const updated = created + random() ** 3 * (end - created)
    return compose(index, random, { parts, subdomain: options.subdomain, created, updated })
  }
}

/** Makes each thing once. */
function remember<K, V>(make: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>()
  return (key) => {
    const value = known.get(key) ?? make(key)
    known.set(key, value)
    return value
  }
}

interface Draft {
  subdomain: string
  created: number
  updated: number
  parts: {
    texts: (role: Role, random: () => number) => Texts
    department: (role: Role) => ReturnType<typeof departmentOf>
    location: (place: Place) => (workplace: string) => ReturnType<typeof locationOf>
    listed: (place: Place) => ReturnType<typeof listedPlace>[]
  }
}

/** One literal, no spreads: a hundred thousand jobs are made this way. */
function compose(index: number, random: () => number, { parts, subdomain, created, updated }: Draft): WorkableFakeJob {
  const role = index < ROLES.length ? at(ROLES, index) : pick(ROLES, random)
  const sample = index < 2
  const state = sample ? 'closed' : stateFor(random())
  const workplace_type = pick(WORKPLACES, random)
  const place = pick(workplace_type === 'remote' ? AREAS : CITIES, random)
  const placed = !(state === 'draft' && random() < 0.4)
  const title = role.levels && index >= ROLES.length ? `${pick(LEVELS, random)}${role.title}` : role.title
  const code = random() < 0.7 ? `${place.country_code}/${index % 97}/${role.function.slice(0, 2).toUpperCase()}` : null
  const shortcode = shortcodeFor(index, random())
  const url = `https://${subdomain}.workable.com/jobs/${5_986_327 + index}`
  const texts = placed ? parts.texts(role, random) : NO_TEXTS
  const { department, hierarchy } = parts.department(role)
  const salary = salaryOf(place, random)
  const job: WorkableFakeJob = {
    id: (0x5b5ce9 + index * 2741 + Math.floor(random() * 2700)).toString(16),
    title,
    full_title: `${title} - ${code ?? place.city ?? place.country}`,
    shortcode,
    code,
    state,
    sample,
    confidential: state === 'closed' && !sample && (index < ROLES.length || random() < 0.4),
    department,
    department_hierarchy: hierarchy,
    url,
    application_url: `${url}/candidates/new`,
    shortlink: `https://apply.workable.com/j/${shortcode}`,
    workplace_type,
    location: placed ? parts.location(place)(workplace_type) : NO_LOCATION,
    locations: placed ? listedPlaces(place, { state, remote: workplace_type === 'remote', random, parts }) : NOWHERE,
    created_at: timestamp(created),
    updated_at: timestamp(updated),
    full_description: texts.full_description,
    description: texts.description,
    requirements: texts.requirements,
    benefits: texts.benefits,
    employment_type: pick(EMPLOYMENT, random),
    industry: role.industry,
    function: role.function,
    experience: pick(EXPERIENCE, random),
    education: pick(EDUCATION, random),
    keywords: null,
  }
  if (salary) job['salary'] = salary
  return job
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index]
  if (item === undefined) throw new Error(`Nothing at ${index} of a table.`)
  return item
}

const pick = <T>(items: readonly T[], random: () => number): T => at(items, Math.floor(random() * items.length))

const WORKPLACES = ['on_site', 'on_site', 'hybrid', 'hybrid', 'remote']
const LEVELS = ['', '', 'Senior ', 'Lead ', 'Junior ']
const EMPLOYMENT = ['Full-time', 'Full-time', 'Full-time', 'Part-time', 'Contract', 'Temporary', null]
const EXPERIENCE = ['Mid-Senior level', 'Associate', 'Entry level', 'Director', 'Internship', null]
const EDUCATION = ["Bachelor's Degree", "Master's Degree", 'High School or equivalent', 'Vocational', null, null]

/** Recorded 2016: a job without texts has nulls, one without a place an object of nulls and empty strings. */
const NOWHERE: never[] = []
const NO_TEXTS = { description: null, requirements: null, benefits: null, full_description: null }
const NO_LOCATION = {
  country: null,
  country_code: '',
  region: null,
  region_code: null,
  city: null,
  zip_code: null,
  telecommuting: false,
}

function stateFor(chance: number): string {
  if (chance < 0.76) return 'published'
  if (chance < 0.86) return 'closed'
  return chance < 0.93 ? 'draft' : 'archived'
}

/** Ten upper-case hex characters; unique because the last five are a permutation of the index. */
function shortcodeFor(index: number, chance: number): string {
  const tail = ((index + 1) * 0x9e375) % 0x100000
  const head = (Math.floor(chance * 0x100000) + Math.floor(index / 0x100000)) % 0x100000
  const hex = (value: number) => value.toString(16).padStart(5, '0')
  return `${hex(head)}${hex(tail)}`.toUpperCase()
}

function departmentOf(role: Role) {
  const hierarchy = role.department.map(departmentEntry)
  return { department: role.department.at(-1) ?? null, hierarchy }
}

/** A department as `department_hierarchy` shows it: each has one id in all accounts. */
export function departmentEntry(name: string) {
  return { id: 500_000 + (hash(name) % 90_000), name }
}

function locationOf(place: Place, workplace_type: string) {
  const { country, country_code, region, region_code, city, zip_code } = place
  const telecommuting = workplace_type === 'remote'
  return { country, country_code, region, region_code, city, zip_code, telecommuting, workplace_type }
}

interface Placement {
  state: string
  remote: boolean
  random: () => number
  parts: Draft['parts']
}

function listedPlaces(primary: Place, { state, remote, random, parts }: Placement) {
  // Docs: the list stays empty for older drafts and archived jobs.
  if (state === 'archived' && random() < 0.5) return NOWHERE
  if (remote || random() < 0.85) return parts.listed(primary)
  // Help article "multiple locations": the primary one first, at most four more.
  const more = 1 + Math.floor(random() * 4)
  const start = Math.floor(random() * CITIES.length)
  const others = CITIES.filter((city) => city !== primary)
  const places = Array.from({ length: more }, (_, n) => at(others, (start + n) % others.length))
  return [listedPlace(primary, false), ...places.map((place) => listedPlace(place, random() < 0.2))]
}

function listedPlace(place: Place, hidden: boolean) {
  return {
    shortcode: place.shortcode,
    country_code: place.country_code,
    country_name: place.country,
    // Recorded 2025-06: here an unknown state or city is an empty string, not null.
    state_code: place.region_code ?? '',
    subregion: place.region,
    zip_code: place.zip_code,
    city: place.city ?? '',
    coords: place.coords,
    hidden,
  }
}

/** Recorded 2025-06: of 50 jobs, 39 have no salary, 9 only its currency (in lower case), 2 both bounds. */
function salaryOf(place: Place, random: () => number) {
  const chance = random()
  if (chance < 0.7) return undefined
  if (chance < 0.86) return { salary_currency: place.currency }
  const salary_from = Math.round((28 + random() * 60) * place.factor) * 1000
  const salary_to = salary_from + Math.round(random() * 15 * place.factor) * 1000
  return { salary_from, salary_to, salary_currency: place.currency }
}

const recordedTexts = z.object({
  body: z.object({
    description: z.string(),
    requirements: z.string(),
    benefits: z.string(),
    full_description: z.string(),
  }),
})

/** Each text is composed once and then shared; the first role has the recorded ones. */
function textPool(): Draft['parts']['texts'] {
  const file = readFileSync(new URL('../fixtures/recorded-job-detail-2026-07.json', import.meta.url), 'utf8')
  const recorded = recordedTexts.parse(JSON.parse(file)).body
  const pool = new Map<string, Texts>()
  return (role, random) => {
    const index = ROLES.indexOf(role)
    const variant = Math.floor(random() * LENGTHS.length)
    const bare = random() < 0.15
    const key = `${index} ${variant} ${bare}`
    const known = pool.get(key)
    if (known) return known
    const texts = index === 0 ? recorded : composeTexts(role, index + variant * 5, at(LENGTHS, variant))
    const result = bare ? withoutBenefits(texts) : texts
    pool.set(key, result)
    return result
  }
}

function withoutBenefits(texts: Texts): Texts {
  const [full_description = ''] = texts.full_description.split('<p><strong>Benefits')
  return { ...texts, benefits: null, full_description }
}
