import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { messageOf, WorkflowFileError } from '../../core/errors.js'
import type { SchedulingStore } from '../../core/ports/schedule.js'
import { keepsSchedules } from '../../core/ports/schedule.js'
import { pushWorkflows } from '../../serve/index.js'
import { type Draft, type DraftProblem, entryOf } from '../../workflows/draft.js'
import { DocumentError, extendedText, newText } from '../../workflows/file/document.js'
import { loadStorable, loadWorkflows, type Workflow } from '../../workflows/index.js'
import { isYaml } from '../../workflows/load.js'
import { FileCatalogue } from '../catalogue.js'
import type { SetupDraft, SetupView, SetupYaml } from '../contract.js'
import type { Means } from '../means.js'
import { Refused } from '../refused.js'

/** Where a file would be that there is not: nothing is read from there. */
const NOWHERE = '/hrflow-connectors.yaml'

/** A draft as a file has it, and what is wrong with it. */
export interface ReadDraft extends SetupYaml {
  /** Null where something is wrong. */
  workflow: Workflow | null
  entry: Record<string, unknown>
}

export async function readDraft(draft: SetupDraft, means: Means): Promise<ReadDraft> {
  const { entry, problems } = entryOf(draft)
  const yaml = newText(draft.workflow_id, entry)
  if ((await takenNames(means)).includes(draft.workflow_id))
    problems.push({ field: null, said: `There is a workflow ${draft.workflow_id} already.` })
  if (problems.length > 0) return { yaml, problems, workflow: null, entry }
  try {
    const { env } = means.options
    const { workflows } = await loadWorkflows({ file: pathOf(means) ?? NOWHERE, cwd: '/', text: yaml, env })
    return { yaml, problems, workflow: workflows[0] ?? null, entry }
  } catch (error) {
    if (!(error instanceof WorkflowFileError)) throw error
    return { yaml, problems: error.problems.map(({ message }) => placed(message, draft)), workflow: null, entry }
  }
}

/** A sentence of a file begins with the path: of a field, that goes beside it. */
function placed(message: string, { workflow_id }: Draft): DraftProblem {
  const begins = `workflows.${workflow_id}.`
  if (!message.startsWith(begins)) return { field: null, said: message }
  const [, path = '', said = ''] = /^([\w.]+): (.*)$/s.exec(message.slice(begins.length)) ?? []
  if (path === '') return { field: null, said: message }
  return { field: path, said: `${said.charAt(0).toUpperCase()}${said.slice(1)}` }
}

export async function takenNames(means: Means): Promise<string[]> {
  const [{ workflows }, records] = await Promise.all([means.definitions(), means.store.workflows()])
  return [...new Set([...workflows.keys(), ...records.map(({ workflow_id }) => workflow_id)])].sort()
}

/** Where it can be saved: in the file that is shown, unless that is a program, or in the database that processes share. */
export function targetsOf(means: Means): SetupView['targets'] {
  const path = pathOf(means)
  return [
    ...(path === null ? [] : (['file'] as const)),
    ...(sharedStore(means) === null ? [] : (['database'] as const)),
  ]
}

function pathOf({ options: { catalogue } }: Means): string | null {
  return catalogue instanceof FileCatalogue && isYaml(catalogue.path) ? catalogue.path : null
}

function sharedStore({ store, options: { catalogue } }: Means): SchedulingStore | null {
  if (catalogue instanceof FileCatalogue || !keepsSchedules(store)) return null
  return store.openDatabase === null ? null : store
}

/** Saves what was read of a draft. Throws `Refused`. */
export async function saveDraft(
  id: string,
  { entry, yaml }: ReadDraft,
  target: 'file' | 'database',
  means: Means,
): Promise<void> {
  const path = pathOf(means)
  const store = sharedStore(means)
  const place = target === 'file' ? path : store && 'the database'
  if (place === null) throw new Refused(409, 'no_target', `It cannot be saved to the ${target} here.`)
  await means.audit('save_workflow', id, `It was saved to ${place}.`)
  if (target === 'file' && path !== null) await writeInto(path, id, entry, means)
  if (target === 'database' && store !== null) {
    const { env } = means.options
    const { workflows } = await loadStorable({ file: NOWHERE, cwd: '/', text: yaml, env })
    await pushWorkflows(workflows, store)
  }
}

async function writeInto(path: string, id: string, entry: object, means: Means): Promise<void> {
  const before = await readFile(path, 'utf8').catch(() => null)
  const text = before === null ? newText(id, entry) : extended(before, id, entry)
  // What would spoil the file is not written.
  await loadWorkflows({ file: path, cwd: '/', text, env: means.options.env })
  const mode = (await stat(path).catch(() => null))?.mode ?? 0o644
  const beside = `${path}.${process.pid}.new`
  try {
    await writeFile(beside, text, { flag: 'wx', mode })
    await rename(beside, path)
  } catch (error) {
    await rm(beside, { force: true })
    throw new Refused(503, 'not_written', `The workflow file cannot be written: ${messageOf(error)}`)
  }
}

function extended(before: string, id: string, entry: object): string {
  try {
    return extendedText(before, id, entry)
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error
    throw new Refused(422, 'bad_workflow_file', `The workflow file ${error.message}`, 'Correct it, and save again.')
  }
}
