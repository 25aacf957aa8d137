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
    const names = new Names(jsonata(text).ast())
    const warnings = [...names.warnings(fields), ...(use === 'condition' ? names.unequal() : [])]
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
  readonly #unequal: Name[] = []
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

  warnings(fields: string[]): Finding[] {
    const misspelt = this.#fields.flatMap(({ name, offset }) => {
      const meant = fields.includes(name) ? undefined : nearest(name, fields)
      return meant === undefined ? [] : [{ offset, message: `the item has no field ${name}. Did you mean ${meant}?` }]
    })
    const fickle = this.#variables.filter(({ name }) => FICKLE.includes(name))
    const said = ({ name, offset }: Name) => ({
      offset,
      message: `$${name} gives something else each time: every full run writes every job.`,
    })
    return [...misspelt, ...fickle.map(said)]
  }

  /** Of a condition: a field that is not there is not unequal to anything, and the item would be discarded silently. */
  unequal(): Finding[] {
    return this.#unequal.map(({ name, offset }) => ({
      offset,
      message: `an item without ${name} is discarded too, since != is false then. $not(${name} = ...) takes it.`,
    }))
  }

  /** `ofItem`: names stand for fields of the item itself, not of something in it. */
  #visit(node: unknown, ofItem: boolean): void {
    if (Array.isArray(node)) for (const part of node) this.#visit(part, ofItem)
    if (!isRecord(node)) return
    const { type } = node
    this.#bind(node)
    if (type === 'variable') this.#note(this.#variables, node, 1)
    if (type === 'binary' && node['value'] === '!=') this.#noteUnequal(node)
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

  #noteUnequal({ lhs, rhs }: Record<string, unknown>): void {
    for (const side of [lhs, rhs]) {
      const steps = isRecord(side) && side['type'] === 'path' ? listOf(side['steps']) : []
      const [first] = steps
      if (!isRecord(first) || steps.some((step) => !isRecord(step) || step['type'] !== 'name')) continue
      const offset = Number(first['position']) - String(first['value']).length
      this.#unequal.push({ name: steps.map(valueOf).join('.'), offset: Math.max(0, offset) })
    }
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

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function valueOf(node: unknown): unknown {
  return isRecord(node) ? node['value'] : undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
