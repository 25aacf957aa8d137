import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { WorkflowFileError } from '../../src/index.js'
import { loadWorkflows, type WorkflowFile } from '../../src/workflows/index.js'

const root = mkdtempSync(join(tmpdir(), 'hrflow-connectors-workflows-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** A folder with files, by name. It is gone after the tests of this file. */
export function folder(files: Record<string, string>): string {
  const path = mkdtempSync(join(root, 'f-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
  return path
}

/** Loads a YAML file of this text, beside other files. */
export function load(text: string, files: Record<string, string> = {}): Promise<WorkflowFile> {
  return loadWorkflows({ cwd: folder({ 'hrflow-connectors.yaml': text, ...files }), env: {} })
}

/** What is said of a file that is refused. */
export async function refusal(loading: Promise<unknown>): Promise<string> {
  const error = await loading.then(
    () => new Error('It was not refused.'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof WorkflowFileError)) throw error
  return error.message
}

/** A workflow that is right, with more lines. */
export function workflow(...lines: string[]): string {
  const own = ['workflows:', '  acme:', '    action: workable.update_jobs_in_hrflow']
  return [...own, ...lines.map((line) => `    ${line}`), ''].join('\n')
}
