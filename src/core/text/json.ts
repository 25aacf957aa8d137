/** A value that JSON has a form for. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

/** A map of JSON: an object that is neither null nor a list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
