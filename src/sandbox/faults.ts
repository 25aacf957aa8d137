import { mulberry32 } from '../connectors/fakes.js'

/** The stand-ins that a sandbox serves. */
export type Service = 'workable' | 'hrflow'

/** A request as rules see it. `path` is the part below the service's base URL, such as `/jobs/1A2B3C4D5E`. */
export interface SandboxRequest {
  service: Service
  /** The subdomain that a request to Workable names; null in one to HrFlow. */
  account: string | null
  method: string
  path: string
  query: Record<string, string>
  body: string
}

/** A network that takes its time. Half of it passes before the request reaches the service, half after. */
export interface Latency {
  ms: number
  /** Up to this much more, evenly spread and seeded. Default: 0. */
  jitter_ms?: number
  /** Default: both services. */
  service?: Service
  /** Exact path, or a pattern. Default: every path. */
  route?: string | RegExp
}

/**
 * What goes wrong:
 * - a status: answered in place of the service (JSON, unless `headers` say otherwise)
 * - `close`: the socket is destroyed before the service sees the request
 * - `close_after`: the service handles the request, then the socket is destroyed
 * - `hang`: no answer until the sandbox closes
 * - `half_body`: the service's answer, cut in the middle
 * - `html`: 200 with a page, and the service does not see the request
 * - `wrong_media_type`: the service's answer as `text/plain`
 * - `gzip`: the service's answer, packed
 * - `too_large`: 200 with a body that does not end
 */
export type FaultAnswer =
  | { status: number; body?: string; headers?: Record<string, string> }
  | 'close'
  | 'close_after'
  | 'hang'
  | 'half_body'
  | 'html'
  | 'wrong_media_type'
  | 'gzip'
  | 'too_large'

/** A rule for requests that go wrong. Conditions that are left out match everything. */
export interface Fault {
  service?: Service
  method?: string
  /** Exact path below the service's base URL, or a pattern. */
  path?: string | RegExp
  when?: (request: SandboxRequest) => boolean
  /** This many matching requests pass first. Default: 0. */
  skip?: number
  /** The rule is used up after this many faults. Default: never. */
  times?: number
  /** Chance that a matching request goes wrong, 0 to 1; seeded. Default: 1. */
  probability?: number
  answer: FaultAnswer
}

/** The rules of a sandbox, tried in the order they were added. */
export class Faults {
  private readonly rules = new Set<{ fault: Fault; seen: number; fired: number }>()
  private readonly random: () => number

  constructor(faults: readonly Fault[], seed: number) {
    this.random = mulberry32(seed)
    for (const fault of faults) this.add(fault)
  }

  /** Returns what removes the rule again. */
  add(fault: Fault): () => void {
    const rule = { fault, seen: 0, fired: 0 }
    this.rules.add(rule)
    return () => void this.rules.delete(rule)
  }

  /** What goes wrong with this request, if anything: the first rule that fires. */
  next(request: SandboxRequest): FaultAnswer | undefined {
    for (const rule of this.rules) {
      const { fault } = rule
      if (rule.fired >= (fault.times ?? Infinity) || !matches(fault, request)) continue
      rule.seen += 1
      if (rule.seen <= (fault.skip ?? 0)) continue
      if (fault.probability !== undefined && this.random() >= fault.probability) continue
      rule.fired += 1
      return fault.answer
    }
    return undefined
  }
}

/** How long half the way takes for this request, in milliseconds. */
export function halfWay(latency: readonly Latency[], request: SandboxRequest, random: () => number): number {
  const found = latency.find(({ service, route }) => isFor(service, request) && isAt(route, request))
  return found ? (found.ms + random() * (found.jitter_ms ?? 0)) / 2 : 0
}

function matches({ service, method, path, when }: Fault, request: SandboxRequest): boolean {
  if (!isFor(service, request) || !isAt(path, request)) return false
  if (method !== undefined && method.toUpperCase() !== request.method) return false
  return when?.(request) ?? true
}

const isFor = (service: Service | undefined, request: SandboxRequest) =>
  service === undefined || service === request.service

/** `search` starts at the beginning each time, also with a pattern that is global. */
function isAt(path: string | RegExp | undefined, request: SandboxRequest): boolean {
  if (path === undefined) return true
  return typeof path === 'string' ? path === request.path : request.path.search(path) >= 0
}
