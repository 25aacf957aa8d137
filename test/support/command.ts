import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, onTestFinished } from 'vitest'
import { type SandboxOptions, startSandbox } from '../../src/sandbox/index.js'

export const main = fileURLToPath(new URL('../../dist/command/main.js', import.meta.url))
export const ACTION = 'workable.update_jobs_in_hrflow'

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/** A built command that is running. */
export interface Running {
  child: ChildProcessWithoutNullStreams
  /** What it has said so far. */
  said: { stdout: string; stderr: string }
  ended: Promise<Ended>
}

/** Starts the built command as a process of its own, behind `before`. Only what is given of the environment reaches it. */
export function command(words: string[], env: Record<string, string | undefined>, before: string[] = []): Running {
  const [program = '', ...rest] = [...before, process.execPath, main, ...words]
  const child = spawn(program, rest, { env: { PATH: process.env['PATH'], ...env } })
  const said = { stdout: '', stderr: '' }
  child.stdout.on('data', (text) => (said.stdout += String(text)))
  child.stderr.on('data', (text) => (said.stderr += String(text)))
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, ...said }))
  })
  return { child, said, ended }
}

/** No test touches the home folder. */
const home = mkdtempSync(join(tmpdir(), 'hrflow-connectors-cli-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

interface Options {
  env?: Record<string, string | undefined>
  input?: string
  /** What happens while it runs. */
  during?: (child: ChildProcess, stderr: () => string, stdout: () => string) => Promise<void>
}

/** Runs the built command to its end. */
export async function cli(words: string[], { env = {}, input = '', during }: Options = {}): Promise<Ended> {
  const { child, said, ended } = command(words, { XDG_STATE_HOME: home, ...env })
  child.stdin.end(input)
  await during?.(
    child,
    () => said.stderr,
    () => said.stdout,
  )
  return ended
}

export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 10))
}

/** A sandbox whose board holds every job, all of which have changed in Workable since. */
export async function sandbox(jobs = 12, options: SandboxOptions = {}) {
  const made = await startSandbox({ ...options, workable: { jobs, rate_limit: { limit: 1_000 }, ...options.workable } })
  onTestFinished(() => made.close())
  for (const job of made.workable.jobs) made.hrflow.seed(made.board_key, { reference: job.shortcode, name: 'old' })
  // Each sandbox has a state of its own: what one run leaves, the next one of this test finds.
  const env: Record<string, string> = { ...made.env, XDG_STATE_HOME: temporary() }
  return { ...made, env }
}

/** A folder that is gone after the tests of this file. */
export function temporary(): string {
  return mkdtempSync(join(home, 'test-'))
}
