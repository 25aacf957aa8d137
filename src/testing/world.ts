import type { Dispatcher } from 'undici'
import { isLoopback } from '../http/base-url.js'
import { messageOf } from '../core/errors.js'
import { groupsOf, secretNames } from '../core/model/request.js'
import type { Action } from '../core/model/flow.js'
import type { Listed, Unlisted } from '../core/model/read.js'
import type { RunResult } from '../core/result/result.js'
import { isRecord } from '../core/text/json.js'
import type { HrflowFake } from '../connectors/fakes.js'
import type { RuntimeOptions } from '../runtime/options.js'
import { buildPorts } from '../runtime/ports.js'
import { runAction } from '../runtime/run.js'
import { startSandbox } from '../sandbox/index.js'
import { MemoryStore } from '../stores/memory.js'
import { FastClock } from './fast-clock.js'
import { type Asked, type Front, startFront } from './front.js'

/** A stand-in of a service, as an author serves it: a real HTTP server. */
export interface StandIn {
  /** The base URL that a connector is given for it, e.g. `http://127.0.0.1:4711/v1`. It may hold `{subdomain}`. */
  url: string
  /** Stops it. Default: nothing to stop. */
  close?(): unknown
}

/** What a check works with. */
export interface Setup {
  action: Action
  auth: Record<string, unknown>
  pull_parameters: Record<string, unknown>
  references: readonly string[]
  start: (holds: 'items' | 'nothing') => StandIn | Promise<StandIn>
}

/** What a list said, and which requests it took. */
export interface Read {
  entries: Listed<unknown>[]
  unlisted: Unlisted[]
  /** Of the list alone. */
  asked: Asked[]
}

/** Both services for one check, on this machine, with a clock that does not wait. */
export interface World {
  front: Front
  hrflow: HrflowFake
  board_key: string
  secrets: string[]
  clock: FastClock
  /** One run of the action. `shown`: all that it has said to anybody. */
  run(parameters?: Record<string, unknown>, runtime?: RuntimeOptions): Promise<{ result: RunResult; shown: string }>
  /** The list alone, as the connector reads it. Throws what it throws. */
  list(): Promise<Read>
  /** One item alone. Throws what `load` throws. */
  load(listed: Listed<unknown>): Promise<Asked[]>
  /** Whether an item has arrived on the board, or is archived there where that is what the action does. */
  isDelivered(reference: string): boolean
  /** Parameters of a call that works. */
  parameters: Record<string, unknown>
  runtime: RuntimeOptions
}

/** So that a check ends soon where nothing helps. */
const LIMITS = { max_attempts: 3, attempt_timeout_ms: 5_000 }

/** A list that asks for the same so often goes round in a circle. */
const CIRCLE = 4

/** Opens a world, lets `check` use it, and closes it whatever happens. */
export async function inWorld(
  setup: Setup,
  holds: 'items' | 'nothing',
  check: (world: World) => Promise<void>,
): Promise<void> {
  const closing: (() => unknown)[] = []
  try {
    const clock = new FastClock()
    closing.push(() => clock.close())
    const now = () => clock.now()
    const standIn = await setup.start(holds)
    closing.push(() => standIn.close?.())
    const front = await startFront(standIn.url, now)
    closing.push(() => front.close())
    const sandbox = await startSandbox({ hrflow: { now } })
    closing.push(() => sandbox.close())
    const strayed: string[] = []
    const dispatcher = clock.dispatcher.compose((dispatch) => keptHere(dispatch, strayed))
    const base_urls = { [setup.action.own.id]: front.url, hrflow: sandbox.hrflow_url }
    const runtime = { clock, dispatcher, base_urls, http: LIMITS, store: new MemoryStore({ clock }) }
    const world = worldOf(setup, { clock, front, runtime, hrflow: sandbox.hrflow, board_key: sandbox.board_key })
    let thrown: unknown
    try {
      await check(world)
    } catch (error) {
      thrown = error
    }
    // What the check found follows from these.
    if (strayed[0] !== undefined) throw leftFor(strayed[0], setup)
    if (front.failure !== null) throw new Error(`The stand-in at ${standIn.url} gave no answer: ${front.failure}`)
    if (thrown !== undefined) throw thrown instanceof Error ? thrown : new Error(messageOf(thrown))
  } finally {
    for (const close of closing.reverse()) await close()
  }
}

function leftFor(origin: string, { action }: Setup): Error {
  const { id } = action.own
  return new Error(
    `A request went to ${origin}, not to the stand-in: take the address from http.baseUrl('${id}', ...).`,
  )
}

type Dispatch = Dispatcher['dispatch']

/** Nothing leaves this machine. */
function keptHere(dispatch: Dispatch, strayed: string[]): Dispatch {
  return (options, handler) => {
    const origin = String(options.origin)
    if (isLoopback(new URL(origin))) return dispatch(options, handler)
    strayed.push(origin)
    throw new Error(`${origin} is not on this machine.`)
  }
}

type Parts = Pick<World, 'clock' | 'front' | 'hrflow' | 'board_key' | 'runtime'>

function worldOf(setup: Setup, parts: Parts): World {
  const { action, pull_parameters } = setup
  const { flow } = action
  const { front, hrflow, board_key, runtime } = parts
  const creates = 'on_missing' in flow.write.parameters.shape ? { on_missing: 'create' } : {}
  const parameters = {
    workflow_id: 'conformance',
    [groupsOf(flow, action.own).origin_auth]: setup.auth,
    [groupsOf(flow, action.own).target_auth]: { api_secret: hrflow.api_secret, api_user: hrflow.api_user },
    pull_parameters,
    push_parameters: { board_key, ...creates },
    logics: null,
  }
  if (flow.mode === 'archive') for (const reference of setup.references) hrflow.seed(board_key, { reference })
  const marked = secretNames(flow.from.auth)
  const api = once(async () => {
    const { http } = await buildPorts(runtime, {}, { incremental: false, action }).open()
    const { signal } = new AbortController()
    const session = { side: 'origin', redact: (text: string) => text, waits: signal, requests: signal } as const
    return flow.from.connect(flow.from.auth.parse(setup.auth), http({ ...session, observe: () => undefined }))
  })
  return {
    ...parts,
    parameters,
    secrets: Object.entries(setup.auth).flatMap(([name, value]) =>
      marked.includes(name) && typeof value === 'string' ? [value] : [],
    ),
    async run(more = {}, changes = {}) {
      const said: unknown[] = []
      const say = (fields: unknown, message: unknown) => said.push(fields, message)
      const result = await runAction(
        action,
        { ...parameters, ...more },
        {
          ...runtime,
          observer: (event) => said.push(event),
          logger: { debug: say, info: say, warn: say, error: say },
          ...changes,
        },
      )
      return { result, shown: JSON.stringify([result, said]) }
    },
    isDelivered(reference) {
      const job = hrflow.job(board_key, reference)
      return flow.mode === 'archive' ? (job?.archived_at ?? null) !== null : job !== undefined
    },
    list: async () => listed(setup, await api(), front),
    async load(entry) {
      const from = front.requests.length
      await flow.read.load(await api(), entry)
      return front.requests.slice(from)
    },
  }
}

async function listed({ action, pull_parameters }: Setup, api: unknown, front: Front): Promise<Read> {
  const { read } = action.flow
  const from = front.requests.length
  const found: (Listed<unknown> | Unlisted)[] = []
  for await (const { entries } of read.list(api, read.parameters.parse(pull_parameters))) {
    found.push(...entries)
    const asked = front.requests.slice(from).map(({ key }) => key)
    const circle = asked.find((key) => asked.filter((other) => other === key).length >= CIRCLE)
    if (circle !== undefined) throw new Error(`The list does not end: "${circle}" was asked ${CIRCLE} times.`)
  }
  return {
    entries: found.flatMap((entry) => ('problem' in entry ? [] : [entry])),
    unlisted: found.flatMap((entry) => ('problem' in entry ? [entry] : [])),
    asked: front.requests.slice(from),
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}

/** What an error and its causes say. */
export function saidBy(thrown: unknown): string[] {
  if (!isRecord(thrown)) return typeof thrown === 'string' ? [thrown] : []
  const own = [thrown['message'], thrown['hint']].filter((said) => typeof said === 'string')
  return [...own, ...saidBy(thrown['cause'])]
}
