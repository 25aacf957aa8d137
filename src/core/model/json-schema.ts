import { z } from 'zod'
import type { Action } from './flow.js'
import { groupsOf, otherParameters } from './request.js'

/** A JSON Schema as a document. */
export type JsonSchema = Record<string, unknown>

/** What a caller gives, as JSON Schema. Secrets are marked `secret: true`; functions have no form in JSON and are open. */
export function inputSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
}

/** Everything an action takes, strict as the run is: unknown names are no parameters. */
export function parametersSchema({ flow, own }: Action): z.ZodObject {
  const { origin_auth, target_auth } = groupsOf(flow, own)
  return z.strictObject({
    [origin_auth]: flow.from.auth,
    [target_auth]: flow.to.auth,
    pull_parameters: flow.read.parameters.nullish(),
    push_parameters: flow.write.parameters,
    ...otherParameters,
  })
}
