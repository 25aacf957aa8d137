import type { z } from 'zod'
import { ItemError } from '../errors.js'
import { problemsOf } from '../text/validation.js'
import type { RunContext } from './context.js'

/** What of a run the mapping needs. */
type Means = Pick<RunContext, 'flow' | 'request' | 'cancellation' | 'tap'>

/** What the caller's logics make of an item, one after another; null: it is discarded. */
export async function applyLogics({ flow, request, cancellation }: Means, loaded: unknown): Promise<unknown> {
  let item = loaded
  for (const [index, logic] of request.logics.entries()) {
    item = await cancellation.unlessCut(call(logic, item))
    if (item === null) return null
    if (typeof item !== 'object') {
      const code = item === undefined ? 'logics_undefined' : 'logics_invalid'
      throw new ItemError(
        code,
        `logics[${index}] returned ${typeof item}: return the ${flow.entity}, or null to discard it.`,
      )
    }
  }
  return item
}

/** The item as the target takes it: by the caller's format, or the flow's own. */
export async function format(
  { flow, request, cancellation, tap }: Means,
  item: unknown,
  reference: string,
): Promise<{ reference: string }> {
  const formatted = await cancellation.unlessCut(request.format ? call(request.format, item) : flow.format(item))
  tap?.formatted(reference, formatted)
  const parsed = flow.write.schema.safeParse(formatted)
  if (!parsed.success) throw badFormat(parsed.error, formatted, flow.write.schema)
  const wrong = notJson(parsed.data)
  if (wrong !== null) {
    const where = wrong.length === 0 ? 'the item' : wrong.join('.')
    throw new ItemError('format_not_json', `format returned something that JSON has no form for at ${where}.`)
  }
  return parsed.data
}

/** Calls a user's function: its parameters were checked to be functions, its types where it was written. */
export function call(fn: (...args: never[]) => unknown, ...args: unknown[]): unknown {
  return Reflect.apply(fn, undefined, args)
}

function badFormat(error: z.ZodError, formatted: unknown, schema: z.ZodType): ItemError {
  const problems = error.issues.flatMap((issue) => problemsOf(issue, formatted, schema)).slice(0, 3)
  const said = problems.map(({ path, message }) => `${path === 'parameters' ? 'the item' : path}: ${message}`).join(' ')
  return new ItemError('format_invalid', `format returned an item that cannot be written. ${said}`)
}

/** The path to the first value that JSON would lose or refuse (NaN, a function, a cycle), or null. */
function notJson(value: unknown, above: object[] = []): string[] | null {
  if (value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean') return null
  if (typeof value === 'number') return Number.isFinite(value) ? null : []
  if (typeof value !== 'object' || above.includes(value) || above.length > 100) return []
  const shown =
    Array.isArray(value) || ['[object Object]', '[object Date]'].includes(Object.prototype.toString.call(value))
  if (!shown) return []
  above.push(value)
  for (const key of Object.keys(value)) {
    const wrong = notJson(Reflect.get(value, key), above)
    if (wrong !== null) return [key, ...wrong]
  }
  above.pop()
  return null
}
