import type { Json } from './json.js'

/** A part of a value, and where it is. */
export interface Field {
  path: string
  value: Json
}

/** Objects field by field, named entries by their names, all other lists as they are. */
export function fieldsOf(value: Json, path = ''): Field[] {
  if (Array.isArray(value)) {
    const named = value.map(nameAndRest)
    return value.length > 0 && named.every((entry) => entry !== null)
      ? named.map(([name, said]) => ({ path: `${path}.${name}`, value: said }))
      : [{ path, value }]
  }
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return [{ path, value }]
  return Object.entries(value).flatMap(([key, part]) => fieldsOf(part, path === '' ? key : `${path}.${key}`))
}

/** `{ name, value }` and `{ name, title, description }` as HrFlow has them: a name, and what is said under it. */
function nameAndRest(entry: Json): [string, Json] | null {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return null
  const { name, ...rest } = entry
  if (typeof name !== 'string') return null
  const said = Object.entries(rest).filter(([key, part]) => !isEmpty(part) && !(key === 'title' && part === name))
  const [only] = said
  return [name, said.length === 1 && only ? only[1] : Object.fromEntries(said)]
}

/** Whether it holds nothing. */
export function isEmpty(value: Json): boolean {
  if (value === null || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}
