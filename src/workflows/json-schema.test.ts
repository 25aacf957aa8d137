import { expect, test } from 'vitest'
import { z } from 'zod'
import { qualifiedName } from '../core/model/describe.js'
import { actionsByName, GROUPS, parametersOf } from './actions.js'
import { workflowsJsonSchema } from './json-schema.js'

const node = z.looseObject({
  properties: z.record(z.string(), z.looseObject({})).default({}),
  additionalProperties: z.unknown().optional(),
  anyOf: z.array(z.looseObject({})).default([]),
  description: z.string().optional(),
})
const workflow = node.extend({
  properties: z.record(z.string(), node),
  allOf: z.array(
    z.object({
      if: z.object({ properties: z.object({ action: z.object({ const: z.string() }) }) }),
      then: z.object({ properties: z.record(z.string(), node) }),
    }),
  ),
})
const file = z.object({ properties: z.object({ workflows: z.object({ additionalProperties: workflow }) }) })

const schema = file.parse(workflowsJsonSchema()).properties.workflows.additionalProperties

test('every key of a workflow is there with a description, and no other is allowed', () => {
  expect(Object.keys(schema.properties)).toEqual([
    'action',
    ...GROUPS,
    'incremental',
    'schedule',
    'full_schedule',
    'heartbeat',
    'logics',
    'format',
    'callback',
  ])
  for (const [key, { description }] of Object.entries(schema.properties))
    expect(`${key} ${description ?? ''}`).toMatch(/ .{10}/)
  expect(schema.additionalProperties).toBe(false)
  expect(schema.properties['action']).toMatchObject({ enum: [...actionsByName().keys()] })
})

test.each([...actionsByName().values()].map((action) => [qualifiedName(action), action] as const))(
  'what %s takes is known by the schema, group by group',
  (name, action) => {
    const then = schema.allOf.find((part) => part.if.properties.action.const === name)!.then.properties
    for (const group of GROUPS) {
      const { properties, additionalProperties } = then[group]!
      const parameters = parametersOf(action, group)
      expect(Object.keys(properties)).toEqual(parameters.map((parameter) => parameter.name))
      expect(additionalProperties).toBe(false)
      for (const { name: parameter, values, description } of parameters) {
        expect(properties[parameter]?.['description']).toContain(description)
        const text = JSON.stringify(properties[parameter])
        for (const value of values) expect(text).toContain(`"${value}"`)
        // A variable may stand everywhere.
        expect(node.parse(properties[parameter]).anyOf.at(-1)).toMatchObject({
          type: 'string',
          pattern: expect.stringMatching(/^\\\$\\\{/) as string,
        })
      }
    }
  },
)

test('the targets of a mapping are those that the action writes', () => {
  const then = (name: string) => schema.allOf.find((part) => part.if.properties.action.const === name)!.then.properties
  const targets = (name: string) =>
    z
      .object({ properties: z.object({ fields: node }) })
      .transform((mapping) => Object.keys(mapping.properties.fields.properties))
      .parse(then(name)['format']?.anyOf[0])
  expect(targets('workable.update_jobs_in_hrflow')).toEqual(
    expect.arrayContaining(['reference', 'name', 'tags', 'location']),
  )
  expect(targets('workable.archive_jobs_in_hrflow')).toEqual(['reference'])
})

test('it is JSON, and the same each time', () => {
  expect(JSON.parse(JSON.stringify(workflowsJsonSchema()))).toEqual(workflowsJsonSchema())
})
