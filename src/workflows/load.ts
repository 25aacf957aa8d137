import { dirname, extname, resolve } from 'node:path'
import type { Listener } from '../core/ports/schedule.js'
import { fillNotify, listenersOf, type NotifyTarget, readNotify } from './addresses.js'
import { findFile, readText, shownName } from './file/files.js'
import { Findings } from './file/findings.js'
import { type Found, mapOf, type Source } from './file/source.js'
import { FunctionError, importFile, loading } from './functions.js'
import { refuseOthers } from './steps.js'
import { readWorkflow, type Workflow } from './workflow.js'

/** A workflow file, checked. */
export interface WorkflowFile {
  /** Absolute. */
  path: string
  workflows: Workflow[]
  /** Sentences worth reading, each with its place: a secret that is written out, a name that was probably misspelt. */
  warnings: string[]
  /** Of these, those that do not depend on items: a run tells itself which fields its items do not have. */
  certain_warnings: string[]
  /** Whom `serve` tells of what. */
  listeners: Listener[]
  /** Where it tells them, filled in. Throws `WorkflowFileError`, which names what is missing or wrong, and no value. */
  resolveNotify(env?: NodeJS.ProcessEnv): Promise<NotifyTarget[]>
}

export interface LoadOptions {
  /** Default: `hrflow-connectors.yaml`, `.yml`, `.ts`, `.mts`, `.js` or `.mjs` in `cwd`. */
  file?: string | undefined
  cwd: string
  /** What the file is to hold, before it is written: read in place of it, with paths that are relative to it. */
  text?: string
  /** What `${NAME}` is read from when a workflow is resolved, unless that is given another one. */
  env: NodeJS.ProcessEnv
}

/**
 * Reads and checks a workflow file. Nothing is read from variables or secret files yet, and no function of a YAML file is
 * loaded. Throws `WorkflowFileError` with every problem of the file.
 */
export async function loadWorkflows(options: LoadOptions): Promise<WorkflowFile> {
  return readSource(await openSource(options), options.env)
}

/** What a file holds, before it is checked. Throws `WorkflowFileError` where it cannot be read as one. */
export async function openSource({ file, cwd, text }: Omit<LoadOptions, 'env'>): Promise<Source> {
  const path = text === undefined || file === undefined ? await findFile(file, cwd) : resolve(cwd, file)
  const name = shownName(path, cwd)
  const { source, problems } = isYaml(path) ? await readYaml(path, name, text) : await readProgram(path, name)
  const findings = new Findings(source)
  findings.take(problems)
  findings.refuse()
  return source
}

export function isYaml(path: string): boolean {
  return /^\.ya?ml$/.test(extname(path))
}

/** Checks what a file holds. Throws `WorkflowFileError`. */
export async function readSource(source: Source, env: NodeJS.ProcessEnv): Promise<WorkflowFile> {
  const { path } = source
  const findings = new Findings(source)
  const workflows: Workflow[] = []
  const context = { source, folder: dirname(path), env, findings }
  for (const [id, given] of workflowsIn(source, findings)) {
    const workflow = await readWorkflow(id, given, context)
    if (workflow) workflows.push(workflow)
  }
  const { folder } = context
  const given = readNotify(mapOf(source.value)?.['notify'], { findings, folder, written: source.written })
  findings.refuse()
  const warnings = { warnings: findings.warnings(), certain_warnings: findings.warnings('certain') }
  const resolveNotify = async (filled = env) => {
    const found = new Findings(source)
    const targets = await fillNotify(given, { findings: found, folder, written: source.written }, filled)
    found.refuse()
    return targets
  }
  return { path, workflows, ...warnings, listeners: listenersOf(given), resolveNotify }
}

interface Parsed {
  source: Source
  problems: Found[]
}

async function readYaml(path: string, name: string, text?: string): Promise<Parsed> {
  const { parseYaml } = await import('./file/yaml-source.js')
  return parseYaml(name, path, text ?? (await readText(path, name)))
}

/** A program exports its workflows; it is run by being loaded. */
async function readProgram(path: string, name: string): Promise<Parsed> {
  const source: Source = { name, path, value: undefined, written: false, place: () => null, frame: () => null }
  try {
    const { workflows, notify } = await exportedBy(path, name)
    const told = notify === undefined ? {} : { notify }
    if (mapOf(workflows)) return { source: { ...source, value: { workflows, ...told } }, problems: [] }
    const message = 'expected its workflows as the default export: export default defineWorkflows({ ... })'
    return { source, problems: [{ message, place: null }] }
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error
    return { source, problems: [{ message: error.message.replace(`${name} `, ''), place: null }] }
  }
}

/**
 * What it exports as its default, a promise of it too, and as `notify`. Objects are copied: what they do when they are read
 * is done here.
 */
async function exportedBy(path: string, name: string): Promise<{ workflows: unknown; notify: unknown }> {
  const exported = await importFile(path, name)
  return loading(name, async () => {
    const workflows: unknown = await exported['default']
    const told: unknown = await exported['notify']
    const notify: unknown = Array.isArray(told) ? told.map(copyOf) : told
    const map = mapOf(workflows)
    if (!map) return { workflows, notify }
    return { workflows: Object.fromEntries(Object.entries(map).map(([id, given]) => [id, copyOf(given)])), notify }
  })
}

function copyOf(given: unknown): unknown {
  const map = mapOf(given)
  return map ? { ...map } : given
}

function workflowsIn(source: Source, findings: Findings): [string, unknown][] {
  const { value } = source
  if (value === null || value === undefined || value === '') {
    findings.add([], 'the file is empty. It begins with workflows: and the name of a workflow below.')
    return []
  }
  const file = mapOf(value)
  if (!file) {
    findings.add(
      [],
      `expected a map that begins with workflows:, not ${Array.isArray(value) ? 'a list' : 'a single value'}.`,
    )
    return []
  }
  refuseOthers(file, ['workflows', 'notify'], [], findings)
  const { workflows } = file
  const named = Object.entries(mapOf(workflows) ?? {})
  if (named.length > 0) return named
  findings.add(['workflows'], `expected a map of workflows by name${Array.isArray(workflows) ? ', not a list' : ''}.`)
  return []
}
