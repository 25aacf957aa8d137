import { readFile, stat, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { messageOf } from '../../../core/errors.js'
import { DocumentError, extendedText, namesOf } from '../../../workflows/file/document.js'
import { loadWorkflows, type Workflow } from '../../../workflows/index.js'
import { UsageError } from '../../terminal.js'

const NAMES = ['.yaml', '.yml', '.ts', '.mts', '.js', '.mjs'].map((ending) => `hrflow-connectors${ending}`)

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

/** The names that a file has already. */
export async function namesIn(target: Target): Promise<string[]> {
  return ofText(target, namesOf)
}

/** The text of a file with one workflow more. */
export async function extended(target: Target, id: string, entry: object): Promise<string> {
  return ofText(target, (text) => extendedText(text, id, entry))
}

async function ofText<T>({ path, name }: Target, read: (text: string) => T): Promise<T> {
  try {
    return read(await readFile(path, 'utf8'))
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error
    throw new UsageError(`${name} ${error.message} Nothing was written.`)
  }
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
