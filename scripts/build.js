// Makes dist anew: tsc, then the fixture that the Workable fake reads (tsc emits no JSON).
import { execFileSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'

const FIXTURES = ['connectors/workable/fixtures/recorded-job-detail-2026-07.json']

rmSync('dist', { recursive: true, force: true })
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' })
for (const file of FIXTURES) cpSync(`src/${file}`, `dist/${file}`)
