import { isRecord } from '../../core/text/json.js'
import { fieldAt, type FieldSet, UnknownField } from './fields.js'
import { FUNCTIONS } from './jsonata-functions.js'

/** A name in an expression, and at which character of it. */
export interface Name {
  name: string
  offset: number
}

type Node = Record<string, unknown>

/**
 * The names in a parsed expression, by what they name. Fields are followed as far as it is known what they are fields of:
 * through filters, sorting, variables that are bound once and `$`, but not through functions, wildcards, `%` and what an
 * expression makes itself.
 */
export class Names {
  readonly variables: Name[] = []
  /** Functions that are called without a dollar. */
  readonly called: Name[] = []
  readonly unknown: UnknownField[] = []
  /** Variables that the expression binds, and what each stands for; null where that is not known. */
  readonly bound = new Map<string, FieldSet | null>()
  readonly #item: FieldSet | null
  readonly #otherwise: (name: string) => string

  /** `otherwise`: what is said of an unknown field where no name was probably meant. */
  constructor(ast: unknown, item: FieldSet | null, otherwise: (name: string) => string) {
    this.#item = item
    this.#otherwise = otherwise
    this.#visit(ast, item)
  }

  /** What a part stands for, with `here` as its context. */
  #visit(node: unknown, here: FieldSet | null): FieldSet | null {
    if (Array.isArray(node)) {
      for (const part of node) this.#visit(part, here)
      return null
    }
    if (!isRecord(node)) return null
    const found = this.#meaning(node, here)
    for (const filter of [...listOf(node['predicate']), ...listOf(node['stages'])]) {
      if (isRecord(filter) && filter['type'] === 'filter') this.#visit(filter['expr'], found)
      else this.#bindIndex(filter)
    }
    this.#bindIndex(node)
    if (isRecord(node['group'])) this.#visit(node['group']['lhs'], found)
    if (typeof node['focus'] !== 'string') return found
    // From there on names stand for fields of what was before, and the variable for this.
    this.#bind(node['focus'], found)
    return here
  }

  #meaning(node: Node, here: FieldSet | null): FieldSet | null {
    switch (node['type']) {
      case 'path':
        return listOf(node['steps']).reduce<FieldSet | null>((place, step) => this.#visit(step, place), here)
      case 'name':
        return this.#field(node, here)
      case 'variable':
        return this.#variable(node, here)
      case 'bind':
        return this.#binding(node, here)
      case 'block':
        return listOf(node['expressions']).reduce<FieldSet | null>((_, part) => this.#visit(part, here), null)
      case 'lambda':
        for (const parameter of listOf(node['arguments'])) this.#bind(valueOf(parameter), null)
        this.#visit(node['body'], here)
        return null
      case 'sort':
        for (const term of listOf(node['terms'])) if (isRecord(term)) this.#visit(term['expression'], here)
        return here
      case 'transform':
        this.#visit([node['pattern'], node['update'], node['delete']], null)
        return null
      case 'function':
      case 'partial':
        if (!this.#isBareCall(node)) this.#visit(node['procedure'], here)
        this.#visit(node['arguments'], here)
        return null
      default:
        this.#visit([node['lhs'], node['rhs'], node['condition'], node['then'], node['else']], here)
        this.#visit([node['expression'], node['expressions']], here)
        return null
    }
  }

  #field(node: Node, here: FieldSet | null): FieldSet | null {
    const { value } = node
    if (here === null || typeof value !== 'string') return null
    const found = fieldAt(here, value, offsetOf(node, 0), this.#otherwise(value))
    if (!(found instanceof UnknownField)) return found
    this.unknown.push(found)
    return null
  }

  #variable(node: Node, here: FieldSet | null): FieldSet | null {
    const { value } = node
    if (value === '') return here
    if (value === '$') return this.#item
    if (typeof value !== 'string') return null
    this.variables.push({ name: value, offset: offsetOf(node, 1) })
    return this.bound.get(value) ?? null
  }

  #binding({ lhs, rhs }: Node, here: FieldSet | null): FieldSet | null {
    const name = valueOf(lhs)
    // A function may call itself by its name.
    if (isRecord(rhs) && rhs['type'] === 'lambda') this.#bind(name, null)
    const place = this.#visit(rhs, here)
    if (!(isRecord(rhs) && rhs['type'] === 'lambda')) this.#bind(name, place)
    return place
  }

  #bindIndex(node: unknown): void {
    if (isRecord(node)) this.#bind(isRecord(node['index']) ? node['index']['value'] : node['index'], null)
    if (isRecord(node) && node['type'] === 'index') this.#bind(node['value'], null)
  }

  /** A name that is bound twice may stand for either. */
  #bind(name: unknown, place: FieldSet | null): void {
    if (typeof name === 'string') this.bound.set(name, this.bound.has(name) ? null : place)
  }

  /** `sum(x)`: a field is no function. */
  #isBareCall({ procedure }: Node): boolean {
    const steps = isRecord(procedure) && procedure['type'] === 'path' ? procedure['steps'] : undefined
    const [only, more] = listOf(steps)
    if (!isRecord(only) || only['type'] !== 'name' || more !== undefined) return false
    this.called.push({ name: String(only['value']), offset: offsetOf(only, 0) })
    return true
  }
}

/** What an expression reads, as far as its text tells. */
export interface Reads {
  /** Names of fields, at whatever depth. */
  names: readonly string[]
  /** Texts: `$lookup` takes one for a name. */
  texts: readonly string[]
}

/** What a parsed expression reads; null where a part of it stands for the whole item, or for any field. */
export function readsOf(ast: unknown): Reads | null {
  const names = new Set<string>()
  const texts = new Set<string>()
  return isReadable(ast, names, texts) ? { names: [...names], texts: [...texts] } : null
}

/** Parts that stand for more than what they name. */
const ANYTHING = ['wildcard', 'descendant', 'parent']

/** Functions of two arguments that take an object, which is what is around them where they are given one. */
const OF_CONTEXT = ['each', 'sift', 'lookup']

function isReadable(node: unknown, names: Set<string>, texts: Set<string>): boolean {
  if (Array.isArray(node)) return node.every((part) => isReadable(part, names, texts))
  if (!isRecord(node)) return true
  const { type, value, steps, procedure, ...parts } = node
  const called = type === 'function' ? valueOf(procedure) : undefined
  if (type === 'function' && takesContext(String(called), listOf(node['arguments']).length)) return false
  if (typeof type === 'string' && ANYTHING.includes(type)) return false
  // The item, or one of JSONata's own functions under another name: what it is given nobody can tell.
  const isOwn = typeof value === 'string' && ['', '$', ...FUNCTIONS].includes(value)
  if (type === 'variable' && isOwn) return false
  if (type === 'name' && typeof value === 'string') names.add(value)
  if (type === 'string' && typeof value === 'string') texts.add(value)
  const inner = isOwnCall(procedure) ? [] : [procedure]
  return [...withoutItem(listOf(steps)), ...inner, ...Object.values(parts)].every((part) =>
    isReadable(part, names, texts),
  )
}

/** Whether a function takes what is around it: it lacks its first argument. `$eval` may read anything. */
function takesContext(name: string, given: number): boolean {
  return given === 0 || name === 'eval' || (given === 1 && OF_CONTEXT.includes(name))
}

function isOwnCall(procedure: unknown): boolean {
  return isRecord(procedure) && procedure['type'] === 'variable' && FUNCTIONS.includes(String(procedure['value']))
}

/** `$.title` is the title alone. */
function withoutItem(steps: unknown[]): unknown[] {
  const [first, ...rest] = steps
  const isItem = isRecord(first) && first['type'] === 'variable' && ['', '$'].includes(String(first['value']))
  return isItem && rest.length > 0 && !('predicate' in first) && !('focus' in first) ? rest : steps
}

/** Positions are those of a token's end; `sign` is what stands before its name. */
function offsetOf({ value, position }: Node, sign: number): number {
  return Math.max(0, Number(position) - String(value).length - sign)
}

export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function valueOf(node: unknown): unknown {
  return isRecord(node) ? node['value'] : undefined
}
