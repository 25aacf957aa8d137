import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/** The built command as a process of its own. Nothing of the test's environment reaches it but what is given. */
export function command(
  words: string[],
  env: Record<string, string>,
  before: string[] = [],
): { child: ChildProcess; ended: Promise<Ended> } {
  const [program = '', ...rest] = [...before, process.execPath, MAIN, ...words]
  const child = spawn(program, rest, { env: { PATH: process.env['PATH'] ?? '', ...env } })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()))
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()))
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
  return { child, ended }
}
