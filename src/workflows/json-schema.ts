import { z } from 'zod'
import { qualifiedName, summaryOf } from '../core/model/describe.js'
import type { Action } from '../core/model/flow.js'
import { groupsOf } from '../core/model/request.js'
import { actionsByName, type GroupName } from './actions.js'
import { TOLD } from './addresses.js'
import { FUNCTIONS } from './mapping/jsonata-functions.js'
import { shapeOf } from './mapping/targets.js'

type Json = Record<string, unknown>

const ADDRESS = { type: 'string', pattern: '^https?://|\\$\\{' }
const SCALAR = { type: ['string', 'number', 'boolean', 'null'] }
const FUNCTION = {
  type: 'string',
  pattern: '^.+#[^#]+$',
  description: 'A function: ./file.ts#name, from the folder of this file.',
}
const EXPRESSION = 'JSONata over the item as it was read.'

/** The JSON Schema (draft 7) of a workflow file in YAML: editors complete and check by it. */
export function workflowsJsonSchema(): Json {
  const actions = [...actionsByName().values()]
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'hrflow-connectors workflows',
    type: 'object',
    properties: {
      workflows: {
        description: 'Workflows by name. The name is the workflow_id: state is kept by it.',
        type: 'object',
        minProperties: 1,
        propertyNames: { minLength: 1, maxLength: 200 },
        additionalProperties: workflow(actions),
      },
      notify: notify(),
    },
    required: ['workflows'],
    additionalProperties: false,
  }
}

function workflow(actions: Action[]): Json {
  const summaries = actions.map((action) => `${qualifiedName(action)}: ${summaryOf(action)}`)
  return {
    type: 'object',
    properties: {
      action: { description: `What is done. ${summaries.join(' ')}`, enum: actions.map(qualifiedName) },
      connector_auth: {
        description: "Credentials of the connector's own side. What is left out comes from the environment.",
      },
      hrflow_auth: { description: 'Credentials of HrFlow.ai. What is left out comes from the environment.' },
      pull_parameters: { description: 'Which items are read.' },
      push_parameters: { description: 'Where and how items are written.' },
      incremental: { description: 'True: only what has changed since the last run.', type: 'boolean', default: false },
      schedule: schedule('When it runs by itself: a cron expression in UTC, or with a time zone.'),
      full_schedule: schedule('When it reads everything, which heals what was edited by hand: likewise.'),
      heartbeat: {
        ...ADDRESS,
        type: ['string', 'null'],
        description: 'An address that serve calls after each run that is not fatal.',
      },
      logics: logics(),
      format: { description: "Turns an item read into an item to write. Default: the connector's own." },
      callback: {
        ...FUNCTION,
        type: ['string', 'null'],
        description: 'A function called once after the writes: ./file.ts#name.',
      },
    },
    required: ['action'],
    additionalProperties: false,
    allOf: actions.map((action) => ({
      if: { properties: { action: { const: qualifiedName(action) } }, required: ['action'] },
      then: { properties: { ...groups(action), format: format(action) } },
    })),
  }
}

function schedule(description: string): Json {
  const cron = {
    type: 'string',
    // Five fields; whether a clock can follow them is told by the loader.
    pattern: '^\\s*(\\S+\\s+){4}\\S+\\s*$',
    description: 'Minute, hour, day of the month, month, day of the week.',
    examples: ['*/15 * * * *'],
  }
  const time_zone = { type: 'string', description: 'IANA name, such as Europe/Paris.', default: 'UTC' }
  const map = { type: 'object', properties: { cron, time_zone }, required: ['cron'], additionalProperties: false }
  return { description, anyOf: [cron, map, { type: 'null' }] }
}

function notify(): Json {
  const properties = {
    url: { ...ADDRESS, description: 'Where a message is posted. It may be a secret: ${NAME} or ${file:/path}.' },
    on: {
      description: 'What is told there. Default: all.',
      type: 'array',
      items: { enum: TOLD },
      minItems: 1,
      uniqueItems: true,
    },
    secret: { type: 'string', description: 'Signs each message. A secret: ${NAME} or ${file:/path}.' },
  }
  return {
    description: 'Whom serve tells when something is wrong with a workflow, and when it is well again.',
    type: ['array', 'null'],
    items: { type: 'object', properties, required: ['url'], additionalProperties: false },
  }
}

function logics(): Json {
  const condition = {
    type: 'object',
    properties: {
      if: {
        type: ['string', 'number', 'boolean'],
        description: `A condition: an item for which it does not hold is discarded. ${EXPRESSION}`,
      },
    },
    required: ['if'],
    additionalProperties: false,
  }
  return {
    description: 'Applied to each item in turn: conditions, and functions that return the item, or null to discard it.',
    type: ['array', 'null'],
    items: { anyOf: [condition, FUNCTION] },
  }
}

/** The four groups. Nothing is required of what the environment may fill. */
function groups(action: Action): Record<GroupName, Json> {
  const { flow } = action
  const { origin_auth } = groupsOf(flow, action.own)
  const [own, hrflow] = origin_auth === 'connector_auth' ? [flow.from, flow.to] : [flow.to, flow.from]
  return {
    connector_auth: group(own.auth, `Credentials of ${own.name}.`),
    hrflow_auth: group(hrflow.auth, `Credentials of ${hrflow.name}.`),
    pull_parameters: group(flow.read.parameters, `Which items are read from ${flow.from.name}.`),
    push_parameters: group(flow.write.parameters, `Where and how items are written to ${flow.to.name}.`),
  }
}

const objectSchema = z.object({ properties: z.record(z.string(), z.record(z.string(), z.unknown())).default({}) })

function group(schema: z.ZodObject, description: string): Json {
  const { properties } = objectSchema.parse(
    z.toJSONSchema(schema, { target: 'draft-7', io: 'input', unrepresentable: 'any' }),
  )
  const fields = Object.entries(properties).map(([name, field]) => [name, fillable(field)])
  return { description, type: ['object', 'null'], properties: Object.fromEntries(fields), additionalProperties: false }
}

/** A value, or a text that is filled from a variable or a file. */
function fillable({ description, default: standard, secret, personal, ...rest }: Json): Json {
  const from = secret === true ? ' A secret: ${NAME} or ${file:/path}.' : ''
  return {
    description: `${typeof description === 'string' ? description : ''}${from}`,
    ...(standard === undefined ? {} : { default: standard }),
    ...(personal === undefined && secret === undefined ? {} : { examples: ['${NAME}'] }),
    anyOf: [rest, { type: 'string', pattern: '\\$\\{([A-Za-z_][A-Za-z0-9_]*|file:[^}]+)\\}' }],
  }
}

function format(action: Action): Json {
  const shape = shapeOf(action.flow.write.schema)
  const field = (schema: z.ZodType): Json => ({
    ...SCALAR,
    description: `${schema.description ?? ''} ${EXPRESSION}`.trim(),
  })
  const properties = Object.fromEntries(Object.entries(shape).map(([name, schema]) => [name, field(schema)]))
  const mapping = {
    type: 'object',
    properties: {
      base: {
        enum: ['default', 'none'],
        default: 'default',
        description: "default: on top of the connector's own format; none: in place of it.",
      },
      fields: {
        type: 'object',
        minProperties: 1,
        description: `Targets and expressions: name, tags.NAME, location.fields.city, ranges_float.NAME.value_min. ${EXPRESSION} Functions: ${FUNCTIONS.map((name) => `$${name}`).join(', ')}.`,
        properties,
        patternProperties: { [`^(${Object.keys(shape).join('|')})\\.`]: SCALAR },
        additionalProperties: false,
      },
    },
    required: ['fields'],
    additionalProperties: false,
    if: { properties: { base: { const: 'none' } }, required: ['base'] },
    then: { properties: { fields: { required: ['reference'] } } },
  }
  return { anyOf: [mapping, FUNCTION, { type: 'null' }] }
}
