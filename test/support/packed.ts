import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))

/** How npm is called in tests: what it has seen once comes from its cache. */
export const npm = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']

/** What a user compiles with. */
const COMPILER = ['typescript@6.0.3', '@types/node@20']

/** Packs the project, as it is built, and installs it in a folder that has a `package.json`: the tarball's path. */
export async function installPacked(folder: string): Promise<string> {
  await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], { cwd: root })
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? ''
  await run('npm', ['install', ...npm, `./${tarball}`, ...COMPILER], { cwd: folder })
  return join(folder, tarball)
}
