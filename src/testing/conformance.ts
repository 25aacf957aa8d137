import type { z } from 'zod'
import { DefinitionError } from '../core/errors.js'
import type { Connector, TypedFlow } from '../core/model/connector.js'
import { checkInput, secretNames } from '../core/model/request.js'
import { isRecord } from '../core/text/json.js'
import {
  describesItself,
  endsOnUnauthorized,
  failsAlone,
  goesOn,
  readsPagesOnce,
  roundTrips,
  takesNothing,
  tellsBefore,
  waitsWhenTold,
} from './checks.js'
import type { Setup, StandIn } from './world.js'

/** The flows of a connector, for their types. */
type FlowOf<Flows extends readonly object[]> = Extract<Flows[number], TypedFlow>

/** How a connector is tried. */
export interface ConformanceOptions<Auth, Pull> {
  /**
   * Starts a stand-in of the service, a real HTTP server: with `items` it has those of `references`, on two pages at least;
   * with `nothing` its list is empty. It is started anew for each check, and closed after it.
   */
  start: (holds: 'items' | 'nothing') => StandIn | Promise<StandIn>
  /** Credentials that the stand-in accepts. Secret ones have eight characters at least, so that they can be looked for. */
  auth: Auth
  /** The reference of every item that the stand-in has with `items`: three at least. */
  references: readonly string[]
  /** Which items are read. Default: none given. */
  pull_parameters?: Pull
  /** The action that is tried, by its id, such as `update_jobs_in_hrflow`. Default: the connector's first one. */
  action?: string
}

/** One check. */
export interface Check {
  /** Stable, for programs that leave one out. */
  id: CheckId
  /** A sentence about the behaviour that is right. */
  name: string
  /** Resolves when it is so; rejects with an error that says what is wrong. Waits for no rate limit, and needs no network. */
  run: () => Promise<void>
}

/** The checks, by their ids. */
export type CheckId =
  | 'describes_itself'
  | 'paging'
  | 'rate_limit'
  | 'unauthorized'
  | 'nothing'
  | 'broken_item'
  | 'round_trip'
  | 'incremental'
  | 'check_hook'

/**
 * The checks that every connector passes, for any test runner:
 *
 * ```ts
 * for (const { name, run } of conformance(tinyats, { start, auth, references })) test(name, run)
 * ```
 *
 * Each one starts the stand-in, a server in front of it that lets things go wrong, and a stand-in of HrFlow. A connector
 * whose read has no `since`, or whose warehouse has no `check`, gets no check for it. Throws `DefinitionError` when it
 * cannot be tried so: an unknown action, one that does not lead to HrFlow, or options as they must not be.
 */
export function conformance<const Flows extends readonly object[]>(
  connector: Connector<Flows>,
  options: ConformanceOptions<
    z.input<FlowOf<Flows>['from']['auth']>,
    z.input<FlowOf<Flows>['read']['parameters']> | undefined
  >,
): Check[] {
  const setup = setupOf(connector, options)
  const { read, from } = setup.action.flow
  const check = (id: CheckId, name: string, run: (setup: Setup) => void | Promise<void>): Check => ({
    id,
    name: `${setup.action.id}: ${name}`,
    run: async () => run(setup),
  })
  return [
    check('describes_itself', 'says what it is: names, descriptions, parameters and secrets', describesItself),
    check('paging', 'asks for every page once, and lists every item once', readsPagesOnce),
    check('rate_limit', 'waits as long as a 429 says, and loses nothing', waitsWhenTold),
    check('unauthorized', 'ends as a clear fatal on a 401, and shows no secret', endsOnUnauthorized),
    check('nothing', 'is a success with nothing where the list is empty', takesNothing),
    check('broken_item', 'lets a broken item fail alone, by its reference', failsAlone),
    check('round_trip', 'writes what it reads, and nothing in a second run', roundTrips),
    ...(read.since === undefined ? [] : [check('incremental', 'goes on where the last run was', goesOn)]),
    ...(from.check ? [check('check_hook', 'tells before a run whether one would work', tellsBefore)] : []),
  ]
}

/** Shorter ones are parts of words. */
const SHORTEST_SECRET = 8

const isShort = (secret: unknown) => typeof secret === 'string' && secret.length < SHORTEST_SECRET

/** What was given, where a run would take it. */
function given(group: string, schema: z.ZodObject, value: unknown = {}): Record<string, unknown> {
  const checked = checkInput(schema, value)
  if ('data' in checked && isRecord(value)) return value
  const problems = 'data' in checked ? [] : checked.problems
  const said = problems.map(({ path, message }) => `${path}: ${message}`).join(' ')
  throw new DefinitionError(`conformance: ${group}: ${said || 'expected an object.'}`)
}

function setupOf(connector: Connector, options: ConformanceOptions<unknown, unknown>): Setup {
  const { name, actions } = connector
  const { start, references, pull_parameters, action: id = actions[0]?.id } = options
  const action = actions.find((one) => one.id === id)
  if (!action) throw new DefinitionError(`conformance: ${name} has no action ${id ?? ''}.`)
  const { flow } = action
  if (flow.to.id !== 'hrflow') throw new DefinitionError(`conformance: ${action.id} does not lead to HrFlow.`)
  if (new Set(references).size < 3)
    throw new DefinitionError('conformance: `references` must name three items at least.')
  const auth = given('auth', flow.from.auth, options.auth)
  const short = secretNames(flow.from.auth).find((secret) => isShort(auth[secret]))
  if (short !== undefined)
    throw new DefinitionError(`conformance: auth.${short} must have ${SHORTEST_SECRET} characters at least.`)
  return {
    action,
    auth,
    references,
    start,
    pull_parameters: given('pull_parameters', flow.read.parameters, pull_parameters),
  }
}
