import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { AnyFlow } from './model.js'
import { RunError } from './errors.js'
import { nearest } from './nearest.js'
import type { Json } from './ports.js'
import type { Reason } from './result.js'

/** Marks a parameter as secret: it is kept out of logs, errors, docs' examples and stored state. */
export function secret<T extends z.ZodType>(schema: T): T {
  return schema.meta({ ...schema.meta(), secret: true })
}

/** Marks a parameter that names a person: it appears in no log, error or stored state either. */
export function personal<T extends z.ZodType>(schema: T): T {
  return schema.meta({ ...schema.meta(), personal: true })
}

/** A text that is not empty. */
export function requiredText(): z.ZodString {
  return z.string().trim().min(1, { abort: true })
}

export type Callable = (...args: never[]) => unknown

function callable() {
  return z.custom<Callable>((value) => typeof value === 'function', { error: 'expected a function' })
}

/** Something worth reading about a part of a mapping, or of a condition. */
export interface Told {
  /** Which part, as `format.fields.name`. */
  what: string
  said: string
}

/** What a function noticed of the items that it was given in a run. */
export interface Watch {
  /** Shows it an item that it is not given. */
  look(item: unknown): void
  /** Sentences. Of what gave nothing it tells when at least so many items were seen, of the rest with the first one; 0: in any case. */
  told(least: number): Told[]
}

/** Under which a function keeps its watch: not to be mistaken for a property of a caller's own. */
export const WATCH = Symbol('watch')

/** The watches of the functions of a call. */
export function watchesOf({ logics, format }: Pick<RunRequest, 'logics' | 'format'>): Watch[] {
  return [...logics, ...(format ? [format] : [])].flatMap((fn) => (isWatching(fn) ? [fn[WATCH]] : []))
}

function isWatching(fn: Callable): fn is Callable & { [WATCH]: Watch } {
  return WATCH in fn
}

const WORKFLOW_ID = 'A stable identifier: what is remembered from run to run is kept under it.'
const LOGICS =
  'A list of functions called in sequence with each item pulled from the origin. Each function returns its argument, changed or not, or null to discard the item. A discarded item is not pushed to the target.'
const FORMAT =
  'A function applied to each item pulled, before the push. Without one, the format of the connector is used.'
const CALLBACK = 'A function called once at the end of an execution that was not fatal and was no dry run.'
const PERSIST = 'When false, the run is a dry run: items are pulled but not pushed to the target.'
const INCREMENTAL = 'When true, only items that changed since the last run of the workflow are read.'

/** The parameters that every action has besides its two sides' own. */
export const otherParameters = {
  workflow_id: requiredText()
    .max(200)
    .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, 'must not hold control characters')
    .describe(WORKFLOW_ID),
  logics: z.array(callable()).nullish().default(null).describe(LOGICS),
  format: callable().nullish().default(null).describe(FORMAT),
  callback: callable().nullish().default(null).describe(CALLBACK),
  persist: z.boolean().default(true).describe(PERSIST),
  incremental: z.boolean().default(false).describe(INCREMENTAL),
}

/** The four groups of an action, by the names its page documents. */
export interface Groups {
  /** Group names of the two sides' credentials: `connector_auth` is the connector's own warehouse, whichever way the flow goes. */
  origin_auth: 'connector_auth' | 'hrflow_auth'
  target_auth: 'connector_auth' | 'hrflow_auth'
}

export function groupsOf(flow: AnyFlow, own: { id: string }): Groups {
  const inbound = flow.from.id === own.id
  return inbound
    ? { origin_auth: 'connector_auth', target_auth: 'hrflow_auth' }
    : { origin_auth: 'hrflow_auth', target_auth: 'connector_auth' }
}

/** Everything one call asks for, checked. */
export interface RunRequest {
  workflow_id: string
  origin_auth: Record<string, unknown>
  target_auth: Record<string, unknown>
  pull_parameters: Record<string, unknown>
  push_parameters: Record<string, unknown>
  logics: Callable[]
  format: Callable | null
  callback: Callable | null
  persist: boolean
  incremental: boolean
}

export interface Problem {
  /** Where, e.g. `pull_parameters.updated_after`. */
  path: string
  message: string
}

export type Checked =
  | { ok: true; request: RunRequest }
  | { ok: false; reason: Extract<Reason, 'bad_origin_parameters' | 'bad_target_parameters'>; problems: Problem[] }

/** Checks a call before any request is sent. Unknown names are refused, and no message repeats a value. */
export function checkRequest(flow: AnyFlow, groups: Groups, input: unknown): Checked {
  const schema = z.strictObject({
    ...otherParameters,
    [groups.origin_auth]: flow.from.auth,
    [groups.target_auth]: flow.to.auth,
    pull_parameters: z.preprocess((value) => value ?? {}, flow.read.parameters),
    push_parameters: flow.write.parameters,
  })
  const parsed = checkInput(schema, input)
  if ('data' in parsed) return { ok: true, request: toRequest(parsed.data, groups) }
  const { problems } = parsed
  const target = [groups.target_auth, 'push_parameters']
  const onlyTarget = problems.every((problem) => target.includes(problem.path.split('.')[0] ?? ''))
  return { ok: false, reason: onlyTarget ? 'bad_target_parameters' : 'bad_origin_parameters', problems }
}

/** What a schema makes of what a caller gave, or what is wrong with that: also where reading it throws, as a getter may. */
export function checkInput<S extends z.ZodType>(
  schema: S,
  input: unknown,
): { data: z.output<S> } | { problems: Problem[] } {
  try {
    const parsed = schema.safeParse(input)
    if (parsed.success) return { data: parsed.data }
    return { problems: parsed.error.issues.flatMap((issue) => describe(issue, input, schema)) }
  } catch {
    // What it says is the caller's own, and may be anything.
    return { problems: [{ path: 'parameters', message: 'a value in it throws when it is read.' }] }
  }
}

/** What a refused call is answered with. */
export function refusal(checked: Extract<Checked, { ok: false }>): RunError {
  const said = checked.problems.map(({ path, message }) => `${path}: ${message}`).join(' ')
  return new RunError(checked.reason, checked.reason, said, {
    hint: 'Nothing was requested. Correct the parameters and run again.',
  })
}

type OtherParameters = { [Name in keyof typeof otherParameters]: z.output<(typeof otherParameters)[Name]> }

function toRequest(data: OtherParameters & Record<string, unknown>, groups: Groups): RunRequest {
  return {
    workflow_id: data.workflow_id,
    origin_auth: group(data[groups.origin_auth]),
    target_auth: group(data[groups.target_auth]),
    pull_parameters: group(data.pull_parameters),
    push_parameters: group(data.push_parameters),
    logics: data.logics ?? [],
    format: data.format ?? null,
    callback: data.callback ?? null,
    persist: data.persist,
    incremental: data.incremental,
  }
}

function group(value: unknown): Record<string, unknown> {
  return z.record(z.string(), z.unknown()).parse(value)
}

/** The names of the fields that a schema marks as secret or personal. */
function secretNames(schema: z.ZodObject): string[] {
  return Object.entries(schema.shape).flatMap(([name, field]) =>
    field instanceof z.ZodType && [field.meta()?.['secret'], field.meta()?.['personal']].includes(true) ? [name] : [],
  )
}

/** The value of every secret of a call. */
export function secretsIn({ from, to }: AnyFlow, request: Pick<RunRequest, 'origin_auth' | 'target_auth'>): string[] {
  const sides = [
    { schema: from.auth, auth: request.origin_auth },
    { schema: to.auth, auth: request.target_auth },
  ]
  const values = sides.flatMap(({ schema, auth }) => secretNames(schema).map((name) => auth[name]))
  return values.filter((value) => typeof value === 'string')
}

type ScopedAction = { id: string; flow: AnyFlow; own: { id: string } }

/** What a scope is made of, by name: whose account, and every parameter that was given. Holds no secret. */
export function scopeParameters({ flow }: ScopedAction, request: RunRequest): Record<string, Json> {
  const secrets = secretNames(flow.from.auth)
  const account = Object.entries(request.origin_auth).filter(([name]) => !secrets.includes(name))
  const all = [...account, ...Object.entries(request.pull_parameters), ...Object.entries(request.push_parameters)]
  const given = all.filter(([, value]) => value !== undefined && value !== null).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(given.map(([name, value]) => [name, isScalar(value) ? value : JSON.stringify(value)]))
}

/** Whose items an action reads, by name, as far as what it was given tells: never a secret. Empty: that cannot be told. */
export function accountIn({ flow, own }: ScopedAction, input: Record<string, unknown>): Record<string, string> {
  const auth = flow.from.auth.safeParse(input[groupsOf(flow, own).origin_auth])
  const secrets = secretNames(flow.from.auth)
  const open = Object.entries(auth.data ?? {}).filter(([name]) => !secrets.includes(name))
  return Object.fromEntries(open.map(([name, value]) => [name, String(value)]))
}

/**
 * Where items are written, and whose they are: what was delivered there was delivered, whatever filter listed it.
 * Records belong to it.
 */
export function placeOf(action: ScopedAction, request: RunRequest): string {
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
export function versionsOf(flow: AnyFlow, request: RunRequest): { format: string; logics?: string } {
  const logics = request.logics.map(versionOf)
  const seen = logics.some((version) => version !== 'function')
  return { format: formatOf(flow, request), ...(seen ? { logics: logics.join(', ') } : {}) }
}

/** What makes an item what it is at the target: how it is chosen and formatted, and how it is written. */
export function mappingOf(flow: AnyFlow, request: RunRequest): string {
  const { format, logics } = versionsOf(flow, request)
  const others = Object.entries(request.push_parameters).filter(([name]) => name !== flow.write.place)
  const given: [string, unknown][] = logics === undefined ? others : [...others, ['logics', logics]]
  return [format, ...given.map(([name, value]) => `${name}=${String(value)}`).sort()].join(' ')
}

function isScalar(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value)
}

/** What a cursor and its records belong to: another account, board or filter is another scope. */
export function scopeOf(action: ScopedAction, request: RunRequest): string {
  return hashOf([action.own.id, action.id, scopeParameters(action, request)])
}

/** Of what makes a scope, a place or a mapping: 32 hexadecimal digits. */
export function hashOf(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}

type Issue = z.core.$ZodIssue

/** What an issue says to a person: where, what was expected, and what was probably meant; never the refused value. */
export function describe(issue: Issue, input: unknown, schema: z.ZodType): Problem[] {
  const path = issue.path.join('.')
  if (issue.code === 'unrecognized_keys') {
    const known = namesAt(schema, issue.path)
    return issue.keys.map((key) => {
      const meant = nearest(key, known)
      const hint = meant === undefined ? ` Known: ${known.join(', ')}.` : ` Did you mean ${meant}?`
      return { path: path === '' ? key : `${path}.${key}`, message: `unknown parameter.${hint}` }
    })
  }
  return [{ path: path === '' ? 'parameters' : path, message: explain(issue, valueAt(input, issue.path)) }]
}

function explain(issue: Issue, value: unknown): string {
  const missing = value === undefined
  switch (issue.code) {
    case 'invalid_type':
      return missing ? `missing; expected ${issue.expected}.` : `expected ${issue.expected}, received ${kindOf(value)}.`
    case 'invalid_value': {
      const options = issue.values.map(String)
      const meant = typeof value === 'string' ? nearest(value, options) : undefined
      return `expected one of ${options.join(', ')}.${meant === undefined ? '' : ` Did you mean ${meant}?`}`
    }
    case 'too_small':
      return issue.origin === 'string' ? 'must not be empty.' : `must be at least ${String(issue.minimum)}.`
    case 'too_big':
      return `must be at most ${String(issue.maximum)}${issue.origin === 'string' ? ' characters' : ''}.`
    case 'invalid_union': {
      const expected = issue.errors.flat().flatMap((inner) => (inner.code === 'invalid_type' ? [inner.expected] : []))
      return `expected ${[...new Set<string>(expected)].join(' or ')}, received ${kindOf(value)}.`
    }
    default:
      return missing && issue.code === 'custom' ? `missing; ${issue.message}.` : `${issue.message}.`
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  return typeof value === 'object' ? Object.prototype.toString.call(value).slice(8, -1).toLowerCase() : typeof value
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    input,
  )
}

function namesAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at: unknown = bare(schema)
  for (const key of path) at = at instanceof z.ZodObject ? bare(Reflect.get(at.shape, key)) : undefined
  return at instanceof z.ZodObject ? Object.keys(at.shape) : []
}

/** The schema itself, without what makes it optional or prepares its input. */
function bare(schema: unknown): unknown {
  if (schema instanceof z.ZodPipe) return bare(schema.out)
  if (schema instanceof z.ZodUnion) return schema.options.map(bare).find((option) => option instanceof z.ZodObject)
  return schema instanceof z.ZodOptional || schema instanceof z.ZodNullable ? bare(schema.unwrap()) : schema
}
