import type { Mode } from './write.js'

/** Something that was looked at before a run, and what to do about it. */
export interface CheckLine {
  /** `token`, `board_key`, ... */
  what: string
  /** `bad`: a run would fail; `warning`: it would do what may not be meant; `unknown`: it cannot be told. */
  verdict: 'good' | 'bad' | 'warning' | 'unknown'
  /** What was found, one or two sentences. */
  said: string
  /** What to do about it, where something can be done. */
  todo?: string
}

/** One side of a flow, as a warehouse's `check` is asked about it: its pull or push parameters, parsed. */
export interface CheckedSide {
  /** As the read's or the write's schema has parsed them. */
  parameters: unknown
  /** The mode of the flow. */
  mode: Mode
  /** What the flow moves, in the singular. */
  entity: string
}
