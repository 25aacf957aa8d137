import fc from 'fast-check'
import type { WorkableFakeJob } from '../../src/connectors/fakes.js'
import type { Action } from '../../src/core/model/flow.js'
import type { Store } from '../../src/core/ports/store.js'
import type { RunResult } from '../../src/core/result/result.js'
import { QuietClock } from './clock.js'
import { differences } from './oracle.js'
import { Rules, type Follower } from './rules.js'
import { endedEarly, hidden, lagging } from './spoiled.js'
import { change, count, fault, nth, Step, which } from './steps.js'
import { BOARDS, type Settings, type Trouble, World } from './world.js'

// Histories of a board that follows Workable: jobs leave and come back, persons and another workflow archive on it too.

const BEGINNING = Date.UTC(2026, 10, 1)
const JOBS = 12

/** More than a run keeps while their details wait: their list is read again, in pages as the service has them. */
const MANY = { jobs: 130, page: 100 }
const LONG_MS = 25 * 3_600_000

/** A second workflow of the board, of another filter. */
const OTHER = 'other'

interface Model {
  counts: Map<string, number>
  rules: Rules
  on_left: 'keep' | 'archive'
  details: 'with' | 'after' | 'without'
  /** The department that logics discard; null: logics discard nothing. */
  discarded: string | null
  other: { state: string | null; on_left: 'keep' | 'archive' }
  /** Whether all that was announced came to its end: else it is not known whose an archive is. */
  settled: boolean
  /** Deletions that were only seen so: once for a job. */
  hiddenOnce: Set<string>
}

export interface FollowingOptions {
  runs: number
  store: (clock: QuietClock) => Store
  action?: Action
  hasty?: boolean
  /** Begins with the histories of this seed. */
  seed?: number
  other?: Model['other']
  /** Short histories of many jobs, whose details come later. */
  many?: boolean
}

/** Checks random histories of a board that follows. Returns what happened, counted. */
export async function checkFollowing(options: FollowingOptions): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  let histories = 0
  const property = fc.asyncProperty(
    fc.commands([step], { maxCommands: options.many ? 6 : 40, size: 'max' }),
    fc.constantFrom<Model['other'][]>({ state: 'closed', on_left: 'archive' }, { state: null, on_left: 'keep' }),
    async (steps, other) => {
      const clock = new QuietClock(BEGINNING)
      const { action } = options
      const name = `acme${histories++}`
      const store = options.store(clock)
      const size = options.many ? MANY : { jobs: JOBS }
      const world = new World({ clock, store, name, state: 'published', ...size, ...(action && { action }) })
      const rules = new Rules(world)
      const model: Model = {
        ...{
          counts,
          rules,
          other,
          on_left: 'archive',
          details: options.many ? 'after' : 'with',
          discarded: null,
          settled: true,
        },
        hiddenOnce: new Set(),
      }
      clock.pass(3_600_000)
      try {
        await follow(model, world, false)
        await fc.asyncModelRun(() => ({ model, real: world }), steps)
        await judge(model, world)
      } finally {
        // One store may serve many histories: none may hold what the next one sees on its boards.
        for (const workflow_id of [name, OTHER]) await store.resetWorkflow(workflow_id)
      }
    },
  )
  const { runs: numRuns, hasty, seed } = options
  await fc.assert(property, { numRuns, endOnFailure: hasty === true, ...(seed !== undefined && { seed }) })
  return counts
}

/** A run of the workflow that follows. */
async function follow(
  model: Model,
  world: World,
  incremental: boolean,
  trouble: Trouble = {},
  allow_left = false,
): Promise<RunResult | null> {
  const { rules, on_left, discarded, details } = model
  rules.begin({ name: world.name, isInside: insideOf(model), allow_left } satisfies Follower)
  const discard = (job: { department?: unknown }) => (discarded !== null && job.department === discarded ? null : job)
  const logics = [Object.assign(discard, { version: String(discarded), details: 'list' })]
  const pull_parameters = { state: 'published', details }
  const settings = { pull_parameters, push_parameters: { on_missing: 'create', on_left }, logics, allow_left }
  const result = await world.run(incremental, trouble, settings)
  if (rules.broken.length > 0) throw new Error(`${rules.broken.join('; ')}: ${JSON.stringify(result)}`)
  if (world.readTwice.length > 0) throw new Error(`Details read twice: ${world.readTwice.join(', ')}`)
  if (on_left === 'archive') model.settled = result?.status === 'success'
  if (result !== null) addUp(result)
  count(model, `ended: ${result?.status ?? 'died'}`)
  if (result)
    for (const name of ['write_archived', 'write_unarchived', 'left_held'] as const)
      if (result.events[name] > 0) count(model, name)
  return result
}

function insideOf({ discarded }: Model) {
  return (job: WorkableFakeJob) => job.state === 'published' && (discarded === null || job['department'] !== discarded)
}

/** A run of the other workflow, without trouble of its own. */
async function followOther({ rules, other }: Model, world: World): Promise<void> {
  const isInside = (job: WorkableFakeJob) => other.state === null || job.state === other.state
  rules.begin({ name: OTHER, isInside, allow_left: false })
  const settings: Settings = {
    workflow_id: OTHER,
    pull_parameters: other.state === null ? {} : { state: other.state },
    push_parameters: { on_missing: 'create', on_left: other.on_left },
  }
  const result = await world.run(false, {}, settings)
  if (rules.broken.length > 0) throw new Error(`${rules.broken.join('; ')}: ${JSON.stringify(result)}`)
  const held = world.workable.jobs.filter((job) => isInside(job) && !world.broken.has(job.shortcode))
  const names = held.map(({ shortcode }) => `${world.board} ${shortcode}`)
  rules.holds.set(OTHER, new Set(result?.status === 'fatal' ? [] : names))
  for (const job of world.workable.jobs) if (isInside(job)) rules.everHeld.add(`${world.board} ${job.shortcode}`)
}

/** What was read has one end each. */
function addUp({ events }: RunResult): void {
  const { logics_discard, logics_failure, format_failure, write_failure, write_skipped, ...others } = events
  const { write_success, write_unchanged, write_not_found, write_archived, write_unarchived } = others
  const failed = logics_discard + logics_failure + format_failure + write_failure + write_skipped
  const ends = failed + write_success + write_unchanged + write_not_found + write_archived + write_unarchived
  if (ends !== events.read_success) throw new Error(`The counters do not add up: ${JSON.stringify(events)}`)
}

/** Two full runs more than an hour apart, and then there is nothing left to do. */
async function judge(model: Model, world: World): Promise<void> {
  const { rules } = model
  world.broken.clear()
  model.on_left = 'archive'
  if (model.details === 'without') model.details = 'after'
  for (let last = 1; last <= 2; last++) {
    world.clock.pass(LONG_MS)
    const result = await follow(model, world, false, {}, true)
    if (result?.status !== 'success' || result.events.details_due > 0)
      throw new Error(`A last run: ${JSON.stringify(result)}`)
    const { archived, unarchived } = rules.writes
    if (result.events.write_archived < archived || result.events.write_unarchived !== unarchived)
      throw new Error(`It counted otherwise than it did (${archived}, ${unarchived}): ${JSON.stringify(result)}`)
  }
  const found = complaints(model, world)
  if (found.length > 0) throw new Error(found.join('; '))
  for (const incremental of [false, true]) {
    world.clock.pass(LONG_MS)
    const before = world.workable.requests.length
    const result = await follow(model, world, incremental)
    const { POST, PUT, archived, unarchived, GET } = rules.writes
    if (POST + PUT + archived + unarchived > 0)
      throw new Error(`There was something to write again: ${JSON.stringify([rules.writes, result])}`)
    const asked = world.workable.requests.slice(before).map(({ path }) => path)
    const inside = incremental ? 0 : world.workable.jobs.filter(insideOf(model)).length
    const most = incremental ? 2 : world.pages
    // What another holds, and what was deleted, is looked for a little longer.
    if (rules.everHeld.size + rules.gone.size === 0 && (asked.length > most || GET > inside))
      throw new Error(`An unchanged board cost ${asked.length} and ${GET} requests: ${asked.join(' ')}`)
  }
}

/** What is wrong with the board, in words. */
function complaints(model: Model, world: World): string[] {
  const { rules } = model
  const isInside = insideOf(model)
  const missing = world.workable.jobs
    .filter((job) => isInside(job) && !world.hrflow.job(world.board, job.shortcode))
    .map(({ shortcode }) => `${shortcode} is inside, and not on the board`)
  const wrong = world.hrflow.jobs(world.board).flatMap((shown) => {
    const at = `${world.board} ${String(shown.reference)}`
    const job = world.workable.jobs.find(({ shortcode }) => shortcode === shown.reference)
    const archiver = rules.archivers.get(at)
    const isArchived = shown.archived_at !== null
    if (archiver === 'a person' && !isArchived) return [`${at}: a person archived it, and it is live`]
    if (job && isInside(job)) {
      if (isArchived && (archiver === undefined || archiver === world.name)) return [`${at}: inside, and archived`]
      return differences(shown, job).map((what) => `${at}: ${what} is not as in Workable`)
    }
    const may = isArchived || rules.freed.has(at) || rules.everHeld.has(at)
    return may ? [] : [`${at}: outside, and live`]
  })
  return [...missing, ...wrong]
}

type Act = (model: Model, world: World) => Promise<void> | void

const did = (kind: string, shown: unknown, act: Act) => new Step<Model>(kind, JSON.stringify(shown), act)

function edited(model: Model, world: World, n: number, patch: Record<string, unknown>): void {
  const job = nth(world.workable.jobs, n)
  if (job) world.workable.edit(job.shortcode, patch)
}

/** A request or a call of the store; an incremental run that changes one job has about thirty. */
const moment = fc.oneof(fc.integer({ min: 5, max: 40 }), fc.integer({ min: 1, max: 90 }))

const state = fc.constantFrom('published', 'published', 'closed', 'archived', 'draft')

function run(kind: string, incremental: boolean, shown: unknown, trouble: Act2, pass = 0): Step<Model> {
  return did(`${kind}, ${incremental ? 'incremental' : 'full'}`, shown, async (model, world) => {
    await follow(model, world, incremental, trouble(model, world) ?? {})
    world.clock.pass(pass)
  })
}

type Act2 = (model: Model, world: World) => Trouble | undefined

/** Something else than the truth about one job, while a run reads. */
function untrue(kind: 'hidden' | 'html' | 'ended early' | 'lagging', n: number, incremental: boolean): Step<Model> {
  return did(`${kind}, ${incremental ? 'incremental' : 'full'}`, n, async (model, world) => {
    const job = nth(world.workable.jobs, n)
    if (!job) return
    const { shortcode } = job
    const lies: Trouble = { instead: kind === 'html' ? hidden(shortcode, 'html') : endedEarly(shortcode) }
    if (kind === 'html' || kind === 'ended early') {
      // For more than an hour.
      await follow(model, world, incremental, lies)
      world.clock.pass(3_700_000)
      await follow(model, world, incremental, lies)
      return
    }
    if (kind === 'hidden') {
      if (model.hiddenOnce.has(shortcode)) return
      model.hiddenOnce.add(shortcode)
      model.rules.gone.set(shortcode, world.clock.now())
      await follow(model, world, incremental, { instead: hidden(shortcode, 'json') })
      return
    }
    // Known at its version: nothing older proves anything.
    await follow(model, world, false)
    if (world.broken.has(shortcode) || !world.hrflow.job(world.board, shortcode)) return
    if (model.on_left === 'keep') return
    const state = job.state === 'published' ? 'closed' : 'published'
    await follow(model, world, false, { instead: lagging(shortcode, state) })
  })
}

function byHand(n: number, archived: boolean): Step<Model> {
  return did('archive or bring back by hand', [n, archived], (model, world) => {
    const shown = nth(world.hrflow.jobs(world.board), n)
    if (!shown || shown.reference === null || (shown.archived_at !== null) === archived) return
    if (!model.settled) return
    const job = world.workable.jobs.find(({ shortcode }) => shortcode === shown.reference)
    world.hrflow.archive(world.board, shown.reference, archived)
    model.rules.archivedByHand(`${world.board} ${shown.reference}`, archived, !job || !insideOf(model)(job))
  })
}

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.tuple(which, change).map(([n, to]) => did('edit', [n, to], (m, w) => edited(m, w, n, to))),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(which, state)
      .map(([n, to]) => did(`change state: ${to}`, n, (m, w) => edited(m, w, n, { state: to }))),
  },
  {
    weight: 6,
    arbitrary: fc.tuple(which, fc.boolean()).map(([n, back]) =>
      did(back ? 'reopen' : 'close', n, (model, world) => {
        const job = nth(
          world.workable.jobs.filter((one) => insideOf(model)(one) !== back),
          n,
        )
        if (job)
          world.workable.edit(job.shortcode, back ? { state: 'published', department: 'Ops' } : { state: 'closed' })
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(which, fc.constantFrom('Sales', 'Design'))
      .map(([n, department]) => did('move', [n, department], (m, w) => edited(m, w, n, { department }))),
  },
  {
    weight: 2,
    arbitrary: which.map((n) =>
      did('delete', n, (model, world) => {
        const job = nth(world.workable.jobs, n)
        if (!job || world.workable.jobs.length < 4) return
        world.workable.remove(job.shortcode)
        if (!model.rules.gone.has(job.shortcode)) model.rules.gone.set(job.shortcode, world.clock.now())
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.integer({ min: 4, max: JOBS }), fc.constantFrom('closed', 'published')).map(([n, to]) =>
      did(`landslide: ${to}`, n, (model, world) => {
        for (let i = 0; i < n; i++) edited(model, world, i, { state: to })
      }),
    ),
  },
  { weight: 1, arbitrary: state.map((to) => did('arrive', to, (_, world) => void world.addJob({ state: to }))) },
  { weight: 3, arbitrary: fc.tuple(which, fc.boolean()).map(([n, archived]) => byHand(n, archived)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(null, 'Sales').map((to) => did('logics', to, (model) => void (model.discarded = to))),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('keep' as const, 'archive' as const, 'archive' as const)
      .map((to) => did('on_left', to, (model) => void (model.on_left = to))),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('with' as const, 'after' as const, 'after' as const, 'without' as const)
      .map((to) => did('details', to, (model) => void (model.details = to))),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(...BOARDS)
      .map((board) => did('switch board', board[0], (_, world) => void (world.board = board))),
  },
  {
    weight: 1,
    arbitrary: which.map((n) =>
      did('break or mend a detail', n, (_, world) => {
        const job = nth(world.workable.jobs, n)
        if (job && !world.broken.delete(job.shortcode)) world.broken.add(job.shortcode)
      }),
    ),
  },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom(1_000, 70_000, 300_000, 3_700_000, LONG_MS)
      .map((ms) => did('pass time', ms, (_, world) => world.clock.pass(ms))),
  },
  { weight: 1, arbitrary: fc.constant(did('run of the other', '', (model, world) => followOther(model, world))) },
  { weight: 8, arbitrary: fc.constantFrom(true, true, false).map((inc) => run('run', inc, '', () => ({}))) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fault, fc.boolean())
      .map(([trouble, inc]) => run('run with fault', inc, trouble, () => ({ fault: trouble }))),
  },
  {
    weight: 5,
    arbitrary: fc
      .record({ at: moment, after: fc.boolean(), inc: fc.boolean() })
      .map(({ inc, ...crash }) => run('run with crash', inc, crash, () => ({ crash }), 61_000)),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ at: moment, inc: fc.boolean() })
      .map(({ inc, at }) => run('run that is stopped', inc, at, () => ({ interrupt: at }))),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ at: fc.integer({ min: 1, max: 20 }), n: which, to: state, inc: fc.boolean() })
      .map(({ inc, at, n, to }) =>
        run('run with a change while it reads', inc, [at, n, to], (model, world) => ({
          meanwhile: { at, act: () => edited(model, world, n, { state: to }) },
        })),
      ),
  },
  {
    weight: 5,
    arbitrary: fc
      .tuple(
        fc.constantFrom('hidden' as const, 'html' as const, 'ended early' as const, 'lagging' as const),
        which,
        fc.boolean(),
      )
      .map(([kind, n, inc]) => untrue(kind, n, inc)),
  },
)
