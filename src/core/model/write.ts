import type { z } from 'zod'
import type { Comparison } from '../result/plan.js'
import type { Json } from '../text/json.js'

/** What is done with an item at the target: put there, brought up to date, or archived. */
export type Mode = 'create' | 'update' | 'archive'

/** What a writer is asked to do with one item. */
export interface Delivery<Parameters, Item> {
  /** What the format returned, as the write's schema has parsed it. */
  item: Item
  /** The push parameters, parsed. */
  parameters: Parameters
  /** What the writer returned when this item was last delivered; null when nothing is known. */
  memo: Json
  /** Whether what the writer returns will be there next time. */
  remembers: boolean
  /** This workflow archived the item, and it is inside again; `archived_at` as the target said it, null: not known. */
  archived?: { archived_at: string | null } | undefined
  /** It has left the filter: where the target has it, it is told once more; it is never created. */
  outside?: boolean
}

/** How a delivery ended. */
export interface Written {
  /**
   * `unchanged`: nothing differed, nothing was sent; `not_found`: the target does not have the item; `unarchived`: it was
   * archived by this workflow and is live again, updated or not.
   */
  outcome: 'written' | 'unchanged' | 'not_found' | 'unarchived'
  /** Kept for the next delivery of this item: hashes and names, never content. */
  memo: Json
  /** A sentence for the result's notes, the same for all items it is true of: they are counted. */
  note?: string
}

/** How a target takes items from sight. */
export interface LeavingWrite<Api, Parameters> {
  /** Whether the parameters ask for it. */
  isOn(parameters: Parameters): boolean
  /** Throws `RunError` where it cannot be done. Sends nothing. */
  check(api: Api, parameters: Parameters): void
  /**
   * Archives one item that is live. `announce` is called before it is changed, `announced` says that this was done before:
   * what is archived then is archived by this workflow, as is what bears the `archived_at` of before. Otherwise what is
   * archived is another's (`settled`), as is what is gone.
   */
  archive(
    api: Api,
    parameters: Parameters,
    reference: string,
    how: { announced: boolean; archived_at: string | null; announce(): Promise<void> },
  ): Promise<{ outcome: 'archived' | 'settled'; archived_at: string | null }>
  /** What `archive` would do. Only reads. */
  compare(api: Api, parameters: Parameters, reference: string): Promise<Comparison>
}

/** An item as the target has it. */
export interface Shown {
  archived_at: string | null
  item: unknown
}

/** How the items of an aisle are written in one mode. `schema` is what a format must return. */
export interface Write<Api, Parameters extends z.ZodObject, Schema extends z.ZodType<{ reference: string }>> {
  /** The push parameters: where and how items are written. Each with `.describe()`. */
  parameters: Parameters
  /** What this write does, one sentence for the docs. */
  description?: string
  /** What a format must return. */
  schema: Schema
  /** The parameter that says where items are written, e.g. `board_key`. */
  place: string
  /** Writes one item. Throws `RunError` for what would fail every item alike. The item is not changed. */
  write(api: Api, delivery: Delivery<z.output<Parameters>, z.output<Schema>>): Promise<Written>
  /** What `write` would do, by the same decisions. Only reads. Throws as `write` does. */
  compare?(api: Api, delivery: Delivery<z.output<Parameters>, z.output<Schema>>): Promise<Comparison>
  /** Whether an item takes the place of the stored one, so that what it does not say is lost. Default: they are merged. */
  replaces?(parameters: z.output<Parameters>): boolean
  /** Of a write that can take from sight what left, and bring it back: whether it is asked to, and how it is done. */
  leaving?: LeavingWrite<Api, z.output<Parameters>>
  /** What the target shows of an item: null: it does not have it; `archived_at` null: it is live. Only reads. */
  look?(api: Api, parameters: z.output<Parameters>, reference: string): Promise<Shown | null>
  /** Whether the target has an item by now that it did not have when it was to be written. */
  has?(api: Api, parameters: z.output<Parameters>, reference: string): Promise<boolean>
}

/** A write whose types were checked where it was defined. */
export type AnyWrite = Write<unknown, z.ZodObject, z.ZodType<{ reference: string }>>

/** A write, with its types checked: `schema` is what `write` takes. */
export function write<Api, const Parameters extends z.ZodObject, Schema extends z.ZodType<{ reference: string }>>(
  definition: Write<Api, Parameters, Schema>,
): Write<Api, Parameters, Schema> {
  return definition
}
