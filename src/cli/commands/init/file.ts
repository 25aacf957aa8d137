import { readFile, stat, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { type Document, isMap, parseDocument, stringify } from 'yaml'
import { messageOf } from '../../../core/errors.js'
import { loadWorkflows, type Workflow } from '../../../workflows/index.js'
import { UsageError } from '../../terminal.js'

const NAMES = ['.yaml', '.yml', '.ts', '.mts', '.js', '.mjs'].map((ending) => `hrflow-connectors${ending}`)

/** Where editors find what the file may hold, once the package is installed beside it. */
const SCHEMA = '# yaml-language-server: $schema=./node_modules/hrflow-connectors/schemas/workflows.json\n'

/** The file that a new workflow goes into. */
export interface Target {
  /** As the person knows it. */
  name: string
  path: string
  exists: boolean
}

/** The file that is named, the one that is there, or a new one. One that is a program is for a person to edit. */
export async function findTarget(file: string | undefined, cwd: string): Promise<Target> {
  const found: string[] = []
  if (file === undefined) for (const name of NAMES) if (await exists(join(cwd, name))) found.push(name)
  const [first = 'hrflow-connectors.yaml'] = file === undefined ? found : [file]
  if (!/\.ya?ml$/.test(first)) {
    throw new UsageError(
      file === undefined
        ? `${first} is there already, and a program is not written by init. Add the workflow by hand, or name a YAML file with --file.`
        : `--file: expected a file that ends with .yaml or .yml.`,
    )
  }
  const path = resolve(cwd, first)
  const shown = relative(cwd, path)
  return { name: shown.startsWith('..') ? path : shown, path, exists: await exists(path) }
}

/** The text of a new file with one workflow. */
export function newText(id: string, entry: object): string {
  return `${SCHEMA}${stringify({ workflows: { [id]: entry } }, { lineWidth: 0 })}`
}

/** The names that a file has already. */
export async function namesIn(target: Target): Promise<string[]> {
  const { workflows } = await openDocument(target)
  return isMap(workflows) ? workflows.items.map(({ key }) => String(key)) : []
}

/** The text of a file with one workflow more; comments stay. */
export async function extendedText(target: Target, id: string, entry: object): Promise<string> {
  const { document, workflows } = await openDocument(target)
  if (isMap(workflows)) workflows.set(id, document.createNode(entry))
  else document.set('workflows', document.createNode({ [id]: entry }))
  return document.toString({ lineWidth: 0 })
}

/** Throws a `UsageError` for what is no workflow file. */
async function openDocument({ path, name }: Target): Promise<{ document: Document; workflows: unknown }> {
  const document = parseDocument(await readFile(path, 'utf8'))
  const [error] = document.errors
  if (error) throw new UsageError(`${name} cannot be read: ${error.message.split('\n')[0] ?? ''} Nothing was written.`)
  if (document.contents !== null && !isMap(document.contents))
    throw new UsageError(`${name} is no workflow file. Nothing was written.`)
  return { document, workflows: document.get('workflows') }
}

/** The workflow that a text will hold, read as a run would read it from the file, before anything is written. */
export async function readBack({ path }: Target, text: string, id: string, env: NodeJS.ProcessEnv): Promise<Workflow> {
  const { workflows } = await loadWorkflows({ file: path, cwd: process.cwd(), text, env })
  const found = workflows.find((workflow) => workflow.id === id)
  if (!found) throw new Error(`The file that was made has no workflow ${id}.`)
  return found
}

/** Writes a file; a new one only where there is still none. */
export async function save({ path, name, exists: overwrites }: Target, text: string): Promise<void> {
  await writeFile(path, text, { flag: overwrites ? 'w' : 'wx' }).catch((error: unknown) => {
    throw new UsageError(`${name} cannot be written: ${messageOf(error)}`)
  })
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null
}
