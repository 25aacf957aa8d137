import { type SchemaModule, sql } from 'kysely'

/** Tables of workflows that run by themselves. */
export interface ScheduleTables {
  schedules: {
    workflow_id: string
    account: string
    schedule: string | null
    full_schedule: string | null
    next_run_at: number | null
    next_full_at: number | null
    taken_run_at: number | null
    taken_full_at: number | null
    run_due: number | null
    full_due: number | null
    started_at: number | null
    started_full: number
    paused: number
    fatal_count: number
    waits_until: number | null
    condition: string
    since: number
    said: string | null
    told_at: number | null
    listeners: string
    sent_at: number | null
  }
  /** Workflows that were pushed: JSON as their files have it. */
  stored: { workflow_id: string; definition: string; notify: string; pushed_at: number }
  /** Messages that have not reached their targets yet. */
  outbox: {
    id: string
    target: string
    workflow_id: string
    body: string
    attempts: number
    created_at: number
    next_attempt_at: number
  }
}

export async function createSchedules({ schema }: { schema: SchemaModule }): Promise<void> {
  await schema
    .createTable('schedules')
    .addColumn('workflow_id', 'text', (column) => column.primaryKey())
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('schedule', 'text')
    .addColumn('full_schedule', 'text')
    .addColumn('next_run_at', 'bigint')
    .addColumn('next_full_at', 'bigint')
    .addColumn('taken_run_at', 'bigint')
    .addColumn('taken_full_at', 'bigint')
    .addColumn('run_due', 'bigint')
    .addColumn('full_due', 'bigint')
    .addColumn('started_at', 'bigint')
    .addColumn('started_full', 'integer', (column) => column.notNull())
    .addColumn('paused', 'integer', (column) => column.notNull())
    .addColumn('fatal_count', 'integer', (column) => column.notNull())
    .addColumn('waits_until', 'bigint')
    .addColumn('condition', 'text', (column) => column.notNull())
    .addColumn('since', 'bigint', (column) => column.notNull())
    .addColumn('said', 'text')
    .addColumn('told_at', 'bigint')
    .execute()
  for (const column of ['next_run_at', 'next_full_at', 'run_due', 'full_due'] as const)
    await schema.createIndex(`schedules_by_${column}`).on('schedules').column(column).execute()
  await schema
    .createTable('outbox')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('workflow_id', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('next_attempt_at', 'bigint', (column) => column.notNull())
    .execute()
  await schema.createIndex('outbox_by_next_attempt').on('outbox').column('next_attempt_at').execute()
}

export async function createStored({ schema }: { schema: SchemaModule }): Promise<void> {
  await schema.alterTable('schedules').addColumn('sent_at', 'bigint').execute()
  const listeners = schema.alterTable('schedules')
  await listeners.addColumn('listeners', 'text', (column) => column.notNull().defaultTo('[]')).execute()
  // Of those alone that have something to do: it is asked every few seconds, and most rest.
  const busy = schema.createIndex('schedules_busy').on('schedules').columns(['account', 'workflow_id'])
  await busy.where(sql<boolean>`run_due is not null or full_due is not null or started_at is not null`).execute()
  await schema
    .createTable('stored')
    .addColumn('workflow_id', 'text', (column) => column.primaryKey())
    .addColumn('definition', 'text', (column) => column.notNull())
    .addColumn('notify', 'text', (column) => column.notNull())
    .addColumn('pushed_at', 'bigint', (column) => column.notNull())
    .execute()
}
