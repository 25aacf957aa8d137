import type { ExpressionLimits } from './limits.js'

/** What the thread tells of an evaluation that failed: codes are JSONata's and its own. */
export interface Told {
  code: unknown
  token?: unknown
  argument?: unknown
  said?: string | null
}

/** What a sentence may be made of: parts of the expression, never of the item. */
interface Parts {
  limits: ExpressionLimits
  /** A name or a sign of the expression. */
  token: string | null
  operator: string
  called: string
  argument: string
  said: string | null
}

type Sentence = (parts: Parts) => string

const slow: Sentence = ({ limits }) =>
  `took longer than ${limits.deadline_ms} ms. Look for a recursion or a pattern that does not end.`
const large: Sentence = ({ limits }) =>
  `makes a text or a list of more than ${limits.size.toLocaleString('en')} characters or entries.`
const noNumber: Sentence = () => 'computes a number that does not exist, as a division by zero does.'
const wrongType: Sentence = ({ called, argument }) => `${called}: ${argument} is of the wrong type.`
const notEvaluated: Sentence = () => 'the text that $eval is given cannot be evaluated.'
const notSingle: Sentence = () => '$single does not find exactly one entry.'
const raised: Sentence = ({ said }) => (said === null ? 'ends by $error or $assert.' : `says: ${said}`)

const SENTENCES: Record<string, Sentence> = {
  TIMEOUT: slow,
  D1012: slow,
  D1011: ({ limits }) => `calls itself more than ${limits.depth} levels deep. Look for a recursion that does not end.`,
  ERR_WORKER_OUT_OF_MEMORY: ({ limits }) => `needs more than ${limits.memory_mb} MB of memory.`,
  TOO_LARGE: large,
  D2014: large,
  D2015: large,
  FUNCTION: () => 'returns a function: call it.',
  NO_NUMBER: noNumber,
  D1001: noNumber,
  D3001: noNumber,
  D3060: noNumber,
  D3061: noNumber,
  T2001: ({ operator }) => `the left side of ${operator} is not a number. $number(...) makes one of a text.`,
  T2002: ({ operator }) => `the right side of ${operator} is not a number. $number(...) makes one of a text.`,
  T2009: ({ operator }) => `the two sides of ${operator} are of different types.`,
  T2010: ({ operator }) => `the two sides of ${operator} must be numbers or texts.`,
  D1002: () => 'the sign - stands before something that is not a number.',
  D3030: ({ called }) => `${called} is given something that is not a number.`,
  D3110: () => '$toMillis is given something that is not an ISO 8601 date.',
  T0410: wrongType,
  T0411: wrongType,
  T0412: wrongType,
  T1003: () => 'the key of an object is not a text.',
  T1005: ({ token, called }) => `calls ${token ?? 'something'} without a dollar: write ${called}(...).`,
  T1006: ({ token }) => `calls something that is not a function${token === null ? '' : `: ${token}`}.`,
  D1009: () => 'makes an object in which two keys are the same.',
  D3120: notEvaluated,
  D3121: notEvaluated,
  D3138: notSingle,
  D3139: notSingle,
  D3137: raised,
  D3141: raised,
}

/** Why an expression has no result, as a sentence that holds nothing of the item: JSONata's own messages repeat values. */
export function sentenceOf(told: Told, limits: ExpressionLimits): string {
  const code = isToken(told.code) ? told.code : ''
  const sentence = Object.hasOwn(SENTENCES, code) ? SENTENCES[code] : undefined
  if (!sentence) return `cannot be evaluated for this item${code === '' ? '' : ` (${code})`}.`
  const token = isToken(told.token) ? told.token : null
  return sentence({
    limits,
    token,
    operator: token === null ? 'an operator' : `the operator ${token}`,
    called: token === null ? 'a function' : `$${token.replace(/^\$/, '')}`,
    argument: typeof told.argument === 'number' ? `argument ${told.argument}` : 'an argument',
    said: told.said ?? null,
  })
}

/** An operator, a name or a code: not a value of the item. */
function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^(\$?\w{1,40}|[^\w\s"']{1,3})$/.test(value)
}
