import { expect, test } from 'vitest'
import { z } from 'zod'
import { hrflow } from '../../connectors/hrflow/index.js'
import { registry } from '../../connectors/index.js'
import { Workable } from '../../index.js'
import { DefinitionError } from '../errors.js'
import { actionId, defineConnector, methodName } from './connector.js'
import { flow } from './flow.js'
import { read } from './read.js'
import { defineWarehouse } from './warehouse.js'

const item = z.looseObject({ id: z.string() })
const jobs = read({
  parameters: z.strictObject({}),
  async *list() {},
  load: () => Promise.resolve({ item: { id: '1' }, read_at: 0 }),
})
const other = defineWarehouse({
  id: 'other',
  name: 'Other',
  auth: z.strictObject({ token: z.string() }),
  connect: (auth) => auth.token,
  aisles: { job: { schema: item, read: { update: jobs } } },
})
const format = ({ id }: { id: string }) => ({ reference: id })
const update = { mode: 'update', entity: 'job', from: other, to: hrflow, format, format_version: '1' } as const

test('flows become methods by their documented names', () => {
  expect(registry.Workable.actions.map(({ id }) => id)).toEqual([
    'create_jobs_in_hrflow',
    'update_jobs_in_hrflow',
    'archive_jobs_in_hrflow',
  ])
  expect(actionId(flow(update))).toBe('update_jobs_in_hrflow')
  expect(methodName('update_jobs_in_hrflow')).toBe('updateJobsInHrflow')
  expect(Workable.updateJobsInHrflow).toBeTypeOf('function')
  expect(Workable.archiveJobsInHrflow).toBeTypeOf('function')
})

test('a flow over an aisle that cannot be read or written in its mode is refused by name', () => {
  const untyped: (definition: unknown) => unknown = flow as never
  expect(() => untyped({ ...update, mode: 'create' })).toThrow(
    new DefinitionError('Other has no job aisle that is readable in create mode.'),
  )
  expect(() => untyped({ ...update, entity: 'profile' })).toThrow('Other has no profile aisle that is readable')
  expect(() => untyped({ ...update, to: other })).toThrow('Other has no job aisle that is writable in update mode.')
})

test('a connector with two flows of one name, or with another warehouse’s flow, is refused', () => {
  expect(() => defineConnector({ warehouse: other, flows: [flow(update), flow(update)] })).toThrow(
    'Other has two flows named update_jobs_in_hrflow.',
  )
  const stranger = defineWarehouse({ ...other, id: 'stranger', name: 'Stranger', connect: () => null })
  expect(() => defineConnector({ warehouse: stranger, flows: [flow(update)] })).toThrow('Stranger')
})

test('a warehouse id that could not be part of a name is refused', () => {
  expect(() => defineWarehouse({ ...other, id: 'Other Warehouse', connect: () => null })).toThrow(DefinitionError)
})
