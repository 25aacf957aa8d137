import type { Action } from '../core/model/flow.js'
import type { Json } from '../core/text/json.js'
import { environmentVariables } from '../runtime/environment.js'
import { actionsByName, type GroupName, GROUPS, parametersOf } from './actions.js'
import { isPlaceholder } from './file/placeholders.js'

// A workflow that a form has asked for, before it is in a file. What comes from a form is a value or, of what is secret, where the
// value is: it never reads a variable or a file that it could show.

/** What a form holds. */
export interface Draft {
  workflow_id: string
  action: string
  groups: Readonly<Record<string, Readonly<Record<string, Json>>>>
  incremental: boolean
  schedule: string | null
  full_schedule: string | null
}

/** What is wrong with a draft; `field` as `group.name`, null: of the whole. */
export interface DraftProblem {
  field: string | null
  said: string
}

const NAME = /^[a-zA-Z0-9][\w.-]{0,99}$/

/** How HrFlow's keys begin. */
const SECRET = /^ask[rw]?_/i

/** A draft as it stands in a file, or what is wrong with it as far as a file is not needed to see that. */
export function entryOf(draft: Draft): {
  entry: Record<string, unknown>
  action: Action | null
  problems: DraftProblem[]
} {
  const problems: DraftProblem[] = []
  const action = actionsByName().get(draft.action) ?? null
  if (action === null) problems.push({ field: null, said: 'There is no such action.' })
  if (!NAME.test(draft.workflow_id))
    problems.push({
      field: null,
      said: 'A name has letters, digits, dots, dashes and underscores, and begins with one of the first two.',
    })
  const entry: Record<string, unknown> = { action: draft.action }
  for (const group of GROUPS) {
    const filled = action === null ? {} : groupOf(action, group, draft.groups[group] ?? {}, problems)
    if (Object.keys(filled).length > 0) entry[group] = filled
  }
  for (const group of Object.keys(draft.groups))
    if (!GROUPS.some((known) => known === group)) problems.push({ field: null, said: `There is no group ${group}.` })
  const { incremental, schedule, full_schedule } = draft
  entry['incremental'] = incremental
  if (schedule !== null) entry['schedule'] = schedule
  if (full_schedule !== null) entry['full_schedule'] = full_schedule
  return { entry, action, problems }
}

function groupOf(
  action: Action,
  group: GroupName,
  given: Readonly<Record<string, Json>>,
  problems: DraftProblem[],
): Record<string, Json> {
  const parameters = parametersOf(action, group)
  const filled: Record<string, Json> = {}
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === '') continue
    const parameter = parameters.find((known) => known.name === name)
    const field = `${group}.${name}`
    const said = parameter === undefined ? 'There is no such parameter.' : problemOf(action, group, parameter, value)
    if (said !== null) problems.push({ field, said })
    else if (value !== parameter?.default) filled[name] = literal(value)
  }
  return filled
}

function problemOf(
  action: Action,
  group: GroupName,
  { name, secret }: { name: string; secret: boolean },
  value: Json,
): string | null {
  if (secret) {
    if (typeof value === 'string' && isPlaceholder(value)) return null
    return 'Name where it is, as ${NAME} or ${file:/path}: the secret itself does not belong here.'
  }
  if (typeof value !== 'string') return null
  if (SECRET.test(value)) return 'This looks like a secret, which does not belong here.'
  if (!value.includes('${')) return null
  const own = environmentVariables(action).find((known) => known.group === group && known.parameter === name)
  if (own !== undefined && value === `\${${own.variable}}`) return null
  return own === undefined ? 'No variable is read here.' : `Of all variables \${${own.variable}} alone is read here.`
}

/** A dollar of a text stands for itself; what names a variable stays as it is. */
function literal(value: Json): Json {
  return typeof value === 'string' && !isPlaceholder(value) ? value.replaceAll('$', '$$$$') : value
}
