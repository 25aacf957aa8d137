// Writes what follows from the registry, the schemas, the command line and the latest run of the benchmark. `--check` writes
// nothing: it names what is stale.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FOLDERS, generatedFiles } from './docs/files.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const check = process.argv.includes('--check')
const files = await generatedFiles()

const stale = [...files].filter(([path, text]) => contentOf(path) !== text).map(([path]) => path)
const strange = FOLDERS.flatMap(filesBelow).filter((path) => !files.has(path))

if (check) {
  for (const path of stale) console.error(`${path}: stale`)
  for (const path of strange) console.error(`${path}: no longer generated`)
  if (stale.length + strange.length > 0) {
    console.error('Generated files differ from the code. Run: npm run generate')
    process.exitCode = 1
  }
} else {
  for (const path of stale) write(path, files.get(path) ?? '')
  for (const path of strange) rmSync(join(root, path))
  console.log(`${files.size} files, ${stale.length} written, ${strange.length} removed.`)
}

function contentOf(path: string): string | null {
  return existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : null
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

function filesBelow(folder: string): string[] {
  if (!existsSync(join(root, folder))) return []
  const found = readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length).replaceAll('\\', '/'))
}
