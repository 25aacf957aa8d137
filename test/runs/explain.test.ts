import { expect, test } from 'vitest'
import { registry } from '../../src/connectors/index.js'
import { explainAction } from '../../src/runtime/preflight.js'
import { MemoryStore } from '../../src/index.js'
import { type World, world } from '../support/world.js'

const HOUR = 3_660_000
const action = registry.Workable.actions.find(({ id }) => id === 'update_jobs_in_hrflow')!

/** A board that follows ten published jobs. */
async function followed() {
  const made = await world({ workable: { jobs: 10, rate_limit: { limit: 1_000 } } })
  const { sandbox, clock } = made
  for (const { shortcode } of sandbox.workable.jobs) sandbox.workable.edit(shortcode, { state: 'published' })
  await clock.sleep(HOUR)
  const store = new MemoryStore({ clock })
  const parameters = {
    ...made.parameters,
    pull_parameters: { state: 'published' },
    push_parameters: { board_key: sandbox.board_key, on_missing: 'create', on_left: 'archive' },
    incremental: true,
  } as const
  const run = async () => {
    const result = await made.update(parameters, { store })
    await clock.sleep(HOUR)
    return result
  }
  await run()
  const references = sandbox.workable.jobs.map(({ shortcode }) => shortcode)
  const explain = async (reference: string, more: object = {}) => {
    const before = requests(made)
    const explained = await explainAction(action, { ...parameters, ...more }, reference, { ...made.runtime, store })
    return { explained, requests: requests(made) - before }
  }
  const change = async (reference: string, state: string) => {
    sandbox.workable.edit(reference, { state })
    await clock.sleep(300_000)
  }
  return { ...made, run, explain, change, references, store }
}

function requests({ sandbox }: World): number {
  return sandbox.workable.requests.length + sandbox.hrflow.requests.length
}

test('a job that is up to date: what is known of it, and that nothing is to be done, in four requests at most', async () => {
  const made = await followed()
  const [A = ''] = made.references
  const { explained, requests: sent } = await made.explain(A)
  expect(explained).toMatchObject({
    reference: A,
    origin: { is_inside: true },
    mapping: { outcome: 'mapped', target: A },
    record: { outcome: 'delivered' },
    pending: null,
    leavings: [],
    target: { shown: 'live' },
    next: { does: 'nothing' },
  })
  expect(explained.record?.run_id).toMatch(/^[0-9a-f-]{36}$/)
  expect(sent).toBeLessThanOrEqual(4)
})

test('what it says of the next run is what the next run does: close, reopen, edit', async () => {
  const made = await followed()
  const [A = '', B = ''] = made.references
  await made.change(A, 'closed')
  made.sandbox.workable.edit(B, { title: 'Another title' })
  await made.clock.sleep(300_000)
  expect((await made.explain(A)).explained.next.does).toBe('archive')
  expect((await made.explain(B)).explained.next.does).toBe('deliver')
  expect((await made.run()).events).toMatchObject({ write_archived: 1, write_success: 1 })

  const archived = (await made.explain(A)).explained
  expect(archived).toMatchObject({
    origin: { is_inside: false },
    leavings: [{ reason: 'filter', state: 'archived' }],
    target: { shown: 'archived', by: 'workflow' },
    next: { does: 'nothing' },
  })
  await made.change(A, 'published')
  expect((await made.explain(A)).explained.next.does).toBe('bring_back')
  expect((await made.run()).events).toMatchObject({ write_unarchived: 1 })
  expect((await made.explain(A)).explained).toMatchObject({ target: { shown: 'live' }, next: { does: 'nothing' } })
})

test("a job that was seen to leave again before its archive was undone is still this workflow's to bring back", async () => {
  const made = await followed()
  const [A = ''] = made.references
  await made.change(A, 'closed')
  await made.run()
  await made.change(A, 'published')
  const { store } = made
  const known = store.leavings.bind(store)
  store.leavings = async (...asked) => (await known(...asked)).map((leaving) => ({ ...leaving, state: 'seen' }))
  expect((await made.explain(A)).explained).toMatchObject({
    leavings: [{ state: 'seen' }],
    target: { shown: 'archived', by: 'workflow' },
    next: { does: 'bring_back' },
  })
  expect((await made.run()).events).toMatchObject({ write_unarchived: 1 })
})

test('a job that was deleted, one that is pending, one that logics discard and one that nobody knows', async () => {
  const made = await followed()
  const [A = '', B = '', C = ''] = made.references
  made.sandbox.workable.remove(A)
  const gone = await made.explain(A)
  expect(gone.explained).toMatchObject({ origin: null, target: { shown: 'live' }, next: { does: 'look_again' } })

  const mend = made.sandbox.fault({ service: 'workable', path: `/jobs/${B}`, answer: { status: 500 } })
  made.sandbox.workable.edit(B, { title: 'Cannot be read' })
  await made.clock.sleep(300_000)
  await made.run()
  const pending = (await made.explain(B)).explained
  expect(pending).toMatchObject({ pending: { stage: 'load', attempts: 1 }, mapping: { outcome: 'failed' } })
  mend()
  expect((await made.explain(B)).explained.next.does).toBe('try_again')

  const logics = [Object.assign(() => null, { version: 'none' })]
  expect((await made.explain(C, { logics })).explained).toMatchObject({
    mapping: { outcome: 'discarded' },
    next: { does: 'archive' },
  })
  const nobody = (await made.explain('NOBODY')).explained
  expect(nobody).toMatchObject({ origin: null, record: null, target: { shown: 'none' }, next: { does: 'nothing' } })
})

test('a job that was never delivered is found without its id, in four requests at most', async () => {
  const made = await followed()
  made.sandbox.workable.add({ shortcode: 'NEW1' })
  await made.clock.sleep(300_000)
  const { explained, requests: sent } = await made.explain('NEW1')
  expect(explained).toMatchObject({ record: null, target: { shown: 'none' }, next: { does: 'deliver' } })
  expect(sent).toBeLessThanOrEqual(4)
})

test('nothing is written by it: no request but GET, and no lease', async () => {
  const made = await followed()
  const [A = ''] = made.references
  await made.change(A, 'closed')
  const before = made.counts()
  await made.explain(A)
  const after = made.counts()
  expect([after.put, after.post, after.patch]).toEqual([before.put, before.post, before.patch])
  expect((await made.store.workflow('test'))?.running).toBeNull()
})
