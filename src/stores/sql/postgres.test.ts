import pg from 'pg'
import { describe, expect, inject, it } from 'vitest'
import { freshDatabase } from '../../../test/support/postgres.js'
import { scheduleConformance } from '../../../test/support/schedule-conformance.js'
import { storeConformance } from '../../../test/support/store-conformance.js'
import { openStore } from '../open.js'
import { openPostgres } from './postgres.js'

const server = inject('postgres_url')

storeConformance('SqlStore on PostgreSQL', async (clock) => openPostgres(await freshDatabase(server), clock))
scheduleConformance('SqlStore on PostgreSQL', async (clock) => openPostgres(await freshDatabase(server), clock))

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(text)
  await client.end()
}

describe('a PostgreSQL state', () => {
  it('is made by several that open it at once', async () => {
    const url = await freshDatabase(server)
    const stores = await Promise.all(Array.from({ length: 4 }, () => openPostgres(url)))
    expect(await stores[0]?.workflows()).toEqual([])
    await Promise.all(stores.map((store) => store.close()))
  })

  it('takes time from the database', async () => {
    const store = await openStore(await freshDatabase(server))
    const lease = await store.acquireLease('w', 'a', { name: 'me', process: null }, 40)
    expect(lease).toMatchObject({ epoch: 1 })
    expect(await store.acquireLease('w', 'a', { name: 'other', process: null }, 40)).toHaveProperty('since')
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(await store.acquireLease('w', 'a', { name: 'other', process: null }, 40)).toMatchObject({ epoch: 2 })
    await store.close()
  })

  it('says where it is without the password', async () => {
    const store = await openPostgres(await freshDatabase(server))
    const { location, bytes } = await store.summary()
    expect(location).toMatch(/^postgres:\/\/127\.0\.0\.1:\d+\/test_\w+$/)
    expect(bytes).toBeGreaterThan(0)
    await store.close()
  })

  it('opens for a role that may use it and may make nothing', async () => {
    const url = await freshDatabase(server)
    await (await openPostgres(url)).close()
    const role = `user_${new URL(url).pathname.slice(1)}`
    await query(
      url,
      `create role ${role} login password 'x'; grant usage on schema hrflow_connectors to ${role};
      grant select, insert, update, delete on all tables in schema hrflow_connectors to ${role}`,
    )
    const store = await openPostgres(url.replace(/\/\/[^@]*@/, `//${role}:x@`))
    expect(await store.workflows()).toEqual([])
    await store.close()
  })

  it('of a newer version is refused', async () => {
    const url = await freshDatabase(server)
    await (await openPostgres(url)).close()
    await query(url, `update hrflow_connectors.meta set value = '99' where name = 'schema_version'`)
    await expect(openPostgres(url)).rejects.toThrow(/version 99, which is newer/)
  })

  it('that cannot be reached is refused without the password', async () => {
    const refused = openPostgres('postgres://me:hidden@127.0.0.1:9/nothing')
    await expect(refused).rejects.toMatchObject({ code: 'state_unusable' })
    await expect(refused).rejects.not.toThrow(/hidden/)
  })
})
