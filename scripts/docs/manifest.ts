import type { z } from 'zod'
import type { Connector } from '../../src/core/model/connector.js'
import type { Action } from '../../src/core/model/flow.js'
import { inputSchema, type JsonSchema } from '../../src/core/model/json-schema.js'
import { groupsOf } from '../../src/core/model/request.js'
import { EXPECTED, PLACEHOLDERS, pullTemplate, SETTINGS_KEYS } from './pull-template.js'

/** `manifest.json`: every connector and action for programs, in the shape of the Python project's manifest. */
export function manifestOf(registry: Record<string, Connector>) {
  return {
    name: 'HrFlow.ai Connectors',
    connectors: Object.entries(registry).map(([export_name, connector]) => ({
      name: connector.name,
      type: connector.type,
      subtype: connector.id,
      logo: connector.logo,
      actions: connector.actions.map((action) => actionOf({ export_name }, action)),
    })),
  }
}

function actionOf(connector: { export_name: string }, action: Action) {
  const { flow, own } = action
  const { origin_auth, target_auth } = groupsOf(flow, own)
  const entity = capital(flow.entity)
  return {
    name: action.id,
    data_type: flow.entity,
    direction: flow.to.id === own.id ? 'outbound' : 'inbound',
    mode: flow.mode,
    [`${origin_auth}_parameters`]: unwrapped(flow.from.auth, 'AuthParameters'),
    [`${target_auth}_parameters`]: unwrapped(flow.to.auth, 'AuthParameters'),
    origin: flow.from.name,
    origin_data_schema: unwrapped(flow.from.aisles[flow.entity]?.schema, `${flow.from.name}${entity}`),
    supports_incremental: flow.read.since !== undefined,
    pull_parameters: unwrapped(flow.read.parameters, `${entity}sReadParameters`),
    target: flow.to.name,
    target_data_schema: unwrapped(flow.write.schema, `${flow.to.name}${entity}`),
    push_parameters: unwrapped(flow.write.parameters, `${entity}sWriteParameters`),
    // The default format is a function.
    jsonmap: {},
    workflow: {
      // Runs are started by a schedule or a person, never by a request of the origin.
      catch_template: null,
      pull_template: pullTemplate(connector, action),
      settings_keys: SETTINGS_KEYS,
      placeholders: PLACEHOLDERS,
      expected: EXPECTED,
    },
  }
}

/** The object itself, open as the original's: `required` and `$defs` are always there. */
function unwrapped(schema: z.ZodType | undefined, title: string): JsonSchema {
  if (schema === undefined) return {}
  const { type, properties, required = [], $defs = {} } = inputSchema(schema)
  return { title, type, properties, required, $defs }
}

function capital(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`
}
