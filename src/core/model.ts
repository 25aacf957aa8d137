/*
 * Glossary. A Warehouse is a system that holds jobs or profiles (Workable, HrFlow). An Aisle is one Entity of it: a
 * schema, and how it is read and written in each Mode. A Flow moves one entity in one mode from one warehouse to another
 * through a format. A Connector is a warehouse plus its flows; each flow becomes an action. A Read is a listing of
 * references and versions, and a load per item. An item is one job or profile on its way.
 */
import type { z } from 'zod'
import { DefinitionError } from './errors.js'
import type { CheckedSide, CheckLine } from './check.js'
import type { Comparison } from './plan.js'
import type { HttpPort, Json } from './ports.js'

export type Mode = 'create' | 'update' | 'archive'
export type Entity = 'job' | 'profile'

/** One listed item: cheap to get. `entry` is what the list says of it. */
export interface Listed<Entry> {
  reference: string
  /** By what `find` finds it again, where that is not the reference. */
  id: string | null
  /** Changes when the item does; null when the service gives none. */
  version: string | null
  /** When it was read, by the service's clock, epoch milliseconds. */
  read_at: number
  entry: Entry
}

/** Something on the list that cannot be read: it is counted, and the listing goes on. */
export interface Unlisted {
  reference: string | null
  problem: Error
  counts_as: 'read_failure' | 'list_failure'
}

/** A part of a list, as the service gave it. */
export interface ListPage<Entry> {
  entries: (Listed<Entry> | Unlisted)[]
  /**
   * When it was asked for, by the service's clock, epoch milliseconds; null when it does not tell its time. What changes
   * after the first page was asked for is listed next time.
   */
  asked_at?: number | null
}

/** An item in full. */
export interface Whole<Item> {
  item: Item
  /** Fields that the service gave in a form that cannot be read, each as `location` or `salary.salary_from`: they are told. */
  unread?: readonly string[]
}

/** The whole item, and when it was read. */
export interface Loaded<Item> extends Whole<Item> {
  /** When it was read, by the service's clock, epoch milliseconds. */
  read_at: number
  /** At which version, where the item tells; another one than was listed: it changed in between. */
  version?: string | null
  /** A sentence for the result's notes where the item reaches the writer, the same for all items it is true of. */
  note?: string
}

/** How the items of an aisle are read in one mode. The pipeline skips, loads concurrently, counts and keeps the cursor. */
export interface Read<Api, Parameters extends z.ZodObject, Entry, Item> {
  parameters: Parameters
  /** What this read does, one sentence for the docs. */
  description?: string
  /** The parameter that asks for items changed after a moment: makes the read incremental. */
  since?: string
  /**
   * Yields what there is, page by page; the first has `asked_at` where `since` is given. Throws `RunError` for what
   * concerns the whole run and `ListError` when the list cannot be read to its end.
   */
  list(api: Api, parameters: z.output<Parameters>): AsyncIterable<ListPage<Entry>>
  /** One item as the list has it, whatever the filters; null when it is there no longer. */
  find?(api: Api, known: { reference: string; id: string | null }): Promise<Listed<Entry> | null>
  /** Filters that an item may leave when it changes: an incremental run lists without them, and asks here instead. */
  leaving?: { parameters: readonly string[]; includes(entry: Entry, parameters: z.output<Parameters>): boolean }
  /** The whole item. Throws `GoneError` when it was deleted after it was listed. */
  load(api: Api, listed: Listed<Entry>): Promise<Loaded<Item>>
  /**
   * Versions are instants that the service cuts to a grain: an item read less than this long after its version may have
   * changed since without showing it. Default 0: a version never hides a change.
   */
  settles_after_ms?: number
  /** Parts of an item that only `load` brings and that are kept in state, so that an unchanged item is not loaded again. */
  cache?: DetailCache<Api, Entry, Item>
}

export interface DetailCache<Api, Entry, Item> {
  /** Whose items these are. */
  account(api: Api): string
  /** What to keep of an item that was loaded: small, and nothing of persons. Null: it is loaded again next time. */
  keep(item: Item, listed: Listed<Entry>): { version: string; detail: Json } | null
  /** The whole item from its list entry and what was kept, or null when it must be loaded. */
  restore(listed: Listed<Entry>, detail: Json): Whole<Item> | null
}

/** What a writer is asked to do with one item. */
export interface Delivery<Parameters, Item> {
  item: Item
  parameters: Parameters
  /** What the writer returned when this item was last delivered; null when nothing is known. */
  memo: Json
  /** Whether what the writer returns will be there next time. */
  remembers: boolean
}

export interface Written {
  outcome: 'written' | 'unchanged' | 'not_found'
  /** Kept for the next delivery of this item: hashes and names, never content. */
  memo: Json
  /** A sentence for the result's notes, the same for all items it is true of: they are counted. */
  note?: string
}

/** How the items of an aisle are written in one mode. `schema` is what a format must return. */
export interface Write<Api, Parameters extends z.ZodObject, Schema extends z.ZodType<{ reference: string }>> {
  parameters: Parameters
  description?: string
  schema: Schema
  /** The parameter that says where items are written, e.g. `board_key`. */
  place: string
  /** Writes one item. Throws `RunError` for what would fail every item alike. The item is not changed. */
  write(api: Api, delivery: Delivery<z.output<Parameters>, z.output<Schema>>): Promise<Written>
  /** What `write` would do, by the same decisions. Only reads. Throws as `write` does. */
  compare?(api: Api, delivery: Delivery<z.output<Parameters>, z.output<Schema>>): Promise<Comparison>
  /** Whether the target has an item by now that it did not have when it was to be written. */
  has?(api: Api, parameters: z.output<Parameters>, reference: string): Promise<boolean>
}

type AnyRead = Read<unknown, z.ZodObject, unknown, unknown>
type AnyWrite = Write<unknown, z.ZodObject, z.ZodType<{ reference: string }>>

/** One entity of a warehouse. */
export interface Aisle {
  schema: z.ZodType
  read?: Partial<Record<Mode, AnyRead>>
  write?: Partial<Record<Mode, AnyWrite>>
}

/** What a connector's page says of a system: one sentence or more each, Markdown. */
export interface About {
  /** How to get each of the credentials. */
  credentials: readonly string[]
  /** What its API cannot do, or does otherwise than one would think. */
  limits: readonly string[]
}

/** A system that holds items. Inert data: nothing happens before a run connects to it. */
export interface Warehouse {
  id: string
  name: string
  auth: z.ZodObject
  /** For the docs. */
  about?: About
  /** Once per run. Throws `RunError` when the credentials cannot be used. */
  connect(auth: unknown, http: HttpPort): unknown
  /** Tells, line by line, whether a run could use it as this side of a flow. Only reads, with few requests. */
  check?(api: unknown, side: CheckedSide): AsyncIterable<CheckLine>
  aisles: Partial<Record<Entity, Aisle>>
}

/** A read, with its types checked: entries of `list` are what `load` takes. */
export function read<Api, const Parameters extends z.ZodObject, Entry, Item>(
  definition: Read<Api, Parameters, Entry, Item>,
): Read<Api, Parameters, Entry, Item> {
  return definition
}

/** A write, with its types checked: `schema` is what `write` takes. */
export function write<Api, const Parameters extends z.ZodObject, Schema extends z.ZodType<{ reference: string }>>(
  definition: Write<Api, Parameters, Schema>,
): Write<Api, Parameters, Schema> {
  return definition
}

/** Checks and returns a warehouse; `auth` reaches `connect` as its schema has parsed it, what that returns reaches `check`. */
export function defineWarehouse<
  const Id extends string,
  const Auth extends z.ZodObject,
  const Aisles extends Partial<Record<Entity, Aisle>>,
  Api,
>(definition: {
  id: Id
  name: string
  auth: Auth
  about?: About
  connect(auth: z.output<Auth>, http: HttpPort): Api
  check?(api: NoInfer<Api>, side: CheckedSide): AsyncIterable<CheckLine>
  aisles: Aisles
}): Omit<Warehouse, 'id' | 'auth' | 'aisles'> & { id: Id; auth: Auth; aisles: Aisles } {
  if (!/^[a-z][a-z0-9]*$/.test(definition.id))
    throw new DefinitionError(`Warehouse id "${definition.id}" must be lower-case letters and digits.`)
  return { ...definition, connect: (auth, http) => definition.connect(definition.auth.parse(auth), http) }
}

/** What a warehouse's aisle yields when it is read in a mode; never when it is not readable in it. */
export type ItemOf<W, E extends Entity, M extends Mode> = W extends {
  aisles: Record<E, { read: Record<M, { load(...args: never[]): Promise<Loaded<infer Item>> }> }>
}
  ? Item
  : never

type ReadOf<W, E extends Entity, M extends Mode> = W extends {
  aisles: Record<E, { read: Record<M, infer R extends AnyRead> }>
}
  ? R
  : never

type WriteOf<W, E extends Entity, M extends Mode> = W extends {
  aisles: Record<E, { write: Record<M, infer T extends AnyWrite> }>
}
  ? T
  : never

/** A warehouse that can be read for an entity in a mode. */
export type Readable<E extends Entity, M extends Mode> = Warehouse & { aisles: Record<E, { read: Record<M, AnyRead> }> }
/** A warehouse that can be written for an entity in a mode. */
export type Writable<E extends Entity, M extends Mode> = Warehouse & {
  aisles: Record<E, { write: Record<M, AnyWrite> }>
}

/**
 * A loose object's type by its documented keys alone: a misspelt one does not compile, whatever passes at run time. A record
 * has no documented keys, and takes any.
 */
export type Known<T> = T extends readonly (infer Entry)[]
  ? Known<Entry>[]
  : T extends object
    ? keyof KnownKeys<T> extends never
      ? T
      : KnownKeys<T>
    : T

type KnownKeys<T> = { [Key in keyof T as string extends Key ? never : Key]: Known<T[Key]> }

/** Turns an item read into an item to write. Pure, and may be async. */
export type Format<Item, Formatted> = (item: Item) => Formatted | Promise<Formatted>

/** One entity in one mode from one warehouse to another. */
export interface Flow<
  M extends Mode = Mode,
  E extends Entity = Entity,
  From extends Warehouse = Warehouse,
  To extends Warehouse = Warehouse,
> {
  mode: M
  entity: E
  from: From
  to: To
  read: ReadOf<From, E, M>
  write: WriteOf<To, E, M>
  /** The default format. */
  format: Format<ItemOf<From, E, M>, z.input<WriteOf<To, E, M>['schema']>>
  /** Changes when the default format's output does: items delivered by an older one are delivered again. */
  format_version: string
}

/** A flow as the pipeline runs it: the types are checked where it is defined, and by the schemas at run time. */
export interface AnyFlow {
  mode: Mode
  entity: Entity
  from: Warehouse
  to: Warehouse
  read: AnyRead
  write: AnyWrite
  format(item: unknown): unknown
  format_version: string
}

/** Puts a flow together; throws `DefinitionError` where an aisle is missing or not readable or writable in the mode. */
export function flow<
  M extends Mode,
  E extends Entity,
  From extends Readable<E, M>,
  To extends Writable<E, M>,
>(definition: {
  mode: M
  entity: E
  from: From
  to: To
  format: NoInfer<Format<ItemOf<From, E, M>, z.input<WriteOf<To, E, M>['schema']>>>
  format_version: string
}): Flow<M, E, From, To> {
  const { mode, entity, from, to } = definition
  if (!isWarehouse(from) || !isWarehouse(to)) throw new DefinitionError('A flow needs two warehouses: from and to.')
  // JavaScript callers get here what the types refuse: the lookups may find nothing.
  const readable = (from as Warehouse).aisles[entity]?.read?.[mode]
  const writable = (to as Warehouse).aisles[entity]?.write?.[mode]
  if (!readable) throw new DefinitionError(`${from.name} has no ${entity} aisle that is readable in ${mode} mode.`)
  if (!writable) throw new DefinitionError(`${to.name} has no ${entity} aisle that is writable in ${mode} mode.`)
  return { ...definition, read: readable as ReadOf<From, E, M>, write: writable as WriteOf<To, E, M> }
}

function isWarehouse(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'aisles' in value && 'connect' in value
}
