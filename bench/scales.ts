/** Where a value stands on an axis, from 0 to 1, and the values that are written at it. */
export interface Scale {
  at: (value: number) => number
  ticks: number[]
}

/** From 0 to the next multiple of `step`. */
export function linear(values: readonly number[], step: number): Scale {
  const last = Math.ceil(Math.max(...values, step) / step)
  return { at: (value) => value / (last * step), ticks: Array.from({ length: last + 1 }, (_, index) => index * step) }
}

/** Whole powers of ten. Every value must be above 0. */
export function logarithmic(values: readonly number[]): Scale {
  const [first, last] = [Math.floor(Math.log10(Math.min(...values))), Math.ceil(Math.log10(Math.max(...values)))]
  return {
    at: (value) => (Math.log10(value) - first) / Math.max(1, last - first),
    ticks: Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index)),
  }
}

/** Where the powers of ten begin after 0. */
export const BREAK = 0.2

/** Whole powers of ten, and before them 0 at a place of its own, as no logarithm reaches it. */
export function logarithmicAfterZero(values: readonly number[]): Scale {
  const { at, ticks } = logarithmic(values.filter((value) => value > 0))
  return { at: (value) => (value === 0 ? 0 : BREAK + (1 - BREAK) * at(value)), ticks: [0, ...ticks] }
}
