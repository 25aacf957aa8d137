import type { ExpressionLimits } from './evaluator.js'

/** What the thread tells of an evaluation that failed: codes are JSONata's and its own. */
export interface Told {
  code: unknown
  token?: unknown
  argument?: unknown
  said?: string | null
}

/** Why an expression has no result, as a sentence that holds nothing of the item: JSONata's own messages repeat values. */
export function sentenceOf(told: Told, limits: ExpressionLimits): string {
  const token = isToken(told.token) ? told.token : null
  const operator = token === null ? 'an operator' : `the operator ${token}`
  const called = token === null ? 'a function' : `$${token.replace(/^\$/, '')}`
  const argument = typeof told.argument === 'number' ? `argument ${told.argument}` : 'an argument'
  switch (told.code) {
    case 'TIMEOUT':
    case 'D1012':
      return `took longer than ${limits.deadline_ms} ms. Look for a recursion or a pattern that does not end.`
    case 'D1011':
      return `calls itself more than ${limits.depth} levels deep. Look for a recursion that does not end.`
    case 'ERR_WORKER_OUT_OF_MEMORY':
      return `needs more than ${limits.memory_mb} MB of memory.`
    case 'TOO_LARGE':
    case 'D2014':
    case 'D2015':
      return `makes a text or a list of more than ${limits.size.toLocaleString('en')} characters or entries.`
    case 'FUNCTION':
      return 'returns a function: call it.'
    case 'NO_NUMBER':
    case 'D1001':
    case 'D3001':
    case 'D3060':
    case 'D3061':
      return 'computes a number that does not exist, as a division by zero does.'
    case 'T2001':
      return `the left side of ${operator} is not a number. $number(...) makes one of a text.`
    case 'T2002':
      return `the right side of ${operator} is not a number. $number(...) makes one of a text.`
    case 'T2009':
      return `the two sides of ${operator} are of different types.`
    case 'T2010':
      return `the two sides of ${operator} must be numbers or texts.`
    case 'D1002':
      return 'the sign - stands before something that is not a number.'
    case 'D3030':
      return `${called} is given something that is not a number.`
    case 'D3110':
      return '$toMillis is given something that is not an ISO 8601 date.'
    case 'T0410':
    case 'T0411':
    case 'T0412':
      return `${called}: ${argument} is of the wrong type.`
    case 'T1003':
      return 'the key of an object is not a text.'
    case 'T1005':
      return `calls ${token ?? 'something'} without a dollar: write ${called}(...).`
    case 'T1006':
      return `calls something that is not a function${token === null ? '' : `: ${token}`}.`
    case 'D1009':
      return 'makes an object in which two keys are the same.'
    case 'D3120':
    case 'D3121':
      return 'the text that $eval is given cannot be evaluated.'
    case 'D3138':
    case 'D3139':
      return '$single does not find exactly one entry.'
    case 'D3137':
    case 'D3141':
      return typeof told.said === 'string' ? `says: ${told.said}` : 'ends by $error or $assert.'
    default:
      return `cannot be evaluated for this item${isToken(told.code) ? ` (${told.code})` : ''}.`
  }
}

/** An operator, a name or a code: not a value of the item. */
function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^(\$?\w{1,40}|[^\w\s"']{1,3})$/.test(value)
}
