// Makes dist anew: tsc for the library; what tsc does not emit, for the threads and stand-ins; the command in one bundle, as
// opening 600 files takes longer than most runs have to do; and the page of the console.
import { execFileSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { build as buildPage } from 'vite'

const RECORDED = 'connectors/workable/fixtures/recorded-job-detail-2026-07.json'
const WORKER = 'workflows/mapping/expression-worker.js'

rmSync('dist', { recursive: true, force: true })
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' })
for (const file of [RECORDED, WORKER]) cpSync(`src/${file}`, `dist/${file}`)
const modules = await bundle()
// Where the modules of the bundle look for them: beside it, as they do beside their own files.
cpSync(`dist/${WORKER}`, 'dist/command/expression-worker.js')
cpSync(`dist/${RECORDED}`, 'dist/fixtures/recorded-job-detail-2026-07.json')
writeFileSync('dist/command/THIRD-PARTY-LICENSES.txt', licensesOf('The command', modules))
rmSync('dist/cli', { recursive: true })
writeFileSync('dist/console/page/THIRD-PARTY-LICENSES.txt', licensesOf('The page', await page()))

/** Native and optional packages stay outside, as does what loads the files of users. Returns the files it is made of. */
async function bundle() {
  const build = await rolldown({
    input: { main: 'dist/cli/main.js' },
    platform: 'node',
    external: ['libsql', 'pg', 'pg-boss', 'jiti', '@opentelemetry/api', 'prom-client'],
    logLevel: 'warn',
  })
  const { output } = await build.write({ dir: 'dist/command', format: 'esm', sourcemap: true })
  await build.close()
  return output.flatMap((chunk) => ('moduleIds' in chunk ? chunk.moduleIds : []))
}

/** The files the console serves; names of assets bear a hash of their content. Returns the files it is made of. */
async function page() {
  const { output } = await buildPage({
    root: 'src/console/page',
    configFile: false,
    logLevel: 'warn',
    // Everything is a file of its own: the page may run no inline script, and takes no style or picture from its text.
    build: {
      outDir: '../../../dist/console/page',
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: false,
      target: 'es2023',
    },
  })
  return output.flatMap((chunk) => ('moduleIds' in chunk ? chunk.moduleIds : []))
}

/** The licence of each package whose code is in a bundle. */
function licensesOf(what, files) {
  const folders = new Set(files.flatMap((file) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0] ?? []))
  const notices = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
    const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trim()
    return `${name} ${version}: ${license}\n\n${text}`
  })
  return `${what} holds code of these packages.\n\n${notices.join('\n\n---\n\n')}\n`
}
