import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { ACCOUNTS, CLI } from './measure.js'

/** So seldom that nothing is due but what the benchmark makes due. */
const SELDOM = '0 3 1 1 *'

/** What a process that serves has used so far, by its own metrics. */
export interface Used {
  cpu_s: number
  rss_mib: number
}

const counts = z.object({ requests: z.number(), refused: z.number() })

/** Accounts whose services answer, a workflow for each that was pushed, and the processes that serve them. */
export class Fleet {
  readonly #env: Record<string, string>
  readonly #services: ChildProcess
  readonly #folder: string
  readonly #serving = new Map<ChildProcess, string>()

  private constructor(env: Record<string, string>, services: ChildProcess, folder: string) {
    this.#env = env
    this.#services = services
    this.#folder = folder
  }

  static async start(state: string, { jobs, latency_ms }: { jobs: number; latency_ms: number }): Promise<Fleet> {
    const services = fork(ACCOUNTS, [JSON.stringify({ jobs, latency_ms })])
    const { url } = z.object({ url: z.string() }).parse((await once(services, 'message'))[0])
    const folder = mkdtempSync(join(tmpdir(), 'bench-scale-'))
    const env = {
      ...{ PATH: process.env['PATH'] ?? '', HOME: folder, NO_COLOR: '1' },
      ...{ HRFLOW_CONNECTORS_STATE: state, HRFLOW_CONNECTORS_LOG_LEVEL: 'error' },
      ...{ WORKABLE_API_URL: `${url}/workable/{subdomain}/spi/v3`, HRFLOW_API_URL: `${url}/hrflow` },
      ...{ WORKABLE_API_ACCESS_TOKEN: 'token', HRFLOW_API_SECRET: 'ask_secret', HRFLOW_API_USER: 'bench@example.com' },
      HRFLOW_BOARD_KEY: '0'.repeat(40),
    }
    return new Fleet(env, services, folder)
  }

  /** Makes the tables of the engine, and pushes a workflow for each of so many accounts. Returns how long the push took. */
  async push(accounts: number): Promise<number> {
    await this.#say('state', 'migrate')
    const path = join(this.#folder, 'hrflow-connectors.yaml')
    writeFileSync(path, ['workflows:', ...Array.from({ length: accounts }, (_, at) => workflowOf(at)), ''].join('\n'))
    const began = performance.now()
    await this.#say('workflows', 'push', path)
    return performance.now() - began
  }

  /** Starts processes until so many serve. */
  async serve(processes: number): Promise<void> {
    while (this.#serving.size < processes) {
      const child = spawn(process.execPath, [CLI, 'serve', '--port', '0'], { env: this.#env })
      let said = ''
      child.stdout.resume()
      child.stderr.setEncoding('utf8').on('data', (text: string) => (said = `${said}${text}`.slice(-20_000)))
      while (!said.includes('Ctrl-C') && child.exitCode === null) await sleep(50)
      const url = /Addresses +(http:\S+)\/healthz/.exec(said)?.[1]
      if (url === undefined) throw new Error(`serve did not start: ${said}`)
      this.#serving.set(child, url)
    }
  }

  async used(): Promise<Used[]> {
    return Promise.all([...this.#serving.values()].map(usedAt))
  }

  /** Requests that came since it was asked before, and how many of them were refused with 429. */
  async asked(): Promise<z.output<typeof counts>> {
    const answered = once(this.#services, 'message')
    this.#services.send({})
    return counts.parse((await answered)[0])
  }

  async stop(): Promise<void> {
    const children = [...this.#serving.keys()]
    const ended = children.filter(({ exitCode }) => exitCode === null).map((child) => once(child, 'exit'))
    for (const child of children) child.kill('SIGTERM')
    await Promise.all(ended)
    this.#services.kill()
    rmSync(this.#folder, { recursive: true })
  }

  async #say(...words: string[]): Promise<void> {
    const child = spawn(process.execPath, [CLI, ...words], { env: this.#env, stdio: ['ignore', 'ignore', 'inherit'] })
    const code: unknown = (await once(child, 'close'))[0]
    if (code !== 0) throw new Error(`hrflow-connectors ${words.join(' ')} ended with ${String(code)}.`)
  }
}

function workflowOf(at: number): string {
  return [
    `  w${at}:`,
    '    action: workable.update_jobs_in_hrflow',
    `    connector_auth: { subdomain: account-${at} }`,
    '    push_parameters: { on_missing: create }',
    '    incremental: true',
    `    schedule: '${SELDOM}'`,
  ].join('\n')
}

async function usedAt(url: string): Promise<Used> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const of = (name: string) => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1])
  return { cpu_s: of('process_cpu_seconds_total'), rss_mib: of('process_resident_memory_bytes') / 2 ** 20 }
}
