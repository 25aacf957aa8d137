// Makes dist anew: tsc, then what tsc does not emit: the fixture that the Workable fake reads, and the thread of expressions.
import { execFileSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'

const FILES = [
  'connectors/workable/fixtures/recorded-job-detail-2026-07.json',
  'workflows/mapping/expression-worker.js',
]

rmSync('dist', { recursive: true, force: true })
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' })
for (const file of FILES) cpSync(`src/${file}`, `dist/${file}`)
