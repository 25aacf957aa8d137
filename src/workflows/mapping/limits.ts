/** What one evaluation may take. */
export interface ExpressionLimits {
  /** Default 1 s. */
  deadline_ms: number
  /** Calls within calls. */
  depth: number
  /** Characters of a text, entries of a list, and characters of the result. */
  size: number
  /** Of the thread. */
  memory_mb: number
}
