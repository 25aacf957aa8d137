import { expect, test } from 'vitest'
import type { ListPage } from '../model/read.js'
import { entriesOf } from './listing.js'

function listed(reference: string) {
  return { reference, id: null, version: null, read_at: 0, entry: null }
}

/** What is listed, and which references were looked up together. */
async function listingOf(pages: ListPage<unknown>[]) {
  const together: string[][] = []
  const journal = { lookUp: (references: string[]) => void together.push(references) }
  let began_at: number | undefined
  const references: (string | null)[] = []
  const list = (async function* () {
    yield* pages
  })()
  const onBegin = (at: number | undefined) => (began_at = at)
  for await (const [{ reference }] of entriesOf(list, { journal: journal as never, onBegin }))
    references.push(reference)
  return { references, together, began_at }
}

const problem = { reference: 'bad', problem: new Error('unlistable'), counts_as: 'read_failure' } as const

test('every entry of every page is listed in order, and looked up with its page unless it cannot be read', async () => {
  const pages = [
    { entries: [listed('A'), problem, listed('B')], asked_at: 5 },
    { entries: [] },
    { entries: [listed('C')], asked_at: 9 },
  ]
  const { references, together } = await listingOf(pages)
  expect(references).toEqual(['A', 'bad', 'B', 'C'])
  expect(together).toEqual([['A', 'B'], ['C']])
})

test.each([
  [
    'the first page',
    [
      { entries: [], asked_at: 5 },
      { entries: [], asked_at: 9 },
    ],
    5,
  ],
  [
    'no page, where the first cannot tell',
    [
      { entries: [], asked_at: null },
      { entries: [], asked_at: 9 },
    ],
    undefined,
  ],
  ['no page, where the first has a problem', [{ entries: [problem] }, { entries: [], asked_at: 9 }], undefined],
])('the list began when %s was asked for', async (_, pages, began_at) => {
  expect((await listingOf(pages)).began_at).toBe(began_at)
})

test('a page of any size leaves turns of the event loop to timers and signals', async () => {
  const entries = Array.from({ length: 1_000 }, (_, index) => listed(`R${index}`))
  let turns = 0
  let counting = true
  const count = () => {
    turns += 1
    if (counting) setImmediate(count)
  }
  setImmediate(count)
  const { references, together } = await listingOf([{ entries }])
  counting = false
  expect(references).toHaveLength(1_000)
  expect(together.map(({ length }) => length)).toEqual(Array.from({ length: 10 }, () => 100))
  expect(turns).toBeGreaterThanOrEqual(9)
})
