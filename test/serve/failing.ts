import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import pg from 'pg'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import type { Sandbox } from '../../src/sandbox/index.js'
import type { Running } from '../support/command.js'
import { SELDOM, serving, shared } from './machine.js'

/** One workflow for each of so many accounts, `acme-2` after `acme`: all its jobs. */
export function ofAccounts(count: number, lines: string[] = [SELDOM]): Record<string, string[]> {
  const numbers = Array.from({ length: count }, (_, at) => (at === 0 ? '' : String(at + 1)))
  return Object.fromEntries(
    numbers.map((number) => {
      const token = number === '' ? '' : `_${number}`
      const subdomain = number === '' ? 'acme' : `acme-${number}`
      const auth = `connector_auth: { api_access_token: '\${WORKABLE_API_ACCESS_TOKEN${token}}', subdomain: ${subdomain} }`
      return [subdomain, [auth, ...lines]]
    }),
  )
}

/** Two processes that serve the same accounts over a network that takes its time, and nothing due yet. */
export async function twoServers(state: string, { accounts, jobs }: { accounts: number; jobs: number }) {
  const options = { accounts, latency: { ms: 60 }, workable: { jobs } }
  const made = await shared({ workflows: ofAccounts(accounts) }, state, options)
  const servers = [made.start(), made.start()]
  await Promise.all(servers.map(serving))
  const onBoard = () => made.sandbox.hrflow.jobs(made.sandbox.board_key).length
  return { ...made, state, servers, onBoard }
}

/** Rows of one statement. */
export async function rows<T extends z.ZodType>(url: string, row: T, text: string): Promise<z.infer<T>[]> {
  const client = new pg.Client({ connectionString: url })
  // A test may cut this one too.
  client.on('error', () => undefined)
  await client.connect()
  const found = await client.query(text)
  await client.end()
  return z.array(row).parse(found.rows)
}

const moment = z.union([z.null(), z.coerce.number()])
const standing = z.object({
  ...{ id: z.string(), condition: z.string(), said: z.string().nullable() },
  ...{ waits_until: moment, run_due: moment, started_at: moment },
})

/** How each workflow stands, in the order of their ids. To be asked again and again: a command for each would take the machine. */
export async function standings(url: string): Promise<z.infer<typeof standing>[]> {
  await sleep(200)
  return rows(
    url,
    standing,
    `select workflow_id as id, condition, said, waits_until, run_due, started_at
      from hrflow_connectors.schedules order by workflow_id collate "C"`,
  )
}

/** Until nothing is due any more, and nothing under way. */
export async function idle(url: string): Promise<void> {
  const isIdle = (one: z.infer<typeof standing>) => one.run_due === null && one.started_at === null
  while (!(await standings(url)).every(isIdle)) continue
}

const held = z.object({ holder: z.string() })

/** Which of the processes is at work on a workflow. */
export async function holderOf(workflow_id: string, url: string, servers: readonly Running[]): Promise<Running> {
  const text = `select holder from hrflow_connectors.workflows where workflow_id = '${workflow_id}'`
  const [found] = await rows(url, held, text)
  const holder = servers.find(({ child }) => found?.holder.startsWith(`process ${child.pid} `))
  if (holder === undefined) throw new Error(`None of these processes holds ${workflow_id}: ${found?.holder}`)
  return holder
}

const run = z.looseObject({ workflow_id: z.string(), started_at: z.string(), finished_at: z.string().nullable() })

/** Runs of one workflow that overlap: one began before the one before it had ended. */
export function overlaps(listed: string): string[] {
  const runs = z.array(run).parse(JSON.parse(listed))
  const ended = runs.filter(({ finished_at }) => finished_at !== null)
  return ended.flatMap((one) =>
    ended
      .filter((other) => other !== one && other.workflow_id === one.workflow_id)
      .filter((other) => other.started_at > one.started_at && other.started_at < (one.finished_at ?? ''))
      .map((other) => `${one.workflow_id} ${one.started_at}-${one.finished_at} ${other.started_at}`),
  )
}

/** Jobs by their reference that the board got, once for each time that it took one. */
export function deliveries({ hrflow }: Sandbox): string[] {
  const sent = z.looseObject({ reference: z.string() })
  return hrflow.requests
    .filter(({ method, status }) => (method === 'POST' || method === 'PUT') && status < 300)
    .flatMap(({ body }) => sent.safeParse(body).data?.reference ?? [])
}

/** A network between one process and a server: it can be cut so that nobody is told, and mended. */
export async function relay(url: string) {
  const to = new URL(url)
  const pairs = new Set<[Socket, Socket]>()
  const heard: number[] = []
  let isCut = false
  const listener = createServer((near) => {
    const far = connect(Number(to.port), to.hostname)
    const pair: [Socket, Socket] = [near, far]
    pairs.add(pair)
    near.on('data', () => heard.push(Date.now()))
    for (const [socket, other] of [pair, [far, near] as const]) {
      socket.on('data', (bytes) => {
        if (!isCut) other.write(bytes)
      })
      socket.on('error', () => socket.destroy())
      // Nor is anybody told that the other side has gone.
      socket.on('close', () => {
        if (!isCut) other.destroy()
      })
    }
    near.on('close', () => pairs.delete(pair))
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const reset = () => {
    for (const [near, far] of pairs) for (const socket of [near, far]) socket.destroy()
  }
  onTestFinished(() => {
    reset()
    listener.close()
  })
  const own = new URL(url)
  own.port = String((listener.address() as AddressInfo).port)
  return {
    url: own.href,
    /** When the process said something, oldest first. */
    heard: heard as readonly number[],
    /** Packets are lost from now on, in both directions. */
    cut: () => {
      isCut = true
    },
    /** A new connection works again; what was lost of the old ones breaks them. */
    mend: () => {
      isCut = false
      reset()
    },
  }
}
