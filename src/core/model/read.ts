import type { z } from 'zod'
import type { Json } from '../text/json.js'

/** One listed item: cheap to get. `entry` is what the list says of it. */
export interface Listed<Entry> {
  /** The origin's id of the item, by which the target knows it too: the same in every run. */
  reference: string
  /** By what `find` finds it again, where that is not the reference. */
  id: string | null
  /** Changes when the item does; null when the service gives none. */
  version: string | null
  /** When it was read, by the service's clock, epoch milliseconds. */
  read_at: number
  /** For `load`, and whatever else is told of the item by the list alone. */
  entry: Entry
}

/** Something on the list that cannot be read: it is counted, and the listing goes on. */
export interface Unlisted {
  /** Null where it cannot be told. */
  reference: string | null
  /** Its message is shown, with the reference. */
  problem: Error
  /** `read_failure`: an item that is there; `list_failure`: nobody knows what it is. */
  counts_as: 'read_failure' | 'list_failure'
}

/** A part of a list, as the service gave it. */
export interface ListPage<Entry> {
  /** In the order of the service. */
  entries: (Listed<Entry> | Unlisted)[]
  /**
   * When it was asked for, by the service's clock, epoch milliseconds; null when it does not tell its time. What changes
   * after the first page was asked for is listed next time.
   */
  asked_at?: number | null
}

/** An item in full. */
export interface Whole<Item> {
  /** What logics and the format are given. */
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

/**
 * When the parts of an item are read that only `load` brings. `with`: before it is delivered; `after`: it is delivered by its
 * list entry, and again, whole, once all are; `without`: never.
 */
export type Details = 'with' | 'after' | 'without'

/** Lets an item be delivered by its list entry alone, where a load is dear. */
export interface PartialRead<Entry, Item> {
  /** What the parameters ask for. */
  details(parameters: Record<string, unknown>): Details
  /** Fields of the item that only `load` brings: conditions and mappings that name one of them wait for it. */
  lacks: readonly string[]
  /**
   * The item as far as its entry tells: what only `load` brings is undefined, and stays at the target as it is. Null where the
   * entry tells too little: the item is loaded at once. What its details may say otherwise it does not empty, unless `final`:
   * none will come.
   */
  item(listed: Listed<Entry>, final: boolean): Whole<Item> | null
}

/** How the items of an aisle are read in one mode. The pipeline skips, loads concurrently, counts and keeps the cursor. */
export interface Read<Api, Parameters extends z.ZodObject, Entry, Item> {
  /** The pull parameters: which items are read. Each with `.describe()`. */
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
  /**
   * One page of all there is, from above an id on (null: from the beginning), whatever the filters: the ids on it, and up to
   * which id it goes; null: to the end. Lets deleted items be found.
   */
  page?(api: Api, after: string | null): Promise<{ ids: string[]; last: string | null }>
  /** Filters that an item may leave when it changes: an incremental run lists without them, and asks here instead. */
  leaving?: { parameters: readonly string[]; includes(entry: Entry, parameters: z.output<Parameters>): boolean }
  /** The whole item. Throws `GoneError` when it was deleted after it was listed. */
  load(api: Api, listed: Listed<Entry>): Promise<Loaded<Item>>
  /**
   * Versions are instants that the service cuts to a grain: an item read less than this long after its version may have
   * changed since without showing it. Default 0: a version never hides a change.
   */
  settles_after_ms?: number
  /** Lets an item be delivered before it is loaded. */
  partial?: PartialRead<Entry, Item>
  /** Parts of an item that only `load` brings and that are kept in state, so that an unchanged item is not loaded again. */
  cache?: DetailCache<Api, Entry, Item>
}

/** What is kept of items between runs, so that those that have not changed cost no request of their own. */
export interface DetailCache<Api, Entry, Item> {
  /** Whose items these are. */
  account(api: Api): string
  /** What to keep of an item that was loaded: small, and nothing of persons. Null: it is loaded again next time. */
  keep(item: Item, listed: Listed<Entry>): { version: string; detail: Json } | null
  /** The whole item from its list entry and what was kept, or null when it must be loaded. */
  restore(listed: Listed<Entry>, detail: Json): Whole<Item> | null
}

/** A read whose types were checked where it was defined. */
export type AnyRead = Read<unknown, z.ZodObject, unknown, unknown>

/** A read, with its types checked: entries of `list` are what `load` takes. */
export function read<Api, const Parameters extends z.ZodObject, Entry, Item>(
  definition: Read<Api, Parameters, Entry, Item>,
): Read<Api, Parameters, Entry, Item> {
  return definition
}
