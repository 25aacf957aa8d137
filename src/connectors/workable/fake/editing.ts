import { z } from 'zod'
import { departmentEntry } from './jobs.js'
import type { WorkableFakeJob } from './jobs.js'
import { fullDescription } from './texts.js'

const text = z.string().nullable()
const amount = z.number().min(0).nullable()
const workplace = z.enum(['on_site', 'hybrid', 'remote'])

export const JOB_STATES = ['draft', 'published', 'closed', 'archived'] as const

const location = z
  .strictObject({
    country: text,
    country_code: text,
    region: text,
    region_code: text,
    city: text,
    zip_code: text,
    telecommuting: z.boolean(),
    workplace_type: workplace,
  })
  .partial()

const salary = z.strictObject({ salary_from: amount, salary_to: amount, salary_currency: text }).partial()

/** What a person may change of a job in Workable. Of `location` and `salary` only what is named changes. */
export const jobChange = z
  .strictObject({
    title: z.string().min(1),
    state: z.enum(JOB_STATES),
    code: text,
    confidential: z.boolean(),
    department: text,
    workplace_type: workplace,
    location,
    salary,
    description: text,
    requirements: text,
    benefits: text,
    employment_type: text,
    industry: text,
    function: text,
    experience: text,
    education: text,
    keywords: text,
  })
  .partial()

export type JobChange = z.output<typeof jobChange>

const place = z.looseObject({ city: z.string().nullish(), country: z.string().nullish() })
const texts = z.object({
  description: z.string().nullish(),
  requirements: z.string().nullish(),
  benefits: z.string().nullish(),
})

/** A change with all that follows from it in other fields, as Workable makes them from one another. */
export function withConsequences(job: Partial<WorkableFakeJob>, change: JobChange): Record<string, unknown> {
  const patch: Record<string, unknown> = { ...change }
  if (change.location) patch['location'] = { ...record(job['location']), ...change.location }
  if (change.salary) patch['salary'] = { ...record(job['salary']), ...change.salary }
  if (change.department !== undefined)
    patch['department_hierarchy'] = change.department === null ? [] : [departmentEntry(change.department)]
  if (change.workplace_type !== undefined) {
    const { workplace_type } = change
    const telecommuting = workplace_type === 'remote'
    patch['location'] = { ...record(patch['location'] ?? job['location']), workplace_type, telecommuting }
  }
  const changed = { ...job, ...patch }
  if (touches(change, ['title', 'code', 'location'])) patch['full_title'] = fullTitle(changed)
  if (touches(change, ['description', 'requirements', 'benefits']))
    patch['full_description'] = fullDescription(texts.parse(changed))
  return patch
}

const touches = (change: JobChange, fields: (keyof JobChange)[]) => fields.some((field) => change[field] !== undefined)

function record(value: unknown): Record<string, unknown> {
  return z.record(z.string(), z.unknown()).catch({}).parse(value)
}

/** Recorded 2025-06: `title - code`, without a code the city, without a city the country. */
function fullTitle(job: Record<string, unknown>): string {
  const { city, country } = place.catch({}).parse(job['location'])
  const code = z.string().nullish().catch(null).parse(job['code'])
  const more = [code, city, country].find((part) => part)
  const title = String(job['title'])
  return more ? `${title} - ${more}` : title
}
