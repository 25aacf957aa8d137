import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { AnyFlow } from '../model/flow.js'
import type { Callable } from '../model/parameters.js'
import { groupsOf, type RunRequest, secretNames } from '../model/request.js'
import type { Json } from '../text/json.js'

type ScopedAction = { id: string; flow: AnyFlow; own: { id: string } }

/** What a run's cursor, records and mapping belong to. */
export interface Scope {
  /** Another account, board or filter is another scope: a cursor belongs to it. */
  scope: string
  /** Where items are written, and whose they are: what was delivered there was delivered, whatever filter listed it. */
  place: string
  /** Where items are written, whoever writes them: one for all workflows of a board. */
  board: string
  /** What makes an item what it is at the target: how it is chosen and formatted, and how it is written. */
  mapping: string
  /** What the scope is made of, by name, with the versions of the mapping. Holds no secret. */
  parameters: Record<string, Json>
}

export function scopeOf(action: ScopedAction, request: RunRequest): Scope {
  const parameters = scopeParameters(action, request)
  return {
    scope: hashOf([action.own.id, action.id, parameters]),
    place: placeOf(action, request),
    board: hashOf([action.flow.to.id, request.push_parameters[action.flow.write.place] ?? null]),
    mapping: mappingOf(action.flow, request),
    parameters: { ...parameters, ...versionsOf(action.flow, request) },
  }
}

/** What a scope is made of, by name: whose account, and every parameter that was given. Holds no secret. */
function scopeParameters({ flow }: ScopedAction, request: RunRequest): Record<string, Json> {
  const secrets = secretNames(flow.from.auth)
  const account = Object.entries(request.origin_auth).filter(([name]) => !secrets.includes(name))
  const { read, write } = flow
  const pull = scoped(read.parameters, request.pull_parameters)
  const all = [...account, ...pull, ...scoped(write.parameters, request.push_parameters)]
  const given = all.filter(([, value]) => value !== undefined && value !== null).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(given.map(([name, value]) => [name, isScalar(value) ? value : JSON.stringify(value)]))
}

/** Parameters that choose or make items: one whose schema says `scoped: false` changes neither. */
function scoped(schema: z.ZodObject, given: Record<string, unknown>): [string, unknown][] {
  const isScoped = (name: string) => {
    const field: unknown = schema.shape[name]
    return !(field instanceof z.ZodType) || field.meta()?.['scoped'] !== false
  }
  return Object.entries(given).filter(([name]) => isScoped(name))
}

/** Whose items an action reads, by name, as far as what it was given tells: never a secret. Empty: that cannot be told. */
export function accountIn({ flow, own }: ScopedAction, input: Record<string, unknown>): Record<string, string> {
  const auth = flow.from.auth.safeParse(input[groupsOf(flow, own).origin_auth])
  const secrets = secretNames(flow.from.auth)
  const open = Object.entries(auth.data ?? {}).filter(([name]) => !secrets.includes(name))
  return Object.fromEntries(open.map(([name, value]) => [name, String(value)]))
}

function placeOf(action: ScopedAction, request: RunRequest): string {
  const { place } = action.flow.write
  const account = scopeParameters(action, { ...request, pull_parameters: {}, push_parameters: {} })
  return hashOf([action.own.id, action.id, account, request.push_parameters[place] ?? null])
}

/** A function that says by its own `version` when it maps differently; one without cannot be seen to change. */
function versionOf(fn: Callable): string {
  const version: unknown = Reflect.get(fn, 'version')
  return typeof version === 'string' || typeof version === 'number' ? `function ${version}` : 'function'
}

/** The version of the flow's own format, or of the function that formats in its place. */
function formatOf(flow: AnyFlow, request: RunRequest): string {
  return request.format ? versionOf(request.format) : flow.format_version
}

/** What a cursor was written with besides its scope: the versions of the format and, where they have any, of the logics. */
function versionsOf(flow: AnyFlow, request: RunRequest): { format: string; logics?: string } {
  const logics = request.logics.map(versionOf)
  const seen = logics.some((version) => version !== 'function')
  return { format: formatOf(flow, request), ...(seen ? { logics: logics.join(', ') } : {}) }
}

function mappingOf(flow: AnyFlow, request: RunRequest): string {
  const { format, logics } = versionsOf(flow, request)
  const { parameters, place } = flow.write
  const others = scoped(parameters, request.push_parameters).filter(([name]) => name !== place)
  const given: [string, unknown][] = logics === undefined ? others : [...others, ['logics', logics]]
  return [format, ...given.map(([name, value]) => `${name}=${String(value)}`).sort()].join(' ')
}

function isScalar(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value)
}

/** Of what makes a scope, a place or a mapping: 32 hexadecimal digits. */
export function hashOf(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}
