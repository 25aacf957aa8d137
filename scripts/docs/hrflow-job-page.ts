import { z } from 'zod'
import { hrflow } from '../../src/connectors/hrflow/index.js'
import { MADE, table } from './markdown.js'

const property = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
  description: z.string().optional(),
  internal: z.boolean().optional(),
  names: z.array(z.string()).optional(),
  get properties() {
    return z.record(z.string(), property).optional()
  },
  get items() {
    return property.optional()
  },
  get anyOf() {
    return z.array(property).optional()
  },
})

type Property = z.output<typeof property>

/** `docs/hrflow-job.md`: every field that a format may give, from the schema that the writer takes. */
export function hrflowJobPage(): string {
  const schema = property.parse(z.toJSONSchema(hrflow.aisles.job.schema, { io: 'input', unrepresentable: 'any' }))
  return `# HrFlow's job

What a format returns, and what the paths of a mapping in a [workflow file](workflows.md#mapping-without-code) name. Only
\`reference\` is required. A field that is left out is left as it is on the board; null empties it
([What is ours on the board](concepts.md#what-is-ours-on-the-board)). Other keys are sent as they are.

${table(['Field', 'Type', 'What it is'], rowsOf(schema, ''))}

The fields of a list, \`tags[].value\`, are those of each entry. An entry of a list with names is ours by its \`name\`: a format
owns the entries whose names it gives, and all others stay as they are.

${MADE}
`
}

function rowsOf(schema: Property, path: string): string[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const here = path === '' ? name : `${path}.${name}`
    const kinds = [field, ...(field.anyOf ?? [])]
    if (kinds.some(({ internal }) => internal === true)) return []
    const names = kinds.flatMap((kind) => kind.names ?? [])
    const more = names.length === 0 ? '' : ` All of them: ${names.map((one) => `\`${one}\``).join(', ')}.`
    const own = [
      `\`${here}\``,
      typeOf(kinds),
      `${kinds.find(({ description }) => description !== undefined)?.description ?? ''}${more}`,
    ]
    return [own, ...kinds.flatMap((kind) => [...rowsOf(kind, here), ...rowsOf(kind.items ?? {}, `${here}[]`)])]
  })
}

/** `string or null`: what is nested is told in rows of its own. */
function typeOf(kinds: readonly Property[]): string {
  const types = kinds.flatMap(({ type, anyOf }) => [
    ...[type ?? []].flat(),
    ...(anyOf ?? []).map((kind) => kind.type ?? []),
  ])
  const all = [...new Set(types.flat())]
  const words = [...all.filter((type) => type !== 'null'), ...all.filter((type) => type === 'null')]
  return words.map((word) => (word === 'array' ? 'list' : word)).join(' or ')
}
