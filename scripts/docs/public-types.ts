import { z } from 'zod'
import { type Connector, methodName } from '../../src/core/model/connector.js'
import { qualifiedName, summaryOf } from '../../src/core/model/describe.js'
import type { Action } from '../../src/core/model/flow.js'
import { groupsOf, otherParameters } from '../../src/core/model/request.js'
import type { Warehouse } from '../../src/core/model/warehouse.js'
import { comment, EMPTY, fieldLine, type Side, typeText } from './typescript.js'

const MADE = '// Made by `npm run generate`: do not edit.'

/** The public types, readable where zod's are not: a file per warehouse, and what all connectors have together. */
export function publicTypes(registry: Record<string, Connector>): Map<string, string> {
  const connectors = Object.entries(registry)
  const own = new Map(connectors.map(([name, connector]) => [connector.id, connectorFile(name, connector)]))
  const others = connectors.flatMap(([, connector]) => otherSides(connector)).filter(({ id }) => !own.has(id))
  const shared = new Map(others.map((side) => [side.id, fileOf(warehouseTypes(side))]))
  const files = [...shared, ...own].map(([id, text]) => [`src/public/${id}.ts`, text] as const)
  return new Map([
    ...files,
    ['src/public/actions.ts', actionsFile(connectors)],
    ['src/public/index.ts', indexFile(connectors, [...shared.keys()])],
  ])
}

function fileOf(parts: readonly string[], imports: readonly string[] = []): string {
  return `${[[MADE, ...imports].join('\n'), ...parts].join('\n\n')}\n`
}

function declaration(head: string, about: string, lines: readonly string[]): string {
  if (lines.length === 0) return [...comment([about], 0), `export type ${head} = ${EMPTY}`].join('\n')
  return [...comment([about], 0), `export interface ${head} {`, ...lines, '}'].join('\n')
}

/** `update_jobs_in_hrflow` -> `UpdateJobsInHrflow`. */
function pascal(word: string): string {
  return word.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** An object as an interface; where its other side differs, that side as a second one. Both names, for those who use them. */
function bothSides(
  schema: unknown,
  base: Side,
  first: { name: string; about: string },
  second: { name: string; about: string },
) {
  const fields = schema instanceof z.ZodObject ? Object.entries(schema.shape) : []
  const lines = (side: Side) => fields.map(([name, field]) => ({ name, lines: fieldLine(name, field, side, 1) }))
  const own = lines(base)
  const others = lines(base === 'input' ? 'output' : 'input')
  const different = others.filter(({ lines }, index) => lines.join() !== own[index]?.lines.join())
  const flat = (of: typeof own) => of.flatMap(({ lines }) => lines)
  const types = [declaration(first.name, first.about, flat(own))]
  if (different.length === 0) return { types, other: first.name }
  const names = different.map(({ name }) => `'${name}'`).join(' | ')
  const head = `${second.name} extends Omit<${first.name}, ${names}>`
  return { types: [...types, declaration(head, second.about, flat(different))], other: second.name }
}

function authName({ id }: Warehouse): string {
  return `${pascal(id)}Auth`
}

/** An item of a warehouse: its types, and the names of what is read and of what a format may give. */
function itemTypes({ id, name, aisles }: Warehouse, entity: Action['flow']['entity']) {
  const read = `${pascal(id)}${pascal(entity)}`
  const first = { name: read, about: `A ${entity} of ${name}. Fields that are not listed pass as they are.` }
  const second = { name: `${read}Input`, about: `A ${entity} of ${name} as a format may give it.` }
  const { types, other } = bothSides(aisles[entity]?.schema, 'output', first, second)
  // What is only read is never given by a format.
  return aisles[entity]?.write === undefined
    ? { types: types.slice(0, 1), read, given: read }
    : { types, read, given: other }
}

function warehouseTypes(warehouse: Warehouse): string[] {
  const name = authName(warehouse)
  const auth = bothSides(
    warehouse.auth,
    'input',
    { name, about: `Credentials of ${warehouse.name}.` },
    { name, about: '' },
  )
  const entities = Object.keys(warehouse.aisles)
  return [...auth.types.slice(0, 1), ...entities.flatMap((entity) => itemTypes(warehouse, entity).types)]
}

function otherSides({ id, actions }: Connector): Warehouse[] {
  const sides = actions.flatMap(({ flow }) => [flow.from, flow.to]).filter((side) => side.id !== id)
  return [...new Map(sides.map((side) => [side.id, side])).values()]
}

function connectorFile(export_name: string, connector: Connector): string {
  const { name } = connector
  const methods = connector.actions.flatMap((action) => {
    const parameters = `parameters: ${prefixOf(export_name, action)}Parameters`
    const type = `(${parameters}, runtime?: RuntimeOptions) => Promise<RunResult>`
    return [...comment([aboutOf(action), RETURNS], 1), `  ${methodName(action.id)}: ${type}`]
  })
  const parts = [
    ...warehouseTypes(connector.warehouse),
    ...connector.actions.flatMap((action) => actionTypes(export_name, action)),
    declaration(`${export_name}Actions`, `The actions of ${name}, a method each.`, methods),
    [
      ...comment([`${name} as a connector: its definition, and a method per action.`], 0),
      `export type ${export_name}Connector = Connector & ${export_name}Actions`,
    ].join('\n'),
  ]
  return fileOf(parts, importsOf(connector, parts.join('\n')))
}

const RETURNS =
  'Returns a `RunResult` whatever a service, a function of yours or a parameter does; throws only for a programming error. Without `runtime` a default one is made from the environment.'

function aboutOf(action: Action): string {
  const { read, write } = action.flow
  return [summaryOf(action), read.description, write.description].filter((text) => text !== undefined).join(' ')
}

/** What a file takes from others: of what there is, that which it names. */
function importsOf(connector: Connector, text: string): string[] {
  const sides = otherSides(connector).map((side): [string, string[]] => {
    const names = [
      ...warehouseTypes(side)
        .join('\n')
        .matchAll(/^export interface (\w+)/gm),
    ]
    return [`./${side.id}.js`, names.map(([, name = '']) => name)]
  })
  const all: [string, string[]][] = [
    ['../core/model/connector.js', ['Callback', 'Connector', 'Logic']],
    ['../core/model/flow.js', ['Format']],
    ['../core/result/result.js', ['RunResult']],
    ['../runtime/options.js', ['RuntimeOptions']],
    ...sides,
  ]
  return all.flatMap(([from, names]) => {
    const used = names.filter((name) => new RegExp(`\\b${name}\\b`).test(text))
    return used.length === 0 ? [] : [`import type { ${used.join(', ')} } from '${from}'`]
  })
}

/** `WorkableUpdateJobsInHrflow`. */
function prefixOf(export_name: string, { id }: Action): string {
  return `${export_name}${pascal(id)}`
}

/** The parameters of an action: its two groups, and all of them together. */
function actionTypes(export_name: string, action: Action): string[] {
  const { flow, own } = action
  const prefix = prefixOf(export_name, action)
  const group = (kind: 'Pull' | 'Push', schema: z.ZodObject, about: string) => {
    const values = `The ${kind.toLowerCase()} parameters as a callback is given them: checked, and with their defaults.`
    return bothSides(
      schema,
      'input',
      { name: `${prefix}${kind}Parameters`, about },
      { name: `${prefix}${kind}Values`, about: values },
    )
  }
  const pull = group('Pull', flow.read.parameters, `Which ${flow.entity}s are read from ${flow.from.name}.`)
  const push = group('Push', flow.write.parameters, `Where and how ${flow.entity}s are written to ${flow.to.name}.`)
  const item = itemTypes(flow.from, flow.entity).read
  const target = itemTypes(flow.to, flow.entity)
  const { schema } = flow.write
  const whole = schema === flow.to.aisles[flow.entity]?.schema
  const given = whole ? target.given : typeText(schema, 'input', 1)
  const delivered = whole ? target.read : typeText(schema, 'output', 1)
  const { origin_auth, target_auth } = groupsOf(flow, own)
  const groups: [string, string, string][] = [
    [origin_auth, authName(flow.from), authDescription(flow.from)],
    [target_auth, authName(flow.to), authDescription(flow.to)],
    ['pull_parameters?', `${prefix}PullParameters | null | undefined`, PULL],
    ['push_parameters', `${prefix}PushParameters`, 'Where and how items are written.'],
  ]
  const functions = new Map([
    ['logics', `logics: readonly Logic<${item}>[] | null`],
    ['format', `format?: Format<${item}, ${given}> | null | undefined`],
    ['callback', `callback?: Callback<${pull.other}, ${push.other}, ${delivered}> | null | undefined`],
  ])
  const others = Object.entries(otherParameters).map(([name, field]): string[] => {
    const lines = fieldLine(
      name,
      functions.has(name) ? z.unknown().describe(field.description ?? '') : field,
      'input',
      1,
    )
    const type = functions.get(name)
    return type === undefined ? lines : [...lines.slice(0, -1), `  ${type}`]
  })
  const lines = [
    ...groups.flatMap(([name, type, about]) => [...comment([about], 1), `  ${name}: ${type}`]),
    ...others.flat(),
  ]
  return [
    ...pull.types,
    ...push.types,
    declaration(`${prefix}Parameters`, `The parameters of \`${qualifiedName(action)}\`.`, lines),
  ]
}

const PULL =
  'Which items are read. Unknown names and values that cannot be right make the run fatal before any request.'

function authDescription({ name }: Warehouse): string {
  return `Credentials of ${name}. They are sent to its host only, and appear in no result, error or log.`
}

/** What `defineWorkflows` looks an action up in. */
function actionsFile(connectors: readonly [string, Connector][]): string {
  const imports = connectors.map(([export_name, { id, actions }]) => {
    const names = actions.map((action) => `${prefixOf(export_name, action)}Parameters`)
    return `import type { ${names.join(', ')} } from './${id}.js'`
  })
  const lines = connectors.flatMap(([export_name, { actions }]) =>
    actions.flatMap((action) => [
      ...comment([aboutOf(action)], 1),
      `  '${qualifiedName(action)}': ${prefixOf(export_name, action)}Parameters`,
    ]),
  )
  return fileOf([declaration('Actions', 'Every action by its name, and what it takes.', lines)], imports)
}

/** The connectors with their methods, under types that a person can read. */
function indexFile(connectors: readonly [string, Connector][], shared: readonly string[]): string {
  const imports = [
    "import { registry } from '../connectors/index.js'",
    "import { withRuntime } from '../runtime/callable.js'",
    ...connectors.map(([name, { id }]) => `import type { ${name}Connector } from './${id}.js'`),
  ]
  const exports = connectors.flatMap(([export_name, { name, actions }]) => [
    ...comment([`${name}: ${actions.map(({ id }) => `\`${methodName(id)}\``).join(', ')}.`], 0),
    `export const ${export_name}: ${export_name}Connector = withRuntime(registry.${export_name})`,
  ])
  const types = [...shared, ...connectors.map(([, { id }]) => id)].map((id) => `export type * from './${id}.js'`)
  return fileOf([exports.join('\n'), types.join('\n')], imports)
}
