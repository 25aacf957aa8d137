import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFailed, onTestFinished } from 'vitest'
import { z } from 'zod'
import { type SandboxOptions, startSandbox } from '../../src/sandbox/index.js'
import { command, type Running } from '../support/command.js'
import { fileText, type FileText, until } from './served.js'

/** So seldom that a test sees it only when it asks for it. */
export const SELDOM = "schedule: '0 3 1 1 *'"
const workflowsListed = z.object({
  workflows: z.array(
    z.looseObject({
      id: z.string(),
      next_run: z.string().nullable(),
      served: z
        .object({
          ...{ paused: z.boolean(), condition: z.string(), said: z.string().nullable() },
          ...{ waits_until: z.string().nullable(), due_since: z.string().nullable(), since: z.string() },
        })
        .nullable(),
    }),
  ),
})

/** A sandbox, a workflow file and a state; commands over them. What runs at the end of the test is killed. */
export async function machine(
  text: FileText,
  options: SandboxOptions = {},
  files: Record<string, string> = {},
  state?: string,
) {
  const sandbox = await startSandbox({
    ...options,
    workable: { jobs: 12, rate_limit: { limit: 1_000 }, ...options.workable },
  })
  const folder = mkdtempSync(join(tmpdir(), 'hrflow-connectors-serving-'))
  const path = join(folder, 'hrflow-connectors.yaml')
  writeFileSync(path, fileText(text))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  const env = { ...sandbox.env, HRFLOW_CONNECTORS_STATE: state ?? `sqlite:${join(folder, 'state.db')}` }
  const running: Running[] = []
  onTestFinished(async () => {
    for (const { child } of running) child.kill('SIGKILL')
    await Promise.all(running.map(({ ended }) => ended))
    await sandbox.close()
    rmSync(folder, { recursive: true, force: true })
  })
  // Over PostgreSQL what was pushed is served.
  const from = state === undefined ? ['-f', path] : []
  const start = (...words: string[]) => {
    const started = command(['serve', ...from, '--port', '0', ...words], env)
    running.push(started)
    onTestFailed(() => void process.stderr.write(`\n${started.said.stderr}`))
    return started
  }
  const say = (...words: string[]) => command(words, env).ended
  const listed = async () => {
    const { stdout } = await say('workflows', 'list', ...(state === undefined ? ['--file', path] : []), '--json')
    return workflowsListed.parse(JSON.parse(stdout)).workflows
  }
  return { sandbox, env, path, start, say, listed }
}

/** Until a process serves; where it answers. */
export async function serving({ said, ended }: Running): Promise<string> {
  const over = ended.then(() => true)
  await until(async () => said.stderr.includes('Ctrl-C') || (await Promise.race([over, sleep(0, false)])))
  const url = /Addresses +(http:\S+)\/healthz/.exec(said.stderr)?.[1]
  if (url === undefined) throw new Error(said.stderr)
  return url
}

/** A machine over PostgreSQL whose engine has its tables, and whose file was pushed. */
export async function shared(text: FileText, state: string, options: SandboxOptions = {}) {
  const made = await machine(text, options, {}, state)
  for (const words of [
    ['state', 'migrate'],
    ['workflows', 'push', made.path],
  ]) {
    const { code, stderr } = await made.say(...words)
    if (code !== 0) throw new Error(stderr)
  }
  return made
}
