import { z } from 'zod'
import type { Action } from '../../src/core/model/flow.js'
import { table } from './markdown.js'

/** The fields of a formatted item by their path, such as `tags.state`, and the value of each. */
type Leaves = Map<string, unknown>

type Format = (item: unknown) => Leaves

/** Fields that take a field's value, and fields that depend on it in another way. */
interface Effects {
  lands: Set<string>
  decides: Set<string>
}

const PROBES = ['probe', '12.5, 42.25', '2001-02-03T04:05:06Z', 'remote', '90210', 90210, true, false, null]

/**
 * Which field of an item lands where. Each field of a sample is changed in turn, and what the format gives is compared: so
 * the table is what the code does. What takes a field's value only where another one is empty is found in the same way.
 */
export function mappingTable(action: Action, sample: object): string {
  const { flow } = action
  const hints = internalFields(flow.to.aisles[flow.entity]?.schema)
  const format: Format = (item) => leavesOf(flow.format(item), hints)
  const paths = pathsOf(flow.from.aisles[flow.entity]?.schema)
  const rows = paths.map((path) => rowOf(path, paths, sample, format))
  const silent = rows.filter(([, targets]) => targets === '').map(([name = '']) => name)
  const internal = [...hints].map(
    ([name, description]) => `\n\n\`${name}\` is an internal hint of a format. ${description}`,
  )
  return `${table(
    [flow.from.name, flow.to.name, 'Example'],
    rows.filter(([, targets]) => targets !== ''),
  )}

Not sent: ${silent.join(', ')}.${internal.join('')}`
}

function rowOf(path: string, paths: readonly string[], sample: object, format: Format): string[] {
  const { lands, decides } = effectsOf(path, sample, format)
  const known = [...lands, ...decides]
  const instead = paths
    .filter((other) => other !== path && !path.startsWith(`${other}.`))
    .flatMap((other) => {
      const without = effectsOf(path, changed(sample, other, null), format, ['probe', true])
      return [...without.lands, ...without.decides]
        .filter((target) => !known.includes(target))
        .map((target) => [target, other] as const)
    })
  const others = [...new Set(instead.map(([, other]) => other))]
  const places = [
    ...[...lands].map(code),
    ...others.map((other) => {
      const targets = instead.filter(([, emptied]) => emptied === other).map(([target]) => code(target))
      return `${targets.join(', ')} where ${code(other)} is empty`
    }),
    ...(decides.size === 0 ? [] : [`decides ${[...decides].map(code).join(', ')}`]),
  ]
  const [first] = lands
  const example = first === undefined ? '' : exampleOf(valueAt(sample, path), format(sample).get(first))
  return [code(path), places.join('; '), example]
}

function effectsOf(path: string, item: object, format: Format, probes: readonly unknown[] = PROBES): Effects {
  const effects: Effects = { lands: new Set(), decides: new Set() }
  const before = attempt(() => format(item))
  if (before === null) return effects
  for (const probe of probes) {
    const after = attempt(() => format(changed(item, path, probe)))
    for (const [target, value] of after ?? []) {
      if (value !== before.get(target)) (isOf(value, probe) ? effects.lands : effects.decides).add(target)
    }
  }
  for (const target of effects.lands) effects.decides.delete(target)
  return effects
}

/** A sample without its reference cannot be formatted. */
function attempt(format: () => Leaves): Leaves | null {
  try {
    return format()
  } catch {
    return null
  }
}

/** Whether a value was made of a probe: it holds the same letters, or one of its numbers. */
function isOf(value: unknown, probe: unknown): boolean {
  if (typeof probe === 'boolean' || probe === null || value === null || value === undefined) return false
  const letters = (of: unknown) => String(of).toLowerCase()
  const parts = letters(probe).replace(/z$/, '').split(', ')
  return parts.some((part) => letters(value).includes(part))
}

function exampleOf(given: unknown, made: unknown): string {
  return given === made ? shown(given) : `${shown(given)} becomes ${shown(made)}`
}

function code(text: string): string {
  return `\`${text}\``
}

function shown(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``
}

/** The paths of all known fields; an entry of a list as `locations[]`. */
function pathsOf(schema: unknown, above = ''): string[] {
  const inner = bare(schema)
  if (inner instanceof z.ZodArray)
    return bare(inner.element) instanceof z.ZodObject ? pathsOf(inner.element, `${above}[]`) : [above]
  if (!(inner instanceof z.ZodObject)) return [above]
  return Object.entries(inner.shape).flatMap(([name, field]) =>
    pathsOf(field, above === '' ? name : `${above}.${name}`),
  )
}

/** The schema itself, without what makes it optional, lenient or prepares its input. */
function bare(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodCatch)
    return bare(schema.unwrap())
  return schema instanceof z.ZodPipe ? bare(schema.out) : schema
}

/** Fields that are not of the item itself, with what is said of them. */
function internalFields(schema: unknown, above = ''): Map<string, string> {
  const inner = bare(schema)
  const fields = inner instanceof z.ZodObject ? Object.entries(inner.shape) : []
  return new Map(
    fields.flatMap(([name, field]) => {
      const meta = field instanceof z.ZodType ? field.meta() : undefined
      return meta?.['internal'] === true
        ? [[`${above}${name}`, meta.description ?? '']]
        : [...internalFields(field, `${above}${name}.`)]
    }),
  )
}

const record = z.record(z.string(), z.unknown())

function leavesOf(value: unknown, hints: ReadonlyMap<string, string>, above = ''): Leaves {
  const under = (key: string) => (above === '' ? key : `${above}.${key}`)
  if (hints.has(above)) return new Map()
  if (Array.isArray(value)) return new Map(value.flatMap((entry) => [...entryLeaves(entry, hints, under)]))
  const object = record.safeParse(value)
  if (!object.success) return new Map([[above, value]])
  return new Map(Object.entries(object.data).flatMap(([key, part]) => [...leavesOf(part, hints, under(key))]))
}

/** An entry of a list of names: what it has beside its name, and as the entry itself where that is one thing. */
function entryLeaves(entry: unknown, hints: ReadonlyMap<string, string>, under: (key: string) => string): Leaves {
  const { name, ...rest } = record.parse(entry)
  // The title of a section is its name once more.
  const parts = Object.entries(rest).filter(([key]) => key !== 'title')
  const [only] = parts
  if (only !== undefined && parts.length === 1) return new Map([[under(String(name)), only[1]]])
  return leavesOf(Object.fromEntries(parts), hints, under(String(name)))
}

function stepsOf(path: string): string[] {
  return path.replaceAll('[]', '.0').split('.')
}

function valueAt(item: unknown, path: string): unknown {
  return stepsOf(path).reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    item,
  )
}

/** A copy with another value at a path. */
function changed(item: object, path: string, value: unknown): object {
  const copy = structuredClone(item)
  const steps = stepsOf(path)
  const last = steps.pop() ?? ''
  const place = valueAt(copy, steps.join('.'))
  const target = steps.length === 0 ? copy : place
  if (typeof target === 'object' && target !== null) Reflect.set(target, last, value)
  return copy
}
