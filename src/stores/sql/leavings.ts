import { type Expression, type Kysely, sql, type SqlBool } from 'kysely'
import type { DeliveryRecord, HeldCounts, Leaving } from '../../core/ports/store.js'
import { isLive, recordsOf } from './records.js'
import * as rows from './rows.js'
import type { Tables } from './schema.js'
import type { Statements } from './statements.js'

/** How a database says what differs: see `SqlDatabase`. */
export interface LeavingsDatabase {
  isOneOf: (values: string[], column: string) => Expression<SqlBool>
  /** A text column compared byte by byte, whatever the language of the database. */
  byBytes: (column: string) => Expression<string>
}
const LEAVING = [
  ...(['target', 'reference', 'id', 'reason', 'since', 'seen_at', 'state', 'archived_at', 'decided_at'] as const),
] as const

/** Records that were told to have left and have no leaving. */
export async function told(
  db: Kysely<Tables>,
  { workflow_id, place, before, limit }: { workflow_id: string; place: string; before: number; limit: number },
): Promise<DeliveryRecord[]> {
  const found = await recordsOf(db, workflow_id, place)
    .where('outcome', '=', 'left')
    .where('epoch', '<', before)
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('leavings')
            .select('leavings.target')
            .where('leavings.workflow_id', '=', workflow_id)
            .where('leavings.place', '=', place)
            .whereRef('leavings.reference', '=', 'records.reference'),
        ),
      ),
    )
    .orderBy('checked_at')
    .limit(limit)
    .execute()
  return found.map(rows.toRecord)
}

/** Records that the target has live, by the origin's id. */
export async function liveBetween(
  db: Kysely<Tables>,
  { byBytes }: LeavingsDatabase,
  range: { workflow_id: string; place: string; after: string; until: string | null },
): Promise<DeliveryRecord[]> {
  const { workflow_id, place, after, until } = range
  const isAbove = (other: string) =>
    sql<SqlBool>`(length(${sql.ref('id')}), ${byBytes('id')}) > (cast(${other.length} as integer), ${other})`
  const above = recordsOf(db, workflow_id, place).where(isLive).where(isAbove(after))
  const within = until === null ? above : above.where(sql<SqlBool>`not ${isAbove(until)}`)
  return (await within.execute()).map(rows.toRecord)
}

export async function heldByOthers(
  db: Kysely<Tables>,
  { isOneOf }: LeavingsDatabase,
  { workflow_id, board, targets }: { workflow_id: string; board: string; targets: string[] },
): Promise<string[]> {
  const found = await db
    .selectFrom('records')
    .select('target')
    .distinct()
    .where('board', '=', board)
    .where('workflow_id', '!=', workflow_id)
    .where(isOneOf(targets, 'target'))
    .where(isLive)
    .execute()
  return found.flatMap(({ target }) => target ?? [])
}

export async function heldCounts(
  db: Kysely<Tables>,
  { workflow_id, place, since }: { workflow_id: string; place: string; since: number },
): Promise<HeldCounts> {
  const count = sql<number>`cast(count(*) as integer)`
  const held = await db
    .selectFrom('records')
    .select(count.as('live'))
    .where('workflow_id', '=', workflow_id)
    .where('place', '=', place)
    .where(isLive)
    .executeTakeFirst()
  const archived = await db
    .selectFrom('leavings')
    .select(['reason', count.as('count')])
    .where('workflow_id', '=', workflow_id)
    .where('place', '=', place)
    .where('state', '=', 'archived')
    .where('decided_at', '>=', since)
    .groupBy('reason')
    .execute()
  return {
    live: held?.live ?? 0,
    archived: archived.reduce((sum, row) => sum + row.count, 0),
    deleted: archived.find(({ reason }) => reason === 'deleted')?.count ?? 0,
  }
}

export async function leavings(
  db: Kysely<Tables>,
  { isOneOf }: LeavingsDatabase,
  { workflow_id, place, references }: { workflow_id: string; place: string; references: string[] | null },
): Promise<Leaving[]> {
  const all = db
    .selectFrom('leavings')
    .select(LEAVING)
    .where('workflow_id', '=', workflow_id)
    .where('place', '=', place)
  const asked =
    references === null ? all.where('state', 'in', ['seen', 'archiving']) : all.where(isOneOf(references, 'reference'))
  return (await asked.execute()).map(rows.toLeaving)
}

export async function changeLeavings(
  db: Kysely<Tables>,
  { isOneOf, statements }: Pick<LeavingsDatabase, 'isOneOf'> & { statements: Statements },
  changes: { workflow_id: string; place: string; saved: Leaving[]; forgotten: string[] },
): Promise<void> {
  const { workflow_id, place, saved, forgotten } = changes
  if (forgotten.length > 0) {
    const gone = db.deleteFrom('leavings').where('workflow_id', '=', workflow_id).where('place', '=', place)
    await gone.where(isOneOf(forgotten, 'target')).execute()
  }
  const kept = saved.map((leaving) => ({ ...leaving, workflow_id, place }))
  await statements.upsert(db, 'leavings', ['workflow_id', 'place', 'target'], kept)
}
