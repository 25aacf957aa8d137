import { z } from 'zod'
import { nearest } from '../core/nearest.js'

/** What is wrong with an expression, and at which character of it. */
export interface Finding {
  message: string
  offset: number
}

/** What can be told of an expression without an item. */
export interface CheckedExpression {
  problems: Finding[]
  /** Probably not what was meant. */
  warnings: Finding[]
}

const LONGEST = 20_000

/** JSONata's own functions. */
export const FUNCTIONS = (
  'sum count max min average string substring substringBefore substringAfter lowercase uppercase length trim pad match ' +
  'contains replace split join formatNumber formatBase formatInteger parseInteger number floor ceil round abs sqrt power ' +
  'random boolean not map zip filter single reduce sift keys lookup append exists spread merge reverse each error assert ' +
  'type sort shuffle distinct base64encode base64decode encodeUrlComponent encodeUrl decodeUrlComponent decodeUrl eval ' +
  'toMillis fromMillis clone now millis'
).split(' ')

/** Of which one gives something else each time: a job that never stays the same is written by every run. */
const FICKLE = ['random', 'shuffle', 'now', 'millis']

/** Signs of other languages. */
const HINTS: [sign: string, hint: string][] = [
  ['==', 'JSONata compares with a single =.'],
  ['&&', 'JSONata writes and.'],
  ['||', 'JSONata writes or.'],
  ['!', 'JSONata writes $not(...), and != for unequal.'],
]

const failure = z.object({ code: z.string(), position: z.number(), token: z.unknown().optional() })

/** Parses an expression, and looks up the names in it. `fields` are those of the item that it maps, or decides about. */
export async function checkExpression(
  text: string,
  fields: string[],
  use: 'mapping' | 'condition' = 'mapping',
): Promise<CheckedExpression> {
  if (text.length > LONGEST) {
    return { problems: [{ message: `is longer than ${LONGEST} characters.`, offset: 0 }], warnings: [] }
  }
  const { default: jsonata } = await import('jsonata')
  try {
    const ast: unknown = jsonata(text).ast()
    const names = new Names(ast)
    const warnings = [
      ...names.warnings(fields, use),
      ...(use === 'condition' ? unequal(ast) : []),
      ...placeholders(text),
    ]
    return { problems: names.problems(), warnings }
  } catch (error) {
    return { problems: [findingOf(error, text)], warnings: [] }
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

interface Name {
  name: string
  offset: number
}

/** The names in a parsed expression, by what they name. */
class Names {
  readonly #variables: Name[] = []
  readonly #called: Name[] = []
  readonly #fields: Name[] = []
  readonly #bound = new Set(FUNCTIONS)

  constructor(ast: unknown) {
    this.#visit(ast, true)
  }

  problems(): Finding[] {
    const variables = this.#variables.filter(({ name }) => !this.#bound.has(name))
    return [
      ...variables.map(({ name, offset }) => {
        const meant = nearest(name, [...this.#bound])
        return { offset, message: `there is no $${name}.${meant === undefined ? '' : ` Did you mean $${meant}?`}` }
      }),
      ...this.#called.map(({ name, offset }) => ({
        offset,
        message: `a function is called with a dollar: $${name}(...).`,
      })),
    ]
  }

  warnings(fields: string[], use: 'mapping' | 'condition'): Finding[] {
    const misspelt = this.#fields.flatMap(({ name, offset }) => {
      const meant = fields.includes(name) ? undefined : nearest(name, fields)
      return meant === undefined ? [] : [{ offset, message: `the item has no field ${name}. Did you mean ${meant}?` }]
    })
    const fickle = this.#variables.filter(({ name }) => FICKLE.includes(name))
    const said = ({ name, offset }: Name) => ({
      offset,
      message: `$${name} gives something else each time: ${use === 'mapping' ? 'every full run writes every job' : 'each run takes others'}.`,
    })
    return [...misspelt, ...fickle.map(said)]
  }

  /** `ofItem`: names stand for fields of the item itself, not of something in it. */
  #visit(node: unknown, ofItem: boolean): void {
    if (Array.isArray(node)) for (const part of node) this.#visit(part, ofItem)
    if (!isRecord(node)) return
    const { type } = node
    this.#bind(node)
    if (type === 'variable') this.#note(this.#variables, node, 1)
    if (type === 'function' && this.#isBareCall(node)) this.#visit(node['arguments'], ofItem)
    else if (type === 'path') this.#visitSteps(node, ofItem)
    else {
      for (const [key, part] of Object.entries(node))
        this.#visit(
          part,
          ofItem && !['stages', 'predicate', 'group', 'body', 'pattern', 'update', 'delete'].includes(key),
        )
    }
  }

  #visitSteps(path: Record<string, unknown>, ofItem: boolean): void {
    const { steps, ...rest } = path
    for (const [index, step] of listOf(steps).entries()) {
      if (index === 0 && ofItem && isRecord(step) && step['type'] === 'name') this.#note(this.#fields, step, 0)
      this.#visit(step, ofItem && index === 0)
    }
    this.#visit(Object.values(rest), false)
  }

  #bind(node: Record<string, unknown>): void {
    const { type, lhs } = node
    const parameters = type === 'lambda' && Array.isArray(node['arguments']) ? node['arguments'] : []
    const values = [type === 'bind' && isRecord(lhs) ? lhs['value'] : null, node['focus'], ...parameters.map(valueOf)]
    const index = isRecord(node['index']) ? node['index']['value'] : node['index']
    for (const value of [...values, index]) if (typeof value === 'string') this.#bound.add(value)
  }

  /** `sum(x)`: a field is no function. */
  #isBareCall({ procedure }: Record<string, unknown>): boolean {
    const steps = isRecord(procedure) && procedure['type'] === 'path' ? procedure['steps'] : undefined
    const [only, more] = listOf(steps)
    if (!isRecord(only) || only['type'] !== 'name' || more !== undefined) return false
    this.#note(this.#called, only, 0)
    return true
  }

  /** Positions are those of a token's end; `$` and `$$` have no name. */
  #note(list: Name[], { value, position }: Record<string, unknown>, sign: number): void {
    if (typeof value !== 'string' || value === '' || value === '$' || typeof position !== 'number') return
    list.push({ name: value, offset: Math.max(0, position - value.length - sign) })
  }
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

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function valueOf(node: unknown): unknown {
  return isRecord(node) ? node['value'] : undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
