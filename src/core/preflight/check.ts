import { failureOf, guarded, RunError } from '../errors.js'
import type { CheckedSide, CheckLine } from '../model/check.js'
import { connectionLine } from '../model/connection.js'
import type { Action } from '../model/flow.js'
import { checkRequest, groupsOf, secretsIn } from '../model/request.js'
import type { Warehouse } from '../model/warehouse.js'
import type { RequestEvent, Side } from '../ports/events.js'
import type { HttpPort, HttpSession } from '../ports/http.js'
import type { RunPorts } from '../ports/run.js'
import type { Store } from '../ports/store.js'
import { type Redact, redactor, storable } from '../text/redact.js'

/** A line, and which part of the set-up it is about: `Parameters`, `State` or a warehouse's name. */
export interface CheckedLine extends CheckLine {
  /** Which part. */
  about: string
}

/** Whether everything that the action needs was given, and is what it should be. */
export function checkParameters({ flow, own }: Action, input: unknown): CheckedLine[] {
  const checked = checkRequest(flow, groupsOf(flow, own), input)
  const about = 'Parameters'
  if (checked.ok)
    return [{ about, what: 'parameters', verdict: 'good', said: 'Everything that the action needs is given.' }]
  return checked.problems.map(({ path, message }) => ({ about, what: path, verdict: 'bad', said: message }))
}

/** Whether state can be kept, and where. */
export async function checkState(ports: RunPorts): Promise<CheckedLine> {
  const about = { about: 'State', what: 'store' }
  try {
    const { store, lacking } = await guarded(() => ports.open())
    const { error, location = '' } = lacking ?? {}
    if (error) await guarded(() => Promise.reject(error))
    const first = `${location}, version of this program: the first run makes it.`
    if (lacking) return { ...about, verdict: 'good', said: first }
    return { ...about, ...(await guarded(() => describeStore(store))) }
  } catch (error) {
    if (!(error instanceof RunError)) throw error
    const { message, hint } = error
    return { ...about, verdict: 'bad', said: message, ...(hint === undefined ? {} : { todo: hint }) }
  }
}

async function describeStore(store: Store): Promise<Omit<CheckLine, 'what'>> {
  const { location, schema_version } = await store.summary()
  const said = `${location}, version ${schema_version}.`
  if (store.remembers && store.kind !== 'memory') return { verdict: 'good', said }
  if (store.remembers) return { verdict: 'warning', said: `${said} It is lost when the process ends.` }
  return {
    verdict: 'warning',
    said: 'Nothing is kept between runs.',
    todo: 'Name a place to keep state in HRFLOW_CONNECTORS_STATE.',
  }
}

/** Asks both services whether a run could use them. Never writes. A side whose parameters are wrong is not asked. */
export async function* checkSides(action: Action, input: unknown, ports: RunPorts): AsyncGenerator<CheckedLine> {
  const { flow, own } = action
  const groups = groupsOf(flow, own)
  const given = (name: string): unknown =>
    typeof input === 'object' && input !== null ? Reflect.get(input, name) : undefined
  const { http } = await ports.open()
  const sides = [
    { side: 'origin', warehouse: flow.from, auth: given(groups.origin_auth), schema: flow.read.parameters },
    { side: 'target', warehouse: flow.to, auth: given(groups.target_auth), schema: flow.write.parameters },
  ] as const
  for (const { side, warehouse, auth, schema } of sides) {
    const about = { about: warehouse.name }
    const credentials = warehouse.auth.safeParse(auth)
    const parameters = schema.safeParse(given(side === 'origin' ? 'pull_parameters' : 'push_parameters') ?? {})
    if (!credentials.success || !parameters.success) {
      yield {
        ...about,
        what: 'requests',
        verdict: 'unknown',
        said: 'No request was sent: parameters of this side are missing or wrong.',
      }
      continue
    }
    const secrets = secretsIn(flow, { origin_auth: {}, target_auth: {}, [`${side}_auth`]: credentials.data })
    const checker = new SideCheck(warehouse, side, redactor([...secrets, ...(ports.secrets ?? [])]))
    const asked = { parameters: parameters.data, mode: flow.mode, entity: flow.entity }
    for await (const line of checker.lines(credentials.data, asked, http, ports)) yield { ...about, ...line }
  }
}

/** Of one side: what its warehouse finds, and what the answers told of the budget. */
class SideCheck {
  readonly #warehouse: Warehouse
  readonly #side: Side
  readonly #redact: Redact
  readonly #events: RequestEvent[] = []

  constructor(warehouse: Warehouse, side: Side, redact: Redact) {
    this.#warehouse = warehouse
    this.#side = side
    this.#redact = (text) => storable(redact(text))
  }

  async *lines(
    auth: unknown,
    asked: CheckedSide,
    http: (session: HttpSession) => HttpPort,
    { signal = new AbortController().signal }: RunPorts,
  ): AsyncGenerator<CheckLine> {
    const observe = (event: RequestEvent) => void this.#events.push(event)
    const session = { side: this.#side, redact: this.#redact, waits: signal, requests: signal, observe }
    try {
      const api = this.#warehouse.connect(auth, http(session))
      if (!this.#warehouse.check) yield { what: 'requests', verdict: 'unknown', said: 'This service has no check.' }
      else for await (const line of this.#warehouse.check(api, asked)) yield this.#redacted(line)
    } catch (error) {
      yield this.#redacted(
        connectionLine(error) ?? { what: 'requests', verdict: 'bad', said: failureOf(error, 'list').message },
      )
    }
    const budget = budgetLine(this.#events)
    if (budget !== null) yield budget
  }

  #redacted({ what, verdict, said, todo }: CheckLine): CheckLine {
    const shown = { what, verdict, said: this.#redact(said) }
    return todo === undefined ? shown : { ...shown, todo: this.#redact(todo) }
  }
}

/** The limit as the answers told it, and whether more of it is used than these requests account for. */
export function budgetLine(events: readonly RequestEvent[]): CheckLine | null {
  const told = events.flatMap(({ budget }) => budget ?? [])
  const last = told.at(-1)
  if (last === undefined) return null
  // Those since `remaining` rose last are in the same slot.
  let ours = 1
  for (let at = told.length - 1; (told[at]?.remaining ?? 0) < (told[at - 1]?.remaining ?? 0); at--) ours += 1
  const others = Math.max(0, last.limit - last.remaining - ours)
  const said = `${last.limit} requests per slot, ${last.remaining} left in this one.`
  if (others === 0) return { what: 'rate limit', verdict: 'good', said: `${said} Nobody else is using this limit now.` }
  const used = `${said} ${others} went to somebody else: another program, or a command that ran a moment ago.`
  if (others <= last.limit / 4) return { what: 'rate limit', verdict: 'good', said: used }
  return {
    what: 'rate limit',
    verdict: 'warning',
    said: used,
    todo: 'A run waits for what is left. If that takes too long, let the other programs run at other times.',
  }
}
