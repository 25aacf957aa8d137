import fc from 'fast-check'
import type { HrflowFakeJob, WorkableFakeJob } from '../../src/connectors/fakes.js'
import { differences, fieldsOf, lost, type Foreign } from './oracle.js'
import { BOARDS, type Trouble, type World } from './world.js'

/** What the history has done that the end must be judged by. */
export interface Model {
  /** By board and reference: what people put there. */
  foreign: Map<string, Foreign>
  /** By board and reference: owned fields that a person changed on the board. Only a full run looks for these. */
  edited: Set<string>
  edits: number
  /** Every version a job ever had, by reference. */
  versions: Map<string, WorkableFakeJob[]>
  counts: Map<string, number>
}

export function newModel(): Model {
  return { foreign: new Map(), edited: new Set(), edits: 0, versions: new Map(), counts: new Map() }
}

type Act<M> = (model: M, world: World) => Promise<void> | void

/** What happens once in a history; counted by its kind. */
export class Step<M extends Pick<Model, 'counts'> = Model> implements fc.AsyncCommand<M, World> {
  readonly #kind: string
  readonly #shown: string
  readonly #act: Act<M>

  constructor(kind: string, shown: string, act: Act<M>) {
    this.#kind = kind
    this.#shown = shown
    this.#act = act
  }

  check(): boolean {
    return true
  }

  async run(model: M, world: World): Promise<void> {
    count(model, this.#kind)
    await this.#act(model, world)
  }

  toString(): string {
    return `${this.#kind} ${this.#shown}`
  }
}

export function count(model: Pick<Model, 'counts'>, kind: string): void {
  model.counts.set(kind, (model.counts.get(kind) ?? 0) + 1)
}

/** Any job, also one that comes later: its place among those that are there. */
export const which = fc.nat(20)

export const change = fc.constantFrom<Record<string, unknown>[]>(
  { title: 'One title' },
  { title: 'Another title' },
  { department: 'Sales' },
  { department: null },
  { employment_type: 'Part-time' },
  { education: 'Bachelor' },
  { description: '<p>New</p>' },
  { salary: { salary_from: 30_000, salary_to: 40_000, salary_currency: 'eur' } },
  { salary: null },
  { location: { city: 'Paris', region: 'Paris', zip_code: '75001', country: 'France', country_code: 'FR' } },
  { location: { city: 'Lyon', region: 'Lyon', zip_code: '69003', country: 'France', country_code: 'FR' } },
)

/** Lists come first, so what fails them is asked for on purpose; 14 answers in a row end every halving of a page. */
export const fault = fc.record({
  at: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 40 })),
  times: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(16)),
  how: fc.constantFrom(
    'closed' as const,
    'lost_answer' as const,
    429 as const,
    500 as const,
    503 as const,
    'html' as const,
  ),
})

/** From the end of the list. */
const LAST = -1

/** Steps of a history. `touch` notes every change of a job in Workable. */
export const step = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(which, change).map(([n, patch]) => workableStep('edit', n, patch)) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(which, fc.constantFrom('published', 'closed', 'archived'))
      .map(([n, state]) => workableStep('change state', n, { state })),
  },
  { weight: 1, arbitrary: which.map((n) => deletion(n)) },
  { weight: 2, arbitrary: fc.constant(closeLastWritten()) },
  { weight: 1, arbitrary: fc.constantFrom('published', 'closed').map((state) => arrival(state)) },
  { weight: 2, arbitrary: which.map((n) => lateCreation(n)) },
  {
    weight: 2,
    arbitrary: fc.tuple(which, fc.nat(9), fc.boolean()).map(([n, value, archived]) => foreignEdit(n, value, archived)),
  },
  { weight: 1, arbitrary: which.map((n) => ownedEdit(n)) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(...BOARDS)
      .map((board) => new Step('switch board', board[0] ?? '', (_, world) => void (world.board = board))),
  },
  { weight: 1, arbitrary: which.map((n) => breaking(n)) },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom(1_000, 3_000, 70_000, 1_200_000, 7_200_000)
      .map((ms) => new Step('pass time', `${ms} ms`, (_, world) => world.clock.pass(ms))),
  },
  {
    weight: 6,
    arbitrary: fc.constantFrom(true, true, false).map((incremental) => running('run', incremental, () => ({}))),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fault, fc.boolean())
      .map(([trouble, incremental]) =>
        running('run with fault', incremental, () => ({ fault: trouble }), JSON.stringify(trouble)),
      ),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({
        at: fc.integer({ min: 1, max: 45 }),
        after: fc.boolean(),
        incremental: fc.boolean(),
        // Long enough for its lease to run out, or not.
        pass: fc.constantFrom(0, 61_000, 61_000),
      })
      .map(({ at, after, incremental, pass }) => {
        const shown = `at ${at}, ${after ? 'after' : 'before'} it had its effect, ${pass} ms ago`
        return running('run with crash', incremental, () => ({ crash: { at, after } }), shown, pass)
      }),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({
        at: fc.oneof(fc.integer({ min: 2, max: 4 }), fc.integer({ min: 1, max: 12 })),
        edits: fc.array(fc.tuple(which, change), { minLength: 1, maxLength: 2 }),
        pass: fc.constantFrom(0, 200_000),
        incremental: fc.boolean(),
      })
      .map(editWhileReading),
  },
  {
    weight: 1,
    // Behind the reader, and later before it: the last that is seen was changed after one that was not.
    arbitrary: fc.tuple(change, change, fc.boolean()).map(([behind, before, incremental]) =>
      editWhileReading({
        at: 2,
        edits: [
          [0, behind],
          [LAST, before],
        ],
        pass: 200_000,
        incremental,
      }),
    ),
  },
)

interface Meanwhile {
  at: number
  edits: [number, Record<string, unknown>][]
  pass: number
  incremental: boolean
}

/** Edits right before a request to Workable, and time that passes between them. */
function editWhileReading({ at, edits, pass, incremental }: Meanwhile): Step {
  const shown = `at ${at} ${JSON.stringify(edits)} ${pass} ms apart`
  return running(
    'run with edit while it reads',
    incremental,
    (model, world) => ({
      meanwhile: {
        at,
        act: () => {
          for (const [n, patch] of edits) {
            touch(model, world, n, patch)
            world.clock.pass(pass)
          }
        },
      },
    }),
    shown,
  )
}

function workableStep(kind: string, n: number, patch: Record<string, unknown>): Step {
  return new Step(kind, `${n} ${JSON.stringify(patch)}`, (model, world) => touch(model, world, n, patch))
}

function touch(model: Model, world: World, n: number, patch: Record<string, unknown>): void {
  const job = nth(world.workable.jobs, n)
  if (!job) return
  remember(model, job)
  world.workable.edit(job.shortcode, patch)
  const edited = world.workable.jobs.find(({ shortcode }) => shortcode === job.shortcode)
  if (edited?.updated_at === job.updated_at) count(model, 'edit within the same second')
  if (edited) remember(model, edited)
}

/** Each as it was then: the fake keeps a new object for every version. */
function remember(model: Model, job: WorkableFakeJob): void {
  const versions = model.versions.get(job.shortcode) ?? []
  model.versions.set(job.shortcode, versions.includes(job) ? versions : [...versions, job])
}

/** What was written last may not have been written down. */
function closeLastWritten(): Step {
  return new Step('close what was written last', '', (model, world) => {
    const last = world.hrflow.requests.findLast(({ method }) => method === 'PUT')
    const reference = fieldsOf(last?.body)['reference']
    const index = world.workable.jobs.findIndex(({ shortcode }) => shortcode === reference)
    if (index >= 0) touch(model, world, index, { state: 'closed' })
  })
}

function deletion(n: number): Step {
  return new Step('delete', `${n}`, (_, world) => {
    const job = nth(world.workable.jobs, n)
    if (job) world.workable.remove(job.shortcode)
  })
}

function arrival(state: string): Step {
  return new Step('arrive', state, (_, world) => void world.addJob({ state }))
}

function lateCreation(n: number): Step {
  return new Step('late creation on the board', `${n}`, (model, world) => {
    const job = nth(world.workable.jobs, n)
    if (!job || world.hrflow.job(world.board, job.shortcode)) return
    putByHand(model, world, job)
  })
}

/** A job as a person puts it on the board: with other content, and with things that are not ours. */
export function putByHand(model: Model, world: World, job: WorkableFakeJob): void {
  const foreign = { culture: 'by hand', skill: 'mentoring', owner: 'Maria', archived: false }
  const tags = [
    { name: 'owner', value: foreign.owner },
    { name: 'state', value: 'old' },
  ]
  const skills = [{ name: foreign.skill, type: 'soft' as const, value: null }]
  world.hrflow.seed(world.board, {
    reference: job.shortcode,
    name: 'By hand',
    culture: foreign.culture,
    skills,
    tags,
    location: { text: 'Old' },
  })
  model.foreign.set(`${world.board} ${job.shortcode}`, foreign)
}

function foreignEdit(n: number, value: number, archived: boolean): Step {
  return new Step('foreign edit', `${n}`, (model, world) => {
    const job = nth(world.hrflow.jobs(world.board), n)
    if (!job || job.reference === null) return
    const foreign = { culture: `culture ${value}`, skill: `skill ${value}`, owner: `owner ${value}`, archived }
    world.hrflow.edit(world.board, job.reference, {
      culture: foreign.culture,
      skills: [{ name: foreign.skill, value: null, type: null }],
      tags: [...job.tags.filter(({ name }) => name !== 'owner'), { name: 'owner', value: foreign.owner }],
      archived_at: archived ? '2026-11-01T00:00:00+0000' : null,
    })
    model.foreign.set(`${world.board} ${job.reference}`, foreign)
  })
}

/** Never twice the same: what comes back unchanged after two PUTs is taken for HrFlow's own doing. */
function ownedEdit(n: number): Step {
  return new Step('owned edit', `${n}`, (model, world) => {
    const job = nth(world.hrflow.jobs(world.board), n)
    if (!job || job.reference === null) return
    world.hrflow.edit(world.board, job.reference, {
      name: `Edited by hand, ${model.edits++}`,
      requirements: 'By hand',
    })
    model.edited.add(`${world.board} ${job.reference}`)
  })
}

function breaking(n: number): Step {
  return new Step('break or mend a detail', `${n}`, (_, world) => {
    const job = nth(world.workable.jobs, n)
    if (!job) return
    if (!world.broken.delete(job.shortcode)) world.broken.add(job.shortcode)
  })
}

function running(
  kind: string,
  incremental: boolean,
  trouble: (model: Model, world: World) => Trouble,
  shown = '',
  pass = 0,
): Step {
  const mode = incremental ? 'incremental' : 'full'
  return new Step(`${kind}, ${mode}`, shown, async (model, world) => {
    const result = await world.run(incremental, trouble(model, world))
    const ended = result?.reason === 'workflow_already_running' ? 'already running' : (result?.status ?? 'died')
    count(model, `ended: ${ended}`)
    world.clock.pass(pass)
  })
}

export function nth<T>(values: readonly T[], n: number): T | undefined {
  return values.length === 0 ? undefined : values.at(n % values.length)
}

/** What is wrong with the current board, in words; empty: it is as it must be. `healed`: a full run was the last. */
export function complaints(model: Model, world: World, healed: boolean): string[] {
  return world.hrflow.jobs(world.board).flatMap((board) => {
    const job = world.workable.jobs.find(({ shortcode }) => shortcode === board.reference)
    const at = `${world.board} ${String(board.reference)}`
    const foreign = model.foreign.get(at)
    const destroyed = foreign ? lost(board, foreign).map((what) => `${at}: ${what} was lost`) : []
    // A deleted job leaves no trace in Workable's API.
    if (!job) return destroyed
    const inside = world.state === null || job.state === world.state
    if (!inside) return [...destroyed, ...outside(model, board, job, at)]
    if (model.edited.has(at) && !healed) return destroyed
    return [...destroyed, ...differences(board, job).map((what) => `${at}: ${what} is not as in Workable`)]
  })
}

/** A job that left the filter: the board knows that it did, and shows a version that was outside. */
function outside(model: Model, board: HrflowFakeJob, job: WorkableFakeJob, at: string): string[] {
  const state = board.tags.find(({ name }) => name === 'state')?.value
  // Never delivered: not ours to touch.
  if (state === 'old' || model.edited.has(at)) return []
  const left = [...(model.versions.get(job.shortcode) ?? []), job].filter((version) => version.state !== 'published')
  return left.some((version) => differences(board, version).length === 0)
    ? []
    : [`${at}: left the filter, and the board shows ${String(state)}`]
}
