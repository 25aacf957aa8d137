import type { RunResult } from '../core/result/result.js'

const FIRST_MS = 30_000
const LONGEST_MS = 3_600_000
/** Of what a person must mend: to try it every hour helps nobody. */
const LONGEST_FOR_PERSON_MS = 24 * LONGEST_MS

const FOR_PERSON = new Set(['unauthorized', 'forbidden', 'unknown_subdomain', 'unknown_board', 'over_quota'])

/** How long a workflow waits after so many fatal runs in a row. */
export function backoffMs(fatal_count: number, isForPerson: boolean): number {
  const longest = isForPerson ? LONGEST_FOR_PERSON_MS : LONGEST_MS
  return Math.min(longest, FIRST_MS * 2 ** Math.min(Math.max(fatal_count, 1) - 1, 20))
}

/** Whether a run failed of what passes by no waiting: credentials, quota, board, parameters. */
export function isForPerson({ reason, error }: Pick<RunResult, 'reason' | 'error'>): boolean {
  const isParameter = reason === 'bad_origin_parameters' || reason === 'bad_target_parameters'
  return isParameter || (error !== null && FOR_PERSON.has(error.code))
}
