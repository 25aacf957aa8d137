import { z } from 'zod'
import { isRecord } from '../../core/text/json.js'
import { nearest } from '../../core/text/did-you-mean.js'

/** A place in an item, and what is known of the values there. */
export interface FieldSet {
  path: readonly string[]
  schema: unknown
}

/** A field that the schema of the item does not know. Items may have it all the same: schemas are lenient. */
export class UnknownField {
  readonly message: string
  readonly offset: number
  readonly #path: readonly string[]
  readonly #isNear: boolean

  constructor(path: readonly string[], offset: number, said: { message: string; isNear: boolean }) {
    this.#path = path
    this.offset = offset
    this.message = said.message
    this.#isNear = said.isNear
  }

  /** Whether the message names the field that was probably meant. */
  get isNear(): boolean {
    return this.#isNear
  }

  isIn(item: unknown): boolean {
    return has(item, this.#path)
  }
}

function has(value: unknown, [name, ...rest]: readonly string[]): boolean {
  if (name === undefined) return value !== undefined
  if (Array.isArray(value)) return value.some((entry) => has(entry, [name, ...rest]))
  return isRecord(value) && Object.hasOwn(value, name) && has(value[name], rest)
}

/** The schema of an item; of names alone what is below them is not known. */
export function itemOf(fields: readonly string[] | z.ZodType | undefined): FieldSet | null {
  if (fields === undefined) return null
  const schema =
    fields instanceof z.ZodType ? fields : z.looseObject(Object.fromEntries(fields.map((name) => [name, z.unknown()])))
  return { path: [], schema }
}

/**
 * The place of a field below another place, or what is said of one that is not there; null where nothing is known. As in
 * JSONata a list stands for its entries. Of a field of the item itself `otherwise` ends the sentence where no name was
 * probably meant.
 */
export function fieldAt(
  place: FieldSet,
  name: string,
  offset: number,
  otherwise: string,
): FieldSet | UnknownField | null {
  const path = [...place.path, name]
  const schema = bare(place.schema)
  if (isSingle(schema)) {
    const message = `the item has no field ${shown(path)}: ${shown(place.path)} has nothing below it.`
    return new UnknownField(path, offset, { message, isNear: true })
  }
  if (!(schema instanceof z.ZodObject)) return null
  const shape: Record<string, unknown> = schema.shape
  if (Object.hasOwn(shape, name)) return { path, schema: shape[name] }
  const meant = meantBy(place.path, name, shape)
  const others = place.path.length === 0 ? otherwise : `Known: ${Object.keys(shape).join(', ')}.`
  const hint = meant === undefined ? others : `Did you mean ${shown(meant)}?`
  const message = [`the item has no field ${shown(path)}.`, hint].join(' ').trim()
  return new UnknownField(path, offset, { message, isNear: meant !== undefined })
}

/** A name that is near, or one of that name further down. */
function meantBy(path: readonly string[], name: string, shape: Record<string, unknown>): readonly string[] | undefined {
  const near = nearest(name, Object.keys(shape))
  if (near !== undefined) return [...path, near]
  const below = Object.keys(shape).find((key) => {
    const inner = bare(shape[key])
    return inner instanceof z.ZodObject && Object.hasOwn(inner.shape, name)
  })
  return below === undefined ? undefined : [...path, below, name]
}

/** As it is written in JSONata. */
function shown(path: readonly string[]): string {
  return path.map((name) => (/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) ? name : `\`${name}\``)).join('.')
}

/** A value without parts. */
function isSingle(schema: unknown): boolean {
  if (schema instanceof z.ZodUnion) return schema.options.every((option) => isSingle(bare(option)))
  return [z.ZodString, z.ZodStringFormat, z.ZodNumber, z.ZodBoolean, z.ZodEnum, z.ZodLiteral, z.ZodNull].some(
    (kind) => schema instanceof kind,
  )
}

/** What values are when they are there; of a list, its entries. */
function bare(schema: unknown): unknown {
  if (schema instanceof z.ZodArray) return bare(schema.element)
  // What is prepared before it is parsed is known by what comes out.
  if (schema instanceof z.ZodPipe) return bare(schema.in instanceof z.ZodTransform ? schema.out : schema.in)
  const isWrapped =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodCatch ||
    schema instanceof z.ZodDefault
  return isWrapped ? bare(schema.unwrap()) : schema
}
