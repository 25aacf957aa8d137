import { isRecord } from '../../core/text/json.js'
/** Where something stands in a file; both count from 1. */
export interface Position {
  line: number
  column: number
}

/** Steps from the top of a file to something in it. */
export type Path = readonly (string | number)[]

/** What a file holds, and where. */
export interface Source {
  /** As it is shown to a person: from the working directory, where it is below. */
  name: string
  /** Absolute. */
  path: string
  value: unknown
  /**
   * Where the value at a path begins, or its key; of what is not there, where it would be. `offset` counts characters
   * within a text. Null where the file has no places, as a program has none.
   */
  place(path: Path, side?: 'key' | 'value', offset?: number | null): Position | null
  /** The line there with a mark below; null without places. */
  frame(place: Position): string | null
  /** Whether `${...}` may stand in a part of a text: in a program a text may come from anywhere, and is left as it is. */
  written: boolean
}

/** A map of a file; null for anything else. */
export function mapOf(value: unknown): Record<string, unknown> | null {
  return isRecord(value) ? value : null
}

/** Something wrong that was found in a file. */
export interface Found {
  message: string
  place: Position | null
}
