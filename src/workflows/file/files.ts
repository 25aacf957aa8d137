import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, extname, isAbsolute, join, relative, resolve } from 'node:path'
import { WorkflowFileError } from '../../core/errors.js'
import { nearest } from '../../core/text/did-you-mean.js'

const STEM = 'hrflow-connectors'
const EXTENSIONS = ['.yaml', '.yml', '.ts', '.mts', '.js', '.mjs']
const LARGEST = 1024 * 1024

/** The file to read: the one that is named, else the one in the working directory. Throws `WorkflowFileError`. */
export async function findFile(file: string | undefined, cwd: string): Promise<string> {
  if (file !== undefined) {
    const path = resolve(cwd, file)
    if (!EXTENSIONS.includes(extname(path)))
      throw refused(path, `${file}: expected a file that ends with ${EXTENSIONS.join(', ')}.`)
    if (!(await isFile(path))) throw refused(path, `${file}: there is no such file.${await hint(path)}`)
    return path
  }
  const names = EXTENSIONS.map((extension) => `${STEM}${extension}`)
  const found: string[] = []
  for (const name of names) if (await isFile(join(cwd, name))) found.push(name)
  const [only, ...others] = found
  if (only === undefined) {
    const meant = await hint(join(cwd, `${STEM}.yaml`))
    throw refused(
      cwd,
      `There is no workflow file in ${cwd}: no ${STEM}${EXTENSIONS.slice(0, -1).join(', ')} or ${EXTENSIONS.at(-1) ?? ''}.${meant}`,
      'no_workflow_file',
    )
  }
  if (others.length > 0)
    throw refused(cwd, `${cwd} holds ${found.join(' and ')}: keep one of them, or name the one to use with --file.`)
  return join(cwd, only)
}

/** A file's text. Throws `WorkflowFileError`. */
export async function readText(path: string, name: string): Promise<string> {
  const { size } = await stat(path)
  if (size > LARGEST) throw refused(path, `${name} is larger than 1 MB: is it a workflow file?`)
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
    throw refused(path, `${name} cannot be read${code}.`)
  })
  return text.replace(/^\ufeff/, '')
}

/** From the working directory, where it is below. */
export function shownName(path: string, cwd: string): string {
  const from = relative(cwd, path)
  return from.startsWith('..') || isAbsolute(from) ? path : from
}

/** The names in a folder; none when it cannot be read. */
export async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => [])
}

/** `no_workflow_file`: none was named and none is there. */
function refused(path: string, message: string, code = 'bad_workflow_file'): WorkflowFileError {
  return new WorkflowFileError(path, [{ message, line: null, column: null }], message, code)
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() === true
}

async function hint(path: string): Promise<string> {
  const meant = nearest(basename(path), await namesIn(dirname(path)))
  return meant === undefined ? '' : ` Did you mean ${meant}?`
}
