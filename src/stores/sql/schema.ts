import { type Kysely, sql } from 'kysely'
import { StateError } from '../../core/errors.js'
import { createHistory } from './history-schema.js'
import { createSchedules, createStored, type ScheduleTables } from './schedule-schema.js'

/** Tables as both databases have them: text ids, JSON as text, moments in epoch milliseconds. */
export interface Tables extends ScheduleTables {
  meta: { name: string; value: string }
  workflows: {
    workflow_id: string
    action: string
    scope: string | null
    parameters: string
    cursor: string | null
    last_result: string | null
    /** Of the last lease; the workflow is held while `expires_at` is in the future. */
    epoch: number
    holder: string | null
    process: string | null
    since: number
    expires_at: number
    round: string | null
  }
  records: {
    workflow_id: string
    place: string
    reference: string
    id: string | null
    version: string | null
    read_at: number
    checked_at: number
    epoch: number
    scope: string
    target: string | null
    outcome: string
    mapping: string
    memo: string
    board: string | null
    run_id: string | null
    /** 1, or null. */
    partial: number | null
  }
  leavings: {
    workflow_id: string
    place: string
    target: string
    reference: string
    id: string | null
    reason: string
    since: number
    seen_at: number
    state: string
    archived_at: string | null
    decided_at: number | null
  }
  pending: {
    workflow_id: string
    scope: string
    reference: string
    id: string | null
    version: string | null
    stage: string
    code: string
    message: string
    attempts: number
    first_failed_at: number
    next_attempt_at: number | null
  }
  details: { account: string; reference: string; version: string; read_at: number; detail: string }
  runs: {
    run_id: string
    workflow_id: string
    action: string
    started_at: number
    finished_at: number | null
    result: string | null
    /** What lists show of the result. Null: it has not ended, or was written before this was kept. */
    summary: string | null
  }
  failures: {
    run_id: string
    position: number
    reference: string | null
    stage: string
    code: string
    message: string
    attempts: number
  }
  budgets: { account: string; slot: number; used: number }
  limits: { account: string; allowed: number }
  /** Accounts that a service asked to be left alone. */
  holds: { account: string; held_until: number }
  /** Changes made by hand. */
  audit: { id: string; at: number; who: string; what: string; workflow_id: string | null; detail: string }
}

type Migration = (db: Kysely<Tables>) => Promise<void>

/** Each brings the state from one version to the next. Never changed once released; a new one is added at the end. */
export const migrations: readonly Migration[] = [
  createTables,
  createHolds,
  createLeavings,
  addPartial,
  createSchedules,
  createStored,
  createHistory,
]

async function createTables(db: Kysely<Tables>): Promise<void> {
  const { schema } = db
  await schema
    .createTable('workflows')
    .addColumn('workflow_id', 'text', (column) => column.primaryKey())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('scope', 'text')
    .addColumn('parameters', 'text', (column) => column.notNull())
    .addColumn('cursor', 'text')
    .addColumn('last_result', 'text')
    .addColumn('epoch', 'bigint', (column) => column.notNull())
    .addColumn('holder', 'text')
    .addColumn('process', 'text')
    .addColumn('since', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute()
  await schema
    .createTable('records')
    .addColumn('workflow_id', 'text', (column) => column.notNull())
    .addColumn('place', 'text', (column) => column.notNull())
    .addColumn('reference', 'text', (column) => column.notNull())
    .addColumn('id', 'text')
    .addColumn('version', 'text')
    .addColumn('read_at', 'bigint', (column) => column.notNull())
    .addColumn('checked_at', 'bigint', (column) => column.notNull())
    .addColumn('epoch', 'bigint', (column) => column.notNull())
    .addColumn('scope', 'text', (column) => column.notNull())
    .addColumn('target', 'text')
    .addColumn('outcome', 'text', (column) => column.notNull())
    .addColumn('mapping', 'text', (column) => column.notNull())
    .addColumn('memo', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('records_key', ['workflow_id', 'place', 'reference'])
    .execute()
  await schema
    .createIndex('records_by_outcome')
    .on('records')
    .columns(['workflow_id', 'place', 'outcome', 'checked_at'])
    .execute()
  await schema
    .createTable('pending')
    .addColumn('workflow_id', 'text', (column) => column.notNull())
    .addColumn('scope', 'text', (column) => column.notNull())
    .addColumn('reference', 'text', (column) => column.notNull())
    .addColumn('id', 'text')
    .addColumn('version', 'text')
    .addColumn('stage', 'text', (column) => column.notNull())
    .addColumn('code', 'text', (column) => column.notNull())
    .addColumn('message', 'text', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('first_failed_at', 'bigint', (column) => column.notNull())
    .addColumn('next_attempt_at', 'bigint')
    .addPrimaryKeyConstraint('pending_key', ['workflow_id', 'scope', 'reference'])
    .execute()
  await schema
    .createTable('details')
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('reference', 'text', (column) => column.notNull())
    .addColumn('version', 'text', (column) => column.notNull())
    .addColumn('read_at', 'bigint', (column) => column.notNull())
    .addColumn('detail', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('details_key', ['account', 'reference'])
    .execute()
  await schema
    .createTable('runs')
    .addColumn('run_id', 'text', (column) => column.primaryKey())
    .addColumn('workflow_id', 'text', (column) => column.notNull())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('started_at', 'bigint', (column) => column.notNull())
    .addColumn('finished_at', 'bigint')
    .addColumn('result', 'text')
    .execute()
  await schema.createIndex('runs_by_start').on('runs').columns(['workflow_id', 'started_at']).execute()
  await schema
    .createTable('failures')
    .addColumn('run_id', 'text', (column) => column.notNull())
    .addColumn('position', 'integer', (column) => column.notNull())
    .addColumn('reference', 'text')
    .addColumn('stage', 'text', (column) => column.notNull())
    .addColumn('code', 'text', (column) => column.notNull())
    .addColumn('message', 'text', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('failures_key', ['run_id', 'position'])
    .execute()
  await schema
    .createTable('budgets')
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('slot', 'bigint', (column) => column.notNull())
    .addColumn('used', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('budgets_key', ['account', 'slot'])
    .execute()
  await schema
    .createTable('limits')
    .addColumn('account', 'text', (column) => column.primaryKey())
    .addColumn('allowed', 'integer', (column) => column.notNull())
    .execute()
  await db.insertInto('meta').values({ name: 'epoch', value: '0' }).execute()
}

async function createHolds({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .createTable('holds')
    .addColumn('account', 'text', (column) => column.primaryKey())
    .addColumn('held_until', 'bigint', (column) => column.notNull())
    .execute()
}

async function createLeavings({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .createTable('leavings')
    .addColumn('workflow_id', 'text', (column) => column.notNull())
    .addColumn('place', 'text', (column) => column.notNull())
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('reference', 'text', (column) => column.notNull())
    .addColumn('id', 'text')
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('since', 'bigint', (column) => column.notNull())
    .addColumn('seen_at', 'bigint', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('archived_at', 'text')
    .addColumn('decided_at', 'bigint')
    .addPrimaryKeyConstraint('leavings_key', ['workflow_id', 'place', 'target'])
    .execute()
  const byReference = schema.createIndex('leavings_by_reference').on('leavings')
  await byReference.columns(['workflow_id', 'place', 'reference']).execute()
  const byState = schema.createIndex('leavings_by_state').on('leavings')
  await byState.columns(['workflow_id', 'place', 'state', 'decided_at']).execute()
  await schema.alterTable('records').addColumn('board', 'text').execute()
  await schema.alterTable('records').addColumn('run_id', 'text').execute()
  await schema.createIndex('records_by_board').on('records').columns(['board', 'target']).execute()
  await schema.createIndex('records_by_id').on('records').columns(['workflow_id', 'place', 'id']).execute()
  await schema.alterTable('workflows').addColumn('round', 'text').execute()
}

async function addPartial({ schema }: Kysely<Tables>): Promise<void> {
  await schema.alterTable('records').addColumn('partial', 'integer').execute()
  // Of those alone: most runs have none, and must not look through all records to see it.
  const index = schema.createIndex('records_by_partial').on('records')
  await index
    .columns(['workflow_id', 'place', 'checked_at'])
    .where(sql<boolean>`partial is not null`)
    .execute()
}

/**
 * Brings the state to this program's version, in one transaction that begins with `prepare`; nothing is written where
 * it is already there. Throws `StateError` for a newer one.
 */
export async function migrate(
  db: Kysely<Tables>,
  prepare: (transaction: Kysely<Tables>) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  // Without the table it is a new state. What else may be wrong shows in the transaction.
  if ((await schemaVersion(db).catch(() => 0)) === migrations.length) return
  await db.transaction().execute(async (transaction) => {
    await prepare(transaction)
    await transaction.schema
      .createTable('meta')
      .ifNotExists()
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('value', 'text', (column) => column.notNull())
      .execute()
    const version = await schemaVersion(transaction)
    if (version > migrations.length) {
      const said = `The state has version ${version}, which is newer than this program: it knows ${migrations.length}.`
      throw new StateError('newer_state', said, { hint: 'Update hrflow-connectors, or name another place.' })
    }
    for (const migration of migrations.slice(version)) await migration(transaction)
    await transaction
      .insertInto('meta')
      .values({ name: 'schema_version', value: String(migrations.length) })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: sql`excluded.value` }))
      .execute()
  })
}

/** 0: nothing is there yet. */
async function schemaVersion(db: Kysely<Tables>): Promise<number> {
  const found = await db.selectFrom('meta').select('value').where('name', '=', 'schema_version').executeTakeFirst()
  return Number(found?.value ?? 0)
}
