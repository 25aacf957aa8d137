import { z } from 'zod'
import type { WorkableFakeJob } from './jobs.js'

const TEXTS = new Set(['description', 'full_description', 'requirements', 'benefits'])

/** Docs and recordings: in the detail only, and `include_fields` does not bring them. */
const DETAIL_ONLY = new Set(['employment_type', 'industry', 'function', 'experience', 'education'])

const place = z.looseObject({
  city: z.string().nullish(),
  region: z.string().nullish(),
  country: z.string().nullish(),
})

/** A job as lists show it (recorded 2026-07): with `sample` and `location_str`, with the texts asked for only. */
export function listView(job: WorkableFakeJob, include: ReadonlySet<string>): Record<string, unknown> {
  const view: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(job)) {
    if (DETAIL_ONLY.has(key) || (TEXTS.has(key) && !include.has(key))) continue
    view[key] = key === 'location' ? listLocation(value) : value
  }
  view['sample'] ??= false
  return view
}

/** A job as the detail shows it (recorded 2026-07): no wrapper, no `sample`, no `location_str`. */
export function detailView(job: WorkableFakeJob): Record<string, unknown> {
  const view: Record<string, unknown> = { ...job }
  delete view['sample']
  const location = place.safeParse(view['location'])
  if (location.success)
    view['location'] = Object.fromEntries(Object.entries(location.data).filter(([key]) => key !== 'location_str'))
  return view
}

function listLocation(value: unknown): unknown {
  const location = place.safeParse(value)
  return location.success ? { location_str: locationText(location.data), ...location.data } : value
}

/** Docs and recordings: city, region, country; missing parts are skipped, the region also when equal to the city. */
function locationText({ city, region, country }: z.output<typeof place>): string | null {
  const parts = [city, region === city ? null : region, country].filter((part) => part)
  return parts.length > 0 ? parts.join(', ') : null
}
