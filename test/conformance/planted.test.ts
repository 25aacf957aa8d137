// What the conformance suite finds: a connector without a bug passes all of it, and each planted bug fails its check.
import { describe, expect, test } from 'vitest'
import { type CheckId, conformance } from '../../src/testing/index.js'
import { type Bug, JOBS, smallConnector, startSmall } from './small.js'

const api_key = 'small-key-7f3a90'

function checksOf(made: Parameters<typeof smallConnector>[0] = {}) {
  return conformance(smallConnector(made), {
    start: (holds) => startSmall(holds, api_key),
    auth: { api_key },
    references: JOBS.map(({ id }) => id),
  })
}

async function failure(id: CheckId, made: Parameters<typeof smallConnector>[0]): Promise<string> {
  const check = checksOf(made).find((one) => one.id === id)
  const failed = await check?.run().then(
    () => null,
    (error: unknown) => error,
  )
  return failed instanceof Error ? failed.message : 'passed'
}

describe.each([true, false])('a connector without a bug, where loads are %s', (loads) => {
  for (const { name, run } of checksOf({ loads })) test(name, run)
})

test.each<[Bug, CheckId, string, boolean?]>([
  ['secret not marked', 'describes_itself', 'connector_auth.api_key is not marked as secret().'],
  ['read not described', 'describes_itself', 'The read has no description'],
  ['parameter not described', 'describes_itself', 'pull_parameters.changed_after has no description'],
  ['page asked twice', 'paging', '"GET /jobs?page=1" was asked for more than once.'],
  ['list that goes round', 'paging', 'The list does not end: "GET /jobs?page=1" was asked 4 times.'],
  ['entry listed twice', 'paging', 'J1 was listed more than once.'],
  ['last page left out', 'paging', 'The stand-in has one page'],
  ['address of its own', 'paging', "not to the stand-in: take the address from http.baseUrl('small', ...)"],
  ['client of its own', 'rate_limit', 's after a 429, although Retry-After said 7 s'],
  ['401 swallowed by the list', 'unauthorized', 'list takes a 401 for an answer: throw a RunError.'],
  ['401 taken for an item', 'unauthorized', 'load throws HttpError for a 401: throw a RunError'],
  ['401 without a hint', 'unauthorized', 'has no hint: say which credential to check.'],
  ['secret in message', 'unauthorized', 'The error that list throws for a 401 shows a credential.'],
  ['nothing taken for a failure', 'nothing', 'The run is fatal: '],
  ['broken item ends all', 'broken_item', 'One broken item ends the run: '],
  ['broken item swallowed', 'broken_item', 'is broken, and 0 failures tell of it: one should.'],
  ['broken entry ends the list', 'broken_item', 'failure is of null', false],
  ['item mapped otherwise each time', 'round_trip', 'A second run writes again (PUT)'],
  ['since not sent', 'incremental', 'asks for the same as the first: send changed_after.'],
  ['no asked_at', 'incremental', 'keeps no cursor: give asked_at'],
  ['check that looks at nothing', 'check_hook', 'check finds nothing bad where the service answers 401.'],
])('"%s" is found by the check %s', async (bug, id, said, loads = true) => {
  const found = await failure(id, { bug, loads })
  expect(found).toContain(said)
  expect(found).not.toContain(api_key)
})

test('a stand-in that gives no answer is told as such', async () => {
  const options = { auth: { api_key }, references: JOBS.map(({ id }) => id) }
  const checks = conformance(smallConnector(), { ...options, start: () => ({ url: 'http://127.0.0.1:9' }) })
  const paging = checks.find(({ id }) => id === 'paging')
  await expect(paging?.run()).rejects.toThrow('The stand-in at http://127.0.0.1:9 gave no answer: ')
})

describe('options that cannot be tried', () => {
  const misspelt: object = { since: 'x' }
  const options = { start: () => startSmall('items', api_key), auth: { api_key }, references: JOBS.map(({ id }) => id) }

  test.each([
    [{ action: 'archive_jobs_in_hrflow' }, 'Small has no action archive_jobs_in_hrflow.'],
    [{ references: ['J1', 'J2'] }, 'must name three items at least'],
    [{ auth: { api_key: 'key' } }, 'auth.api_key must have 8 characters at least.'],
    [{ auth: {} as { api_key: string } }, 'auth: api_key: missing'],
    [{ pull_parameters: misspelt }, 'pull_parameters: since: unknown parameter.'],
  ])('%j', (changes, said) => {
    expect(() => conformance(smallConnector(), { ...options, ...changes })).toThrow(said)
  })
})
