import { type Kysely, sql, type SqlBool, type Transaction } from 'kysely'
import type { ReadyWorkflow, ScheduledWorkflow } from '../../core/ports/schedule.js'
import { LONGEST_LEASE_MS } from '../retention.js'
import type { Tables } from './schema.js'

// Whose turn it is, where several processes of PostgreSQL share the work: of one account one workflow runs at a time.

/** Between the start of a run and its lease little passes; after so long without one its process is gone. */
const BEGINS_MS = 60_000
/** What was sent and not taken up for so long is sent again: the engine may have lost it. One that waits there stays one. */
const SEND_AGAIN_MS = 120_000
/** Workflows that are sent in one transaction. */
const BATCH = 2_000

/** Whether `other` has a run whose process is there, as far as anybody can tell by its `lease`. */
const isRunning = (now: number) => sql<SqlBool>`(other.started_at > ${now - BEGINS_MS} or (other.started_at is not null
  and lease.holder is not null and lease.expires_at > ${now} and lease.expires_at <= ${now + LONGEST_LEASE_MS}))`

/** Those that have something to do: an index holds these alone. */
const isBusy = (of: 'one' | 'other') => {
  const column = (name: string) => sql.ref(`${of}.${name}`)
  return sql<SqlBool>`(${column('run_due')} is not null or ${column('full_due')} is not null
    or ${column('started_at')} is not null)`
}

const mayRun = (now: number) => sql<SqlBool>`one.paused = 0 and (one.waits_until is null or one.waits_until <= ${now})`

/** Accounts of which a workflow is queued or runs. */
function occupied(db: Transaction<Tables>, now: number, account?: string) {
  return db
    .selectFrom('schedules as other')
    .leftJoin('workflows as lease', 'lease.workflow_id', 'other.workflow_id')
    .select('other.account')
    .where(isBusy('other'))
    .where((where) => where.or([sql<SqlBool>`other.sent_at > ${now - SEND_AGAIN_MS}`, isRunning(now)]))
    .$if(account !== undefined, (query) => query.where('other.account', '=', account ?? ''))
}

/** Of each account that is free the first that may run; locked, and what others have locked left out. */
export async function ready(db: Transaction<Tables>, now: number, account?: string): Promise<ReadyWorkflow[]> {
  const found = await db
    .selectFrom('schedules as one')
    .select(['one.workflow_id', 'one.account'])
    .where(isBusy('one'))
    .where(mayRun(now))
    .$if(account !== undefined, (query) => query.where('one.account', '=', account ?? ''))
    // Not of each row whether there is another: while most rest, statistics say that none is busy, and PostgreSQL would go
    // through all that are for each of them.
    .where('one.account', 'not in', occupied(db, now, account))
    // One that made way waits from then on: behind those that were due before.
    .orderBy(sql`greatest(coalesce(one.waits_until, 0), least(one.run_due, one.full_due, one.started_at))`)
    .limit(BATCH)
    .forUpdate('one')
    .skipLocked()
    .execute()
  const first = new Map<string, ReadyWorkflow>()
  for (const workflow of found) if (!first.has(workflow.account)) first.set(workflow.account, workflow)
  return [...first.values()]
}

/** Until the end of the transaction nobody else decides who runs of an account. */
export async function lockAccount(db: Transaction<Tables>, account: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${account}, 4711))`.execute(db)
}

/** For how long a run of another workflow of an account counts at the least; 0: none does. */
export async function busyMs(
  db: Kysely<Tables>,
  { workflow_id, account }: ReadyWorkflow,
  now: number,
): Promise<number> {
  const others = db
    .selectFrom('schedules as other')
    .leftJoin('workflows as lease', 'lease.workflow_id', 'other.workflow_id')
    .select(['other.started_at', 'lease.expires_at'])
    .where('other.account', '=', account)
    .where('other.workflow_id', '<>', workflow_id)
    .where(isBusy('other'))
    .where(isRunning(now))
  const left = (await others.execute()).map(({ started_at, expires_at }) =>
    Math.max((started_at ?? now) + BEGINS_MS - now, (expires_at ?? now) - now, 1),
  )
  return Math.max(0, ...left)
}

/** For how long a run that has no lease may still be about to take one. */
export function beginsMs({ started_at }: ScheduledWorkflow, now: number): number {
  return started_at === null ? 0 : Math.max(0, started_at + BEGINS_MS - now)
}

export async function isWanted(
  db: Kysely<Tables>,
  { workflow_id, account }: ReadyWorkflow,
  now: number,
): Promise<boolean> {
  const other = db
    .selectFrom('schedules as one')
    .select('one.workflow_id')
    .where('one.account', '=', account)
    .where('one.workflow_id', '<>', workflow_id)
    .where(isBusy('one'))
    .where(mayRun(now))
  return (await other.limit(1).execute()).length > 0
}

/** Sent before a moment, and not taken up yet. */
export async function sentCount(db: Kysely<Tables>, before: number): Promise<number> {
  const sent = db.selectFrom('schedules as one').select((all) => all.fn.countAll<number>().as('count'))
  const waiting = sent.where(isBusy('one')).where('one.sent_at', '<=', before)
  return (await waiting.executeTakeFirst())?.count ?? 0
}
