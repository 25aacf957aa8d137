import { isAbsolute, join } from 'node:path'
import type { Listener, StoredWorkflow } from '../core/ports/schedule.js'
import { isRecord, type Json } from '../core/text/json.js'
import { z } from 'zod'
import { GROUPS } from './actions.js'
import type { NotifyTarget } from './addresses.js'
import { Findings } from './file/findings.js'
import { literalOf, partsOf } from './file/placeholders.js'
import { mapOf, type Path, type Source } from './file/source.js'
import { isYaml, type LoadOptions, openSource, readSource } from './load.js'
import { isSecret } from './parameters.js'
import type { Workflow } from './workflow.js'

// Workflows that are pushed to a database: kept as they are written, and filled in by whichever process runs them.

/** A workflow that was stored, checked again. */
export interface LoadedWorkflow {
  workflow: Workflow
  listeners: Listener[]
  /** Where somebody is told of it, filled in. Throws `WorkflowFileError`. */
  resolveNotify: () => Promise<NotifyTarget[]>
}

/** What of a file is stored. */
export interface Storable extends LoadedWorkflow {
  stored: Omit<StoredWorkflow, 'pushed_at'>
}

const json: z.ZodType<Json> = z.json()

/**
 * Reads a file whose workflows are to be stored. Throws `WorkflowFileError` with all that is wrong with it, and all that cannot
 * be stored: a function, a secret that is written out, a file that has no path of its own.
 */
export async function loadStorable(
  options: LoadOptions,
): Promise<{ path: string; warnings: string[]; workflows: Storable[] }> {
  const source = await openSource(options)
  const findings = new Findings(source)
  if (!isYaml(source.path)) {
    findings.add([], 'a program cannot be pushed, as its functions would stay here. Write its workflows in YAML.')
    findings.refuse()
  }
  const read = await readSource(source, options.env)
  const { path, workflows, certain_warnings, listeners } = read
  const resolveNotify = () => read.resolveNotify()
  const file = mapOf(source.value)
  const notify = file?.['notify'] ?? null
  const definitions = mapOf(file?.['workflows']) ?? {}
  refuseNotify(notify, findings)
  for (const workflow of workflows) refuseWorkflow(workflow, mapOf(definitions[workflow.id]) ?? {}, findings)
  findings.refuse()
  const storable = workflows.map((workflow) => {
    const definition = json.parse(definitions[workflow.id])
    return {
      workflow,
      listeners,
      resolveNotify,
      stored: { workflow_id: workflow.id, definition, notify: json.parse(notify) },
    }
  })
  return { path, warnings: certain_warnings, workflows: storable }
}

/** A workflow as it is stored. Throws `WorkflowFileError` when it cannot be used any more, as another version wrote it. */
export async function loadStored(
  { workflow_id, definition, notify }: Omit<StoredWorkflow, 'pushed_at'>,
  env: NodeJS.ProcessEnv,
): Promise<LoadedWorkflow> {
  const name = `the workflow ${workflow_id} as it was pushed`
  const value = { workflows: { [workflow_id]: definition }, ...(notify === null ? {} : { notify }) }
  // Its paths are absolute: where it lies does not matter.
  const source: Source = {
    name,
    path: join('/', workflow_id),
    value,
    written: true,
    place: () => null,
    frame: () => null,
  }
  const read = await readSource(source, env)
  const [workflow] = read.workflows
  if (workflow === undefined) throw new Error('A workflow that was checked is not there.')
  return { workflow, listeners: read.listeners, resolveNotify: () => read.resolveNotify() }
}

const FUNCTION =
  'a function of a file cannot be pushed. Write it as an expression in JSONata, or let one machine serve the file: serve --file.'
const SECRET =
  'a secret is written out, and would be stored. Keep it in a variable, ${NAME}, or in a file, ${file:/path}.'
const ADDRESS =
  'an address is written out, and may be as good as a password. Keep it, or its secret part, in a variable, ${NAME}.'

function refuseWorkflow({ id, action }: Workflow, definition: Record<string, unknown>, findings: Findings): void {
  const at = ['workflows', id]
  for (const group of GROUPS) {
    for (const [name, value] of Object.entries(mapOf(definition[group]) ?? {})) {
      if (typeof value !== 'string') continue
      refuseRelative(value, [...at, group, name], findings)
      if (isSecret(action, group, name) && isLiteral(value)) findings.add([...at, group, name], SECRET)
    }
  }
  refuseAddress(definition['heartbeat'], [...at, 'heartbeat'], findings)
  const { logics, format, callback } = definition
  for (const [index, logic] of (Array.isArray(logics) ? logics : []).entries())
    if (typeof logic === 'string') findings.add([...at, 'logics', index], FUNCTION)
  if (typeof format === 'string') findings.add([...at, 'format'], FUNCTION)
  if (typeof callback === 'string') findings.add([...at, 'callback'], FUNCTION)
}

function refuseNotify(notify: unknown, findings: Findings): void {
  for (const [index, target] of (Array.isArray(notify) ? notify : []).entries()) {
    if (!isRecord(target)) continue
    refuseAddress(target['url'], ['notify', index, 'url'], findings)
    const { secret } = target
    if (typeof secret !== 'string') continue
    refuseRelative(secret, ['notify', index, 'secret'], findings)
    if (isLiteral(secret)) findings.add(['notify', index, 'secret'], SECRET)
  }
}

function refuseAddress(given: unknown, path: Path, findings: Findings): void {
  if (typeof given !== 'string') return
  refuseRelative(given, path, findings)
  if (isLiteral(given)) findings.add(path, ADDRESS)
}

const isLiteral = (text: string) => literalOf(text) !== null

/** A path from the folder of the file leads nowhere on another machine. */
function refuseRelative(text: string, path: Path, findings: Findings): void {
  const isRelative = partsOf(text).some((part) => 'file' in part && !isAbsolute(part.file))
  if (isRelative) findings.add(path, 'a file of a pushed workflow is named by its whole path: ${file:/path}.')
}
