import { z } from 'zod'

/** A field that an expression may read, or a mapping may give. */
export interface KnownField {
  path: string
  type: string
  description: string | null
}

const DEEPEST = 3

const node = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  description: z.string().optional(),
  internal: z.boolean().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
})

type Node = z.output<typeof node>

/** The fields of an item, those of its parts with it: as JSONata reads them, where a list stands for its entries. */
export function readableFields(schema: z.ZodType): KnownField[] {
  return walk(schemaOf(schema), '', { depth: 0, named: false })
}

/** The targets of a mapping; of a list of named entries `tags.NAME` stands for all of them. */
export function writableFields(schema: z.ZodType): KnownField[] {
  return walk(schemaOf(schema), '', { depth: 0, named: true })
}

function schemaOf(schema: z.ZodType): Node {
  return node.parse(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }))
}

function walk(of: Node, path: string, how: { depth: number; named: boolean }): KnownField[] {
  const inner = bare(of)
  if (how.depth >= DEEPEST) return []
  return Object.entries(inner.properties ?? {}).flatMap(([name, given]) => {
    const field = node.safeParse(given).data
    if (field === undefined || field.internal === true) return []
    const own = path === '' ? name : `${path}.${name}`
    const known = { path: own, type: typeOf(field), description: field.description ?? bare(field).description ?? null }
    return [known, ...below(field, own, { ...how, depth: how.depth + 1 })]
  })
}

function below(field: Node, path: string, how: { depth: number; named: boolean }): KnownField[] {
  const inner = bare(field)
  const entry = node.safeParse(inner.items).data
  if (entry === undefined) return walk(inner, path, how)
  const { properties = {} } = bare(entry)
  if (!how.named) return walk(entry, path, how)
  if (!('name' in properties)) return []
  return [
    {
      path: `${path}.NAME`,
      type: typeOf(entry),
      description: 'The entry of that name; it is made where there is none.',
    },
  ]
}

/** What it is when it is there. */
function bare(of: Node): Node {
  const inner = nodesOf(of.anyOf ?? []).find(({ type }) => type !== 'null')
  return inner === undefined ? of : bare(inner)
}

function typeOf(of: Node): string {
  const types = of.anyOf && nodesOf(of.anyOf).flatMap((option) => typeOf(option).split(' or '))
  const all = types ?? [of.type ?? 'any'].flat()
  const some = all.filter((type) => type !== 'null')
  return [...new Set(some.length > 0 ? some : all)].join(' or ')
}

function nodesOf(given: readonly unknown[]): Node[] {
  return z.array(node).safeParse(given).data ?? []
}
