import { open } from 'node:fs/promises'
import { resolve } from 'node:path'

/** A part of a text: as it is, from a variable, or from a file. */
type Part = { text: string } | { variable: string } | { file: string }

const PART = /\$\$|\$\{([^}]*)\}|\$\{|[^$]+|\$/g
const LARGEST_FILE = 64 * 1024

/** A text with `${NAME}` or `${file:/path}` in it cannot be read. The sentence holds none of its text. */
export class PlaceholderError extends Error {}

/** Takes a text apart; `$$` is a dollar. Throws `PlaceholderError` where `${` begins nothing that can be read. */
export function partsOf(text: string): Part[] {
  return [...text.matchAll(PART)].map(([whole, inside]): Part => {
    if (whole === '$$') return { text: '$' }
    if (!whole.startsWith('${')) return { text: whole }
    if (inside !== undefined && /^[A-Za-z_]\w*$/.test(inside)) return { variable: inside }
    if (inside !== undefined && /^file:./.test(inside)) return { file: inside.slice('file:'.length).trim() }
    throw new PlaceholderError('expected ${NAME} or ${file:/path} after a dollar and a brace. $$ is a dollar.')
  })
}

/** A text as it stands, `$$` read as a dollar; null where something is read from elsewhere. Throws as `partsOf`. */
export function literalOf(text: string): string | null {
  const parts = partsOf(text)
  return parts.every((part) => 'text' in part) ? parts.map((part) => part.text).join('') : null
}

/** Whether the text is one placeholder and nothing else. */
export function isPlaceholder(text: string): boolean {
  return /^\$\{(\w+|file:[^}]+)\}$/.test(text)
}

/** The names in a text, as they are written: `${NAME}`. */
export function placeholdersIn(text: string): string[] {
  return [...text.matchAll(/\$\{[^}]*\}/g)].map(([whole]) => whole)
}

/** What is filled in, and what it is filled with. */
export interface Filled {
  text: string
  /** What came from elsewhere. */
  values: string[]
}

/** Fills a text from variables and files; paths are relative to `folder`. Throws `PlaceholderError` for what is missing. */
export async function fillIn(text: string, folder: string, env: NodeJS.ProcessEnv): Promise<Filled> {
  const values: string[] = []
  let filled = ''
  for (const part of partsOf(text)) {
    if ('text' in part) {
      filled += part.text
      continue
    }
    const value = 'variable' in part ? valueOf(part.variable, env) : await contentOf(part.file, folder)
    values.push(value)
    filled += value
  }
  return { text: filled, values }
}

function valueOf(name: string, env: NodeJS.ProcessEnv): string {
  const value = env[name]
  if (value === undefined) throw new PlaceholderError(`the variable ${name} is not set.`)
  if (value.trim() === '') throw new PlaceholderError(`the variable ${name} is empty.`)
  return value
}

/** A file's text without its last line end. It may be a pipe, so its size is known only when it was read. */
async function contentOf(file: string, folder: string): Promise<string> {
  const path = resolve(folder, file)
  const text = await readStart(path).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
    throw new PlaceholderError(`the file ${file} cannot be read${code}.`)
  })
  if (text === null) throw new PlaceholderError(`the file ${file} is larger than 64 KB: is it the right one?`)
  const value = text.replace(/\r?\n$/, '')
  if (value.trim() === '') throw new PlaceholderError(`the file ${file} is empty.`)
  return value
}

/** Null: it is too large. */
async function readStart(path: string): Promise<string | null> {
  const handle = await open(path)
  try {
    const buffer = Buffer.alloc(LARGEST_FILE + 1)
    let length = 0
    while (length < buffer.length) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length)
      if (bytesRead === 0) return buffer.toString('utf8', 0, length)
      length += bytesRead
    }
    return null
  } finally {
    await handle.close()
  }
}
