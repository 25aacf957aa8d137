import type { HrflowFakeJob, WorkableFakeJob } from '../../src/connectors/fakes.js'
import { formatJob } from '../../src/connectors/workable/jobs/to-hrflow-job.js'

// What must hold of a board, judged without the connector's own merge and compare.

type Fields = Record<string, unknown>

/** Names of the entries that the default format owns, per list. */
const OWNED: Record<string, string[]> = {
  tags: 'id state department application_url employment_type industry function experience education workplace_type code'.split(
    ' ',
  ),
  sections: ['full_description', 'description', 'requirements', 'benefits'],
  metadatas: ['locations'],
  ranges_float: ['salary'],
}

/** What differs between a job on the board and the Workable job as the format maps it; empty: nothing. */
export function differences(board: HrflowFakeJob, job: WorkableFakeJob): string[] {
  const place = fieldsOf(job['location'])
  // As the list has it: documented as city, region, country, the region only where it is not the city.
  const location_str = [place['city'], place['region'] === place['city'] ? null : place['region'], place['country']]
    .filter(Boolean)
    .join(', ')
  const expected: Fields = formatJob({ ...job, location: { location_str, ...place } })
  const shown: Fields = { ...board }
  const texts = ['name', 'url', 'summary', 'requirements', 'benefits'].filter(
    (key) => (expected[key] ?? '') !== (shown[key] ?? ''),
  )
  const lists = Object.entries(OWNED).flatMap(([list, names]) =>
    names
      .filter((name) => entryOf(expected[list], name) !== entryOf(shown[list], name))
      .map((name) => `${list}.${name}`),
  )
  const [wanted, found] = [fieldsOf(expected['location']), fieldsOf(shown['location'])]
  const places = ['text', 'lat', 'lng'].filter(
    (key) => (key === 'text' || wanted[key] !== null) && (wanted[key] ?? '') !== (found[key] ?? ''),
  )
  return [...texts, ...lists, ...places.map((key) => `location.${key}`)]
}

/** The value of the entry of a name, as text; '' where there is none or it says nothing. */
function entryOf(list: unknown, name: string): string {
  const found = Array.isArray(list) ? list.map(fieldsOf).filter((entry) => entry['name'] === name) : []
  const told = Object.entries(found[0] ?? {}).filter(
    ([key, value]) => !['name', 'title'].includes(key) && value !== null && value !== undefined && value !== '',
  )
  // A salary without bounds is none, whatever its currency.
  if (told.every(([key]) => key === 'unit')) return ''
  return JSON.stringify([told.sort(([a], [b]) => (a < b ? -1 : 1)), found.length])
}

export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}

/** What a person put on a job of the board, of what the connector does not own. */
export interface Foreign {
  culture: string
  skill: string
  owner: string
  archived: boolean
}

/** What of it is lost or changed; empty: nothing. */
export function lost(board: HrflowFakeJob, foreign: Foreign): string[] {
  return [
    ...(board.culture === foreign.culture ? [] : ['culture']),
    ...(board.skills.some(({ name }) => name === foreign.skill) ? [] : ['skills']),
    ...(board.tags.some(({ name, value }) => name === 'owner' && value === foreign.owner) ? [] : ['tags.owner']),
    ...((board.archived_at !== null) === foreign.archived ? [] : ['archived_at']),
  ]
}
