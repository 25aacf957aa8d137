import type { z } from 'zod'
import { DefinitionError } from '../errors.js'
import type { EventCounters } from '../result/counters.js'
import type { RunResult } from '../result/result.js'
import type { Action, AnyFlow, Format, ItemOf, Known } from './flow.js'
import type { Entity, Warehouse } from './warehouse.js'
import type { Mode } from './write.js'

/** What kind of system a connector leads to, as `manifest.json` has it. */
export type ConnectorType = 'ATS' | 'CRM' | 'HCM' | 'AUTOMATION' | 'JOBBOARD' | 'CLASSIFIEDADS' | 'OTHER'

/** A warehouse and its flows. Inert data; `callable` gives it its methods. */
export interface Connector<Flows extends readonly object[] = readonly object[]> {
  /** The warehouse's. */
  id: string
  /** The warehouse's. */
  name: string
  /** What kind of system it leads to. */
  type: ConnectorType
  /** Address of a square picture, 34 to 150 pixels wide; empty when there is none. */
  logo: string
  /** The system that it connects. */
  warehouse: Warehouse
  /** One for each flow, in their order. */
  actions: Action[]
  /** As they were given: the types of the methods follow from them. */
  flows: Flows
}

/** Puts a connector together; throws `DefinitionError` when two flows have one name or a flow is not this warehouse's. */
export function defineConnector<const Flows extends readonly object[]>(definition: {
  warehouse: Warehouse
  flows: Flows & readonly FlowLike[]
  /** Default: `OTHER`. */
  type?: ConnectorType
  /** Default: none. */
  logo?: string
}): Connector<Flows> {
  const { warehouse, flows, type = 'OTHER', logo = '' } = definition
  const actions: Action[] = []
  for (const flow of flows) {
    if (!isFlow(flow)) throw new DefinitionError(`A flow of ${warehouse.name} is not one that flow() has made.`)
    if (flow.from.id !== warehouse.id && flow.to.id !== warehouse.id) {
      throw new DefinitionError(`A flow of ${warehouse.name} moves items from ${flow.from.name} to ${flow.to.name}.`)
    }
    const id = actionId(flow)
    if (actions.some((action) => action.id === id))
      throw new DefinitionError(`${warehouse.name} has two flows named ${id}.`)
    actions.push({ id, flow: flow as AnyFlow, own: warehouse })
  }
  return { id: warehouse.id, name: warehouse.name, type, logo, warehouse, actions, flows }
}

function isFlow(flow: object): boolean {
  return ['read', 'write', 'format', 'from', 'to'].every((name) => Reflect.get(flow, name) !== undefined)
}

/** What `flow()` returns, as far as its place in a connector goes: the pipeline takes its functions as they are. */
type FlowLike = Omit<AnyFlow, 'format'>

/** `update_jobs_in_hrflow`. */
export function actionId(flow: FlowLike): string {
  return `${flow.mode}_${flow.entity}s_in_${flow.to.id}`
}

/** `update_jobs_in_hrflow` -> `updateJobsInHrflow`. */
export function methodName(id: string): string {
  return id.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** What the types of an action follow from. */
export interface TypedFlow {
  mode: Mode
  entity: Entity
  from: { id: string; auth: z.ZodType }
  to: { id: string; auth: z.ZodType }
  read: { parameters: z.ZodType }
  write: { parameters: z.ZodType; schema: z.ZodType }
}

type MethodName<F extends TypedFlow> = `${F['mode']}${Capitalize<F['entity']>}sIn${Capitalize<F['to']['id']>}`

type Inbound<F extends TypedFlow> = F['to']['id'] extends 'hrflow' ? true : false
type OwnSide<F extends TypedFlow> = Inbound<F> extends true ? F['from'] : F['to']
type HrflowSide<F extends TypedFlow> = Inbound<F> extends true ? F['to'] : F['from']

/** A function called with each item in turn: returns the item, changed or not, or null to discard it. */
export type Logic<Item> = (item: Item) => Item | null | Promise<Item | null>

/** Called once, after the writes, with the items that were written or found unchanged. */
export type Callback<Pull, Push, Formatted> = (
  origin_parameters: Pull,
  target_parameters: Push,
  events: EventCounters,
  items: Formatted[],
) => unknown

/** An item by its documented fields. */
type Item<F extends TypedFlow> = Known<ItemOf<F['from'], F['entity'], F['mode']>>

/** The parameters of an action, by their documented names. */
export interface ActionParameters<F extends TypedFlow> {
  /** A stable identifier: what is remembered from run to run is kept under it. */
  workflow_id: string
  /** Credentials of the connector's own side. They are sent to its host only, and appear in no result, error or log. */
  connector_auth: z.input<OwnSide<F>['auth']>
  /** Credentials of HrFlow.ai, likewise. */
  hrflow_auth: z.input<HrflowSide<F>['auth']>
  /** Which items are read. Unknown names and values that cannot be right make the run fatal before any request. */
  pull_parameters?: z.input<F['read']['parameters']> | null | undefined
  /** Where and how items are written. */
  push_parameters: z.input<F['write']['parameters']>
  /**
   * Functions called in sequence with each item read; `null` for none. Each returns the item, or null to discard it. One with a
   * property `details: 'list'` needs what the list tells alone: an item whose details are read later does not wait for it.
   */
  logics: readonly Logic<Item<F>>[] | null
  /**
   * Turns an item read into an item to write. Default: the connector's own. When a property `version` of the function
   * changes, everything is delivered again, as for logics; `details: 'list'` means what it means there.
   */
  format?: Format<Item<F>, Known<z.input<F['write']['schema']>>> | null | undefined
  /** Called once after the writes. */
  callback?:
    | Callback<
        z.output<F['read']['parameters']>,
        z.output<F['write']['parameters']>,
        Known<z.output<F['write']['schema']>>
      >
    | null
    | undefined
  /** False: a dry run, which reads and formats and writes nothing. Default true. */
  persist?: boolean | undefined
  /** True: only what changed since the last incremental run. Default false. */
  incremental?: boolean | undefined
}

type MethodsOf<Flows extends readonly object[], Runtime> = {
  /**
   * Runs the action: read, logics, format, write, callback. Returns a `RunResult` whatever a service, a function of
   * yours or a parameter does; throws only for a programming error. Without a runtime a default one is made.
   */
  [F in Extract<Flows[number], TypedFlow> as MethodName<F>]: (
    parameters: ActionParameters<F>,
    runtime?: Runtime,
  ) => Promise<RunResult>
}

/** A connector with a typed method per action. */
export type CallableConnector<Flows extends readonly object[], Runtime> = Connector<Flows> & MethodsOf<Flows, Runtime>

/** Gives a connector its methods; `start` runs an action with a caller's runtime, or with the default one. */
export function callable<const Flows extends readonly object[], Runtime>(
  connector: Connector<Flows>,
  start: (action: Action, parameters: unknown, runtime: Runtime | undefined) => Promise<RunResult>,
): CallableConnector<Flows, Runtime> {
  const methods = connector.actions.map((action) => [
    methodName(action.id),
    (parameters: unknown, runtime?: Runtime) => start(action, parameters, runtime),
  ])
  // The names and the parameters' types follow from the flows; the schemas check both at run time.
  return { ...connector, ...Object.fromEntries(methods) } as CallableConnector<Flows, Runtime>
}
