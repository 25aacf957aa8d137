import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

/** What a whole process has taken, from its start to its end. */
export interface Cost {
  wall_ms: number
  /** User and system, of all its threads. */
  cpu_ms: number
  /** Resident set, at most. */
  peak_mib: number
}

const child = (name: string) => fileURLToPath(new URL(`children/${name}`, import.meta.url))
const usage = z.object({ userCPUTime: z.number(), systemCPUTime: z.number(), maxRSS: z.number() })

export const CLI = fileURLToPath(new URL('../dist/command/main.js', import.meta.url))
export const REQUESTS = child('requests.js')
export const IMPORTS = child('imports.js')
export const JSON_COST = child('json.js')
export const ACCOUNTS = child('accounts.js')

/** Runs a Node program and measures it; what it printed comes with it. Throws when it fails. */
export async function measure(words: string[], env: Record<string, string> = {}): Promise<Cost & { stdout: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  const file = join(folder, 'usage.json')
  const preload = ['--require', child('usage.cjs')]
  const started = performance.now()
  const process_ = spawn(process.execPath, [...preload, ...words], {
    env: { PATH: process.env['PATH'], HOME: folder, NO_COLOR: '1', ...env, BENCH_USAGE: file },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr] = [texts(process_.stdout), texts(process_.stderr)]
  const code: unknown = (await once(process_, 'close'))[0]
  const wall_ms = performance.now() - started
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${String(code)}: ${stderr()}${stdout()}`)
  const { userCPUTime, systemCPUTime, maxRSS } = usage.parse(JSON.parse(readFileSync(file, 'utf8')))
  rmSync(folder, { recursive: true })
  return { wall_ms, cpu_ms: (userCPUTime + systemCPUTime) / 1000, peak_mib: maxRSS / 1024, stdout: stdout() }
}

function texts(stream: NodeJS.ReadableStream): () => string {
  let text = ''
  stream.setEncoding('utf8').on('data', (part: string) => (text += part))
  return () => text
}

/** Both services in a process of their own. */
export class Services {
  readonly env: Record<string, string>
  readonly #process: ChildProcess

  private constructor(process_: ChildProcess, env: Record<string, string>) {
    this.#process = process_
    this.env = env
  }

  static async start(sandbox: { jobs: number; latency_ms: number; limit: number }): Promise<Services> {
    const process_ = fork(child('serve.js'), [JSON.stringify(sandbox)])
    const told = z.object({ env: z.record(z.string(), z.string()) }).parse((await once(process_, 'message'))[0])
    return new Services(process_, told.env)
  }

  /** Edits the first so many jobs. */
  async edit(jobs: number): Promise<void> {
    await this.#answer({ edit: jobs })
  }

  /** How many requests came since it was asked before. */
  async asked(): Promise<number> {
    return z.number().parse(await this.#answer({}))
  }

  async #answer(message: { edit?: number }): Promise<unknown> {
    const answered = once(this.#process, 'message')
    this.#process.send(message)
    return (await answered)[0]
  }

  stop(): void {
    this.#process.kill()
  }
}
