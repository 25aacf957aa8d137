import { isRecord } from '../core/text/json.js'

/** What stands in place of each value of a broken entry: no text, number, date or list. */
const BROKEN = { broken: true }

/**
 * A page with one entry broken: of the innermost object that holds the reference, every other value is replaced. The page
 * as it is where none holds it.
 */
export function breakEntry(page: unknown, reference: string): unknown {
  if (Array.isArray(page)) return page.map((entry) => breakEntry(entry, reference))
  if (!isRecord(page)) return page
  const isIt = Object.values(page).some((value) => says(value, reference))
  const broken = (value: unknown) => (isIt ? (says(value, reference) ? value : BROKEN) : breakEntry(value, reference))
  return Object.fromEntries(Object.entries(page).map(([name, value]) => [name, broken(value)]))
}

const says = (value: unknown, reference: string) =>
  (typeof value === 'string' || typeof value === 'number') && String(value) === reference
