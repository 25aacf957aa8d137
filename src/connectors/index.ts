import { workable } from './workable/index.js'

/** Every connector, one line each. */
export const registry = {
  Workable: workable,
}
