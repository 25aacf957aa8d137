import { z } from 'zod'
import { isRecord } from '../../core/text/json.js'
import { nearest } from '../../core/text/did-you-mean.js'
import { fieldAt, itemOf, type FieldSet, UnknownField } from './fields.js'
import { FUNCTIONS } from './jsonata-functions.js'
import { listOf, type Name, Names, type Reads, readsOf } from './names.js'

/** What is wrong with an expression, and at which character of it. */
export interface Finding {
  message: string
  offset: number
}

/** What can be told of an expression without an item. */
export interface CheckedExpression {
  problems: Finding[]
  /** Probably not what was meant. An unknown field is one for as long as no item has it. */
  warnings: (Finding | UnknownField)[]
  /** Null: it may read any field of the item. */
  reads: Reads | null
}

const LONGEST = 20_000

/** Of which one gives something else each time: an item that never stays the same is written by every run. */
const FICKLE = ['random', 'shuffle', 'now', 'millis']

/** Signs of other languages. */
const HINTS: [sign: string, hint: string][] = [
  ['==', 'JSONata compares with a single =.'],
  ['&&', 'JSONata writes and.'],
  ['||', 'JSONata writes or.'],
  ['!', 'JSONata writes $not(...), and != for unequal.'],
]

const failure = z.object({ code: z.string(), position: z.number(), token: z.unknown().optional() })

type Use = 'mapping' | 'condition'

/**
 * Parses an expression, and looks up the names in it. `fields` are those of the item that it maps, or decides about: by a
 * schema, which also knows what is below them, or by names alone.
 */
export async function checkExpression(
  text: string,
  fields: readonly string[] | z.ZodType | undefined,
  use: Use = 'mapping',
): Promise<CheckedExpression> {
  if (text.length > LONGEST) {
    return { problems: [{ message: `is longer than ${LONGEST} characters.`, offset: 0 }], warnings: [], reads: null }
  }
  const { default: jsonata } = await import('jsonata')
  const item = itemOf(fields)
  const hint = asText(text, item, use)
  try {
    const ast: unknown = jsonata(text).ast()
    const names = new Names(ast, item, (name) => hint ?? `A text stands in double quotes: "${name}".`)
    const warnings = [
      // Of names alone nobody says that they are all.
      ...names.unknown.filter(({ isNear }) => isNear || fields instanceof z.ZodType),
      ...fickle(names, use),
      ...(use === 'condition' ? unequal(ast) : []),
      ...placeholders(text),
    ]
    return { problems: namesProblems(names, hint), warnings, reads: readsOf(ast) }
  } catch (error) {
    const { message, offset } = findingOf(error, text)
    return { problems: [{ message: hinted(message, hint), offset }], warnings: [], reads: null }
  }
}

function findingOf(error: unknown, text: string): Finding {
  const told = failure.safeParse(error)
  // The parser goes into itself for each bracket.
  if (error instanceof RangeError) return { message: 'is nested too deeply.', offset: 0 }
  const said = error instanceof Error ? error.message : String(Reflect.get(Object(error), 'message'))
  if (!told.success) return { message: said.replace(/\.?$/, '.'), offset: 0 }
  const { position, token } = told.data
  const length = typeof token === 'string' && token !== '(end)' ? token.length : 0
  const offset = Math.max(0, Math.min(position - length, text.length))
  const around = text.slice(Math.max(0, offset - 1), offset + 2)
  const hint = HINTS.find(([sign]) => around.includes(sign))
  return { message: [said.replace(/\.?$/, '.'), ...(hint ? [hint[1]] : [])].join(' '), offset }
}

function namesProblems({ variables, called, bound }: Names, hint: string | undefined): Finding[] {
  const known = [...FUNCTIONS, ...bound.keys()]
  return [
    ...variables
      .filter(({ name }) => !known.includes(name))
      .map(({ name, offset }) => {
        const meant = nearest(name, known)
        return { offset, message: `there is no $${name}.${meant === undefined ? '' : ` Did you mean $${meant}?`}` }
      }),
    ...called.map(({ name, offset }) => ({
      offset,
      message: hinted(`a function is called with a dollar: $${name}(...).`, hint),
    })),
  ]
}

function hinted(message: string, hint: string | undefined): string {
  return hint === undefined ? message : `${message} ${hint}`
}

function fickle({ variables }: Names, use: Use): Finding[] {
  const effect = use === 'mapping' ? 'every full run writes every item' : 'each run takes others'
  return variables
    .filter(({ name }) => FICKLE.includes(name))
    .map(({ name, offset }) => ({ offset, message: `$${name} gives something else each time: ${effect}.` }))
}

/** A text that reads like one: YAML has taken its quotes, or it never had any. */
const TEXT = /^[\p{L}\p{N}][\p{L}\p{N}\s.,&/+#:_%()-]{0,59}$/u

/** How the text itself is given where an expression is one by the look of it, and names no field. */
function asText(text: string, item: FieldSet | null, use: Use): string | undefined {
  const plain = text.trim()
  if (use !== 'mapping' || item === null || !TEXT.test(plain)) return undefined
  const words = plain.split(/[^\p{L}\p{N}_]+/u)
  if (words.some((word) => !(fieldAt(item, word, 0, '') instanceof UnknownField))) return undefined
  return `If the text itself is meant, it stands in two pairs of quotes: '"${plain}"'.`
}

/** What stands for a variable elsewhere in the file. */
function placeholders(text: string): Finding[] {
  return [...text.matchAll(/\$\{[A-Za-z_]\w*\}/g)].map(({ 0: name, index }) => ({
    offset: index,
    message: `${name} is taken as it stands: variables are read in the four groups of parameters alone.`,
  }))
}

/**
 * Of a condition, where all of it depends on a `!=`: a field that is not there is unequal to nothing, so the item would be
 * discarded silently. Whoever asks whether the field exists knows.
 */
function unequal(ast: unknown): Finding[] {
  const all = conjunctionOf(ast)
  const asked = new Set(
    all.filter(({ type }) => type === 'function').map((call) => pathOf(listOf(call['arguments'])[0])?.name),
  )
  const compared = all.filter(({ type, value }) => type === 'binary' && value === '!=')
  const fields = compared.flatMap(({ lhs, rhs }) => [pathOf(lhs), pathOf(rhs)]).filter((path) => path !== null)
  return fields
    .filter(({ name }) => !asked.has(name))
    .map(({ name, offset }) => ({
      offset,
      message: `an item without ${name} is discarded too, since != is false then. $not(${name} = ...) takes it.`,
    }))
}

/** The parts that must all hold. */
function conjunctionOf(node: unknown): Record<string, unknown>[] {
  if (!isRecord(node)) return []
  const { type, value, lhs, rhs, expressions } = node
  if (type === 'binary' && value === 'and') return [...conjunctionOf(lhs), ...conjunctionOf(rhs)]
  const [only, more] = listOf(expressions)
  return type === 'block' && more === undefined ? conjunctionOf(only) : [node]
}

/** A path of names alone, as `location.city`. */
function pathOf(node: unknown): Name | null {
  const steps = isRecord(node) && node['type'] === 'path' ? listOf(node['steps']) : []
  const names = steps.map((step) => (isRecord(step) && step['type'] === 'name' ? String(step['value']) : ''))
  const [first] = steps
  if (!isRecord(first) || !names.every((name) => /^[a-z_]\w*$/i.test(name))) return null
  return { name: names.join('.'), offset: Math.max(0, Number(first['position']) - (names[0]?.length ?? 0)) }
}
