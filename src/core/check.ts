import { failureOf, guarded, HttpError, messageOf, RunError } from './errors.js'
import type { Mode, Warehouse } from './model.js'
import { checkRequest, groupsOf, secretsIn } from './parameters.js'
import type { HttpPort, HttpSession, RequestEvent, RunPorts, Side, Store } from './ports.js'
import { redactor, storable, type Redact } from './redact.js'
import type { Action } from './run.js'

/** Something that was looked at before a run, and what to do about it. */
export interface CheckLine {
  /** `token`, `board_key`, ... */
  what: string
  /** `bad`: a run would fail; `warning`: it would do what may not be meant; `unknown`: it cannot be told. */
  verdict: 'good' | 'bad' | 'warning' | 'unknown'
  /** What was found, one or two sentences. */
  said: string
  /** What to do about it, where something can be done. */
  todo?: string
}

/** One side of a flow, as a warehouse's `check` is asked about it: its pull or push parameters, parsed. */
export interface CheckedSide {
  parameters: unknown
  mode: Mode
}

/** A line, and which part of the set-up it is about: `Parameters`, `State` or a warehouse's name. */
export interface CheckedLine extends CheckLine {
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
    const asked = { parameters: parameters.data, mode: flow.mode }
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

const PROXY_CREDENTIALS = 'Give them with the address of the proxy: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT.'

const PROXY = 'Where the network asks for a proxy, name it in HTTPS_PROXY.'

/** Why a service cannot be reached, as a line; null for an answer of the service itself. */
export function connectionLine(error: unknown): CheckLine | null {
  if (!(error instanceof HttpError)) return null
  const bad = (said: string, todo: string): CheckLine => ({ what: 'reachable', verdict: 'bad', said, todo })
  switch (error.kind) {
    case 'network':
      return networkLine(codeOf(error.cause), bad)
    case 'timeout':
      return bad('No answer in time.', `Check the network and its firewall. ${PROXY}`)
    case 'blocked':
      return blockedLine(error, bad)
    case 'redirect':
    case 'not_json':
      return bad(
        `Something else answered: ${error.message}`,
        'Check the address. A proxy or a firewall may answer in place of the service.',
      )
    case 'status':
      return statusLine(error, bad)
    default:
      return bad(error.message, error.hint ?? '')
  }
}

type Bad = (said: string, todo: string) => CheckLine

/** The credentials were not looked at: nothing is said of them. */
function blockedLine(error: HttpError, bad: Bad): CheckLine {
  if (error.status === 407) return bad('A proxy asks for credentials (407).', PROXY_CREDENTIALS)
  return bad(
    `Something in between answered: ${error.message}`,
    'Check the network: a proxy, a firewall, a login page or a challenge of a CDN answers in place of the service. The credentials were not looked at.',
  )
}

function networkLine(code: string, bad: Bad): CheckLine {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return bad(
      `The host name of the service cannot be resolved (DNS, ${code}).`,
      'Check the address, and that this machine can resolve host names.',
    )
  }
  if (/CERT|SSL|TLS|SIGNATURE|EPROTO/.test(code)) {
    return bad(
      `A secure connection could not be made (TLS, ${code}).`,
      'Check the clock of this machine. Where a proxy opens connections, name its certificate in NODE_EXTRA_CA_CERTS.',
    )
  }
  if (code === 'ECONNREFUSED')
    return bad(`Nothing listens there (${code}).`, 'Check the address, and whether the service is up.')
  const shown = code === '' ? '' : ` (${code})`
  return bad(`The connection failed or broke${shown}.`, `Check the network and its firewall. ${PROXY}`)
}

function statusLine(error: HttpError, bad: Bad): CheckLine | null {
  const { status } = error
  if (status === 429) {
    return {
      what: 'rate limit',
      verdict: 'bad',
      said: 'The service refused request after request (429): others use up the limit of this account.',
      todo: 'Find the other programs that use a token of this account, then check again.',
    }
  }
  return status !== null && status >= 500 ? bad(error.message, error.hint ?? '') : null
}

/** The code of what lies at the bottom of a network error. */
function codeOf(cause: unknown): string {
  for (let at = cause, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'string' && at.code !== '') return at.code
  }
  return /certificate/i.test(messageOf(cause)) ? 'CERT' : ''
}
