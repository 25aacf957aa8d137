/*
 * Glossary. A Warehouse is a system that holds items (Workable, HrFlow). An Aisle is one Entity of it: a schema, and
 * how it is read and written in each Mode. A Flow moves one entity in one mode from one warehouse to another
 * through a format. A Connector is a warehouse plus its flows; each flow becomes an action. A Read is a listing of
 * references and versions, and a load per item. An item is one of an entity on its way. An item leaves when it is outside the
 * filter, discarded or deleted; a leaving is what is written down of that until, and after, it is archived at the target.
 */
import type { z } from 'zod'
import { DefinitionError } from '../errors.js'
import type { AnyRead, Loaded } from './read.js'
import type { Entity, Warehouse } from './warehouse.js'
import type { AnyWrite, Mode } from './write.js'

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
  /** What is done with an item at `to`. */
  mode: M
  /** What is moved. */
  entity: E
  /** Where items are read. */
  from: From
  /** Where they are written. */
  to: To
  /** How `from` reads the entity in the mode. */
  read: ReadOf<From, E, M>
  /** How `to` writes it. */
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
  const E extends Entity,
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

/** Whether the target follows the origin: what left is archived there, as the push parameters of an update ask for it. */
export function follows({ mode, write }: AnyFlow, push_parameters: Record<string, unknown>): boolean {
  return mode === 'update' && write.leaving?.isOn(push_parameters) === true
}

function isWarehouse(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'aisles' in value && 'connect' in value
}

/** A flow under its documented name, e.g. `update_jobs_in_hrflow`. */
export interface Action {
  /** Unique within its connector. */
  id: string
  /** What it runs. */
  flow: AnyFlow
  /** The connector's own warehouse: its credentials are `connector_auth`. */
  own: { id: string; name: string }
}
