import type { z } from 'zod'
import { DefinitionError } from '../errors.js'
import type { HttpPort } from '../ports/http.js'
import type { CheckedSide, CheckLine } from './check.js'
import type { AnyRead } from './read.js'
import type { AnyWrite, Mode } from './write.js'

/** What a warehouse holds of one kind, in the singular: lower-case letters, a part of action ids and of sentences. */
export type Entity = string

/** One entity of a warehouse. */
export interface Aisle {
  /** An item, with the descriptions of its fields. */
  schema: z.ZodType
  /** How items are read, by mode. */
  read?: Partial<Record<Mode, AnyRead>>
  /** How items are written, by mode. */
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
  /** Lower-case letters and digits; a part of action ids and of variables' names. */
  id: string
  /** As people call it. */
  name: string
  /** The credentials: each with `.describe()`, and those that are secret marked by `secret()`. */
  auth: z.ZodObject
  /** For the docs. */
  about?: About
  /** Once per run. Throws `RunError` when the credentials cannot be used. */
  connect(auth: unknown, http: HttpPort): unknown
  /** Tells, line by line, whether a run could use it as this side of a flow. Only reads, with few requests. */
  check?(api: unknown, side: CheckedSide): AsyncIterable<CheckLine>
  /** What it holds, by entity. */
  aisles: Partial<Record<Entity, Aisle>>
}

/**
 * Checks and returns a warehouse; `auth` reaches `connect` as its schema has parsed it, what that returns reaches `check`.
 * Throws `DefinitionError` for an id that is not lower-case letters and digits.
 */
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
