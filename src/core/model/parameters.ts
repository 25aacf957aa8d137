import { z } from 'zod'

/** Marks a parameter as secret: it is kept out of logs, errors, docs' examples and stored state. */
export function secret<T extends z.ZodType>(schema: T): T {
  return schema.meta({ ...schema.meta(), secret: true })
}

/** Marks a parameter that names a person: it appears in no log, error or stored state either. */
export function personal<T extends z.ZodType>(schema: T): T {
  return schema.meta({ ...schema.meta(), personal: true })
}

/** A text that is not empty. */
export function requiredText(): z.ZodString {
  return z.string().trim().min(1, { abort: true })
}

export type Callable = (...args: never[]) => unknown

/** Something worth reading about a part of a mapping, or of a condition. */
export interface Told {
  /** Which part, as `format.fields.name`. */
  what: string
  said: string
}

/** What a function noticed of the items that it was given in a run. */
export interface Watch {
  /** Shows it an item that it is not given. */
  look(item: unknown): void
  /** Sentences. Of what gave nothing it tells when at least so many items were seen, of the rest with the first one; 0: in any case. */
  told(least: number): Told[]
}

/** Under which a function keeps its watch: not to be mistaken for a property of a caller's own. */
export const WATCH = Symbol('watch')
