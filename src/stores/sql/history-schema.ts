import type { Kysely } from 'kysely'

/** Version 7: lists of runs without their whole results, failures by kind, and changes made by hand. */
export async function createHistory<T>(db: Kysely<T>): Promise<void> {
  const { schema } = db
  await schema.alterTable('runs').addColumn('summary', 'text').execute()
  const byMoment = schema.createIndex('runs_by_moment').on('runs')
  await byMoment.columns(['started_at', 'run_id']).execute()
  const byKind = schema.createIndex('failures_by_kind').on('failures')
  await byKind.columns(['run_id', 'stage', 'code', 'position']).execute()
  await schema
    .createTable('audit')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('who', 'text', (column) => column.notNull())
    .addColumn('what', 'text', (column) => column.notNull())
    .addColumn('workflow_id', 'text')
    .addColumn('detail', 'text', (column) => column.notNull())
    .execute()
  await schema.createIndex('audit_by_moment').on('audit').columns(['at', 'id']).execute()
  await schema.createIndex('audit_by_workflow').on('audit').columns(['workflow_id', 'at']).execute()
  // In its place: pages begin behind a run, not behind a moment.
  await schema.dropIndex('runs_by_start').execute()
  await schema.createIndex('runs_by_workflow').on('runs').columns(['workflow_id', 'started_at', 'run_id']).execute()
}
