import { type Kysely, sql } from 'kysely'
import type { Message, WaitingMessage } from '../../core/ports/schedule.js'
import type { SqlDatabase } from './database.js'
import type { Tables } from './schema.js'
import { chunks } from './statements.js'

// Messages that wait to reach their targets.

/** One that waits already, by its id, waits on. */
export async function addMessages(db: Kysely<Tables>, messages: readonly Message[], now: number): Promise<void> {
  const fresh = messages.map((message) => ({ ...message, attempts: 0, created_at: now, next_attempt_at: now }))
  for (const some of chunks(fresh))
    await db
      .insertInto('outbox')
      .values(some)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute()
}

/** Those whose time has come, oldest first; hidden from others for a while. */
export async function takeMessages(
  db: Kysely<Tables>,
  database: SqlDatabase,
  { limit, hide_ms, now }: { limit: number; hide_ms: number; now: number },
): Promise<WaitingMessage[]> {
  const found = await db
    .selectFrom('outbox')
    .select(['id', 'target', 'workflow_id', 'body', 'attempts', 'created_at'])
    .where('next_attempt_at', '<=', now)
    .orderBy('next_attempt_at')
    .limit(limit)
    .$if(database.kind === 'postgres', (query) => query.forUpdate().skipLocked())
    .execute()
  const hidden = db.updateTable('outbox').set({ next_attempt_at: now + hide_ms })
  const ids = found.map(({ id }) => id)
  if (ids.length > 0) await hidden.where(database.isOneOf(ids, 'id')).execute()
  return found
}

export async function settleMessage(db: Kysely<Tables>, id: string, next_attempt_at: number | null): Promise<void> {
  if (next_attempt_at === null) await db.deleteFrom('outbox').where('id', '=', id).execute()
  else {
    const tried = { next_attempt_at, attempts: sql<number>`attempts + 1` }
    await db.updateTable('outbox').set(tried).where('id', '=', id).execute()
  }
}
