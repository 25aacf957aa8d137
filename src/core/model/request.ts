import { z } from 'zod'
import { RunError } from '../errors.js'
import type { Reason } from '../result/outcome.js'
import { problemsOf, type Problem } from '../text/validation.js'
import type { AnyFlow } from './flow.js'
import { type Callable, requiredText, type Watch, WATCH } from './parameters.js'
import type { Details } from './read.js'

function callable() {
  return z.custom<Callable>((value) => typeof value === 'function', { error: 'expected a function' })
}

/** The watches of the functions of a call. */
export function watchesOf({ logics, format }: Pick<RunRequest, 'logics' | 'format'>): Watch[] {
  return [...logics, ...(format ? [format] : [])].flatMap((fn) => (isWatching(fn) ? [fn[WATCH]] : []))
}

/** Whether the caller's functions need the list entry of an item alone: each says so by a property, `details: 'list'`. */
export function listIsEnough({ logics, format }: Pick<RunRequest, 'logics' | 'format'>): boolean {
  return [...logics, ...(format ? [format] : [])].every((fn) => Reflect.get(fn, 'details') === 'list')
}

/** When the details of items are read: as the parameters ask, but not after delivery where a function waits for them. */
export function detailsOf(
  { read }: AnyFlow,
  request: Pick<RunRequest, 'pull_parameters' | 'logics' | 'format'>,
): Details {
  const asked = read.partial?.details(request.pull_parameters) ?? 'with'
  return asked === 'after' && !listIsEnough(request) ? 'with' : asked
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
    return { problems: parsed.error.issues.flatMap((issue) => problemsOf(issue, input, schema)) }
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
export function secretNames(schema: z.ZodObject): string[] {
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
