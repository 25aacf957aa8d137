// What deploy/ holds is read by the programs that it is made for, as far as they are here, and starts what there is.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { validate } from 'dockerfile-utils'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { Metrics } from '../../src/serve/metrics.js'
import { openSqlite } from '../../src/stores/sql/sqlite.js'
import { FastClock } from '../../src/testing/fast-clock.js'
import { main } from '../support/command.js'
import { root } from './blocks.js'

const read = (name: string) => readFileSync(join(root, 'deploy', name), 'utf8')

/** A folder that is gone when the test ends. */
function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hrflow-connectors-deploy-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

/** Whether the command takes these words. */
function isTaken(words: string[]): boolean {
  return execFileSync(process.execPath, [main, ...words, '--help'], { encoding: 'utf8' }).includes('--concurrency')
}

test('the image runs as an ordinary user, and starts what the program knows', () => {
  const lines = read('Dockerfile').split('\n')
  expect(lines.findLast((line) => line.startsWith('USER '))).toBe('USER node')
  const words = JSON.parse(lines.find((line) => line.startsWith('CMD '))?.slice(4) ?? '') as string[]
  expect(isTaken(words)).toBe(true)
  const base = [...new Set(lines.flatMap((line) => /^FROM (\S+)/.exec(line)?.[1] ?? []))]
  expect(base).toEqual([expect.stringMatching(/^node:\d+\.\d+\.\d+-/)])
})

test('the image is described in instructions that Docker knows', () => {
  expect(validate(read('Dockerfile')).map(({ message, range }) => [range.start.line + 1, message])).toEqual([])
})

test('the image gets the optional packages that PostgreSQL needs, at the versions that are tested', () => {
  const { devDependencies } = z
    .object({ devDependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
  const named = [...read('Dockerfile').matchAll(/"([\w-]+)@\$\(node -p "(.+?)"\)"/g)]
  const versions = named.map(([, name = '', script = '']) => {
    return [name, execFileSync(process.execPath, ['-p', script], { cwd: root, encoding: 'utf8' }).trim()]
  })
  expect(versions).toEqual(['pg', 'pg-boss'].map((name) => [name, devDependencies[name]]))
})

const service = z.strictObject({
  image: z.string().regex(/^hrflow-connectors$|^postgres:\d+\.\d+-/),
  build: z.strictObject({ context: z.literal('..'), dockerfile: z.literal('deploy/Dockerfile') }).optional(),
  environment: z.record(z.string(), z.string()),
  env_file: z.array(z.string()).optional(),
  user: z.string().optional(),
  command: z.array(z.string()).optional(),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.string() })).optional(),
  volumes: z.array(z.string()).optional(),
  tmpfs: z.array(z.string()).optional(),
  expose: z.array(z.string()).optional(),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
  healthcheck: z.record(z.string(), z.unknown()).optional(),
  restart: z.string().optional(),
  stop_grace_period: z.string().optional(),
})
const composition = z.looseObject({
  services: z.strictObject({ db: service, migrate: service, serve: service }),
  volumes: z.record(z.string(), z.unknown()),
})

test('the composition serves on PostgreSQL, once its tables are there, with nothing that a process could write to', () => {
  const { services } = composition.parse(parse(read('compose.yaml'), { merge: true }))
  const { db, migrate, serve } = services
  expect(db.environment['POSTGRES_PASSWORD']).toMatch(/^\$\{POSTGRES_PASSWORD:\?/)
  expect(migrate.command).toEqual(['state', 'migrate'])
  expect(isTaken(serve.command ?? [])).toBe(true)
  expect(serve.depends_on).toEqual({
    db: { condition: 'service_healthy' },
    migrate: { condition: 'service_completed_successfully' },
  })
  for (const one of [db, migrate, serve])
    expect(one).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] })
  expect(db).toMatchObject({ user: 'postgres', tmpfs: ['/tmp', '/var/run/postgresql'] })
  for (const ours of [migrate, serve]) {
    expect(ours.environment['HRFLOW_CONNECTORS_STATE']).toMatch(/^postgres:\/\/.+@db\/connectors$/)
  }
})

test('the dashboard asks for metrics that there are, and says what each panel is for', async () => {
  const dashboard = z.object({
    panels: z.array(
      z.looseObject({
        type: z.string(),
        title: z.string(),
        description: z.string().optional(),
        targets: z.array(z.looseObject({ expr: z.string() })).default([]),
      }),
    ),
  })
  const { panels } = dashboard.parse(JSON.parse(read('grafana-dashboard.json')))
  const clock = new FastClock()
  const store = await openSqlite(join(temporary(), 'state.db'), clock)
  onTestFinished(() => store.close())
  const text = await new Metrics(store.schedules, clock).text()
  const known = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name))
  const asked = panels.flatMap(({ targets }) =>
    targets.flatMap(({ expr }) => expr.match(/\b[a-z]+(?:_[a-z0-9]+)+\b(?=\{)/g) ?? []),
  )
  // Its buckets are series of the histogram; `up` is of Prometheus itself.
  const missing = asked.filter((name) => !known.has(name.replace(/_bucket$/, '')))
  expect(missing).toEqual([])
  const ours = [...known].filter((name) => name.startsWith('hrflow_connectors_'))
  expect(ours.filter((name) => !asked.some((one) => one.replace(/_bucket$/, '') === name))).toEqual([])
  expect(panels.filter(({ type, description }) => type !== 'row' && !description).map(({ title }) => title)).toEqual([])
})

test('the unit is one that systemd takes, and starts what the program knows', () => {
  const unit = read('hrflow-connectors.service')
  const [, words = ''] = /^ExecStart=\S+ (.*)$/m.exec(unit) ?? []
  expect(isTaken(words.split(' '))).toBe(true)
  const path = join(temporary(), 'hrflow-connectors.service')
  writeFileSync(path, unit.replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`))
  const { error, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' })
  // Where there is no systemd nothing can be asked.
  if (error === undefined) expect(stderr.split('\n').filter((line) => line.includes('hrflow-connectors'))).toEqual([])
})
