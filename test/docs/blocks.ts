import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** A fenced block of a page: its language, its text, and the line of prose before it. */
export interface Block {
  language: string
  text: string
  above: string
}

/** The fenced blocks of a page, in their order. */
export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = []
  let above = ''
  let open: Block | undefined
  for (const line of markdown.split('\n')) {
    if (open && line.startsWith('```')) {
      blocks.push(open)
      open = undefined
      above = ''
    } else if (open) open.text += `${line}\n`
    else if (line.startsWith('```')) open = { language: line.slice(3).trim(), text: '', above }
    else if (line.trim() !== '') above = line
  }
  return blocks
}

/** Every page of the project: its path below the root, and its text. */
export function pages(): { path: string; text: string }[] {
  const top = readdirSync(root).filter((name) => name.endsWith('.md'))
  const below = ['docs', 'examples'].flatMap((folder) => filesBelow(join(root, folder)))
  return [...top, ...below.filter((path) => path.endsWith('.md'))].map((path) => ({
    path,
    text: readFileSync(join(root, path), 'utf8'),
  }))
}

function filesBelow(folder: string): string[] {
  try {
    const found = readdirSync(folder, { recursive: true, withFileTypes: true })
    return found.filter((entry) => entry.isFile()).map((entry) => relative(root, join(entry.parentPath, entry.name)))
  } catch {
    // There is no such folder.
    return []
  }
}
