// The workflow files that docs/workflows.md shows are read as they stand there.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { z } from 'zod'
import { formatWorkableJob, type WorkableJob } from '../../src/index.js'
import { loadWorkflows } from '../../src/workflows/index.js'
import { blocksOf, root } from './blocks.js'

const folder = mkdtempSync(join(tmpdir(), 'hrflow-connectors-workflows-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const blocks = blocksOf(readFileSync(join(root, 'docs/workflows.md'), 'utf8'))
const yaml = blocks.filter(({ language }) => language === 'yaml').map(({ text }) => text)
const typescript = blocks.find(({ language }) => language === 'ts')?.text ?? ''

const secret = join(folder, 'secret')
writeFileSync(secret, 'ask_0\n')
writeFileSync(join(folder, 'logics.ts'), 'export const onlyEngineering = (job: unknown) => job\n')
const env = { WORKABLE_API_ACCESS_TOKEN: 'token', HRFLOW_API_SECRET: 'ask_1', HRFLOW_BOARD_KEY: 'key' }

async function load(name: string, text: string, warned: unknown[] = []) {
  writeFileSync(join(folder, name), text.replace('/run/secrets/hrflow', secret))
  const { workflows, warnings } = await loadWorkflows({ file: name, cwd: folder, env })
  expect(warnings).toEqual(warned)
  return workflows
}

/** The whole file, and the parts that the page shows of a workflow, with what they belong to. */
function parts() {
  const [whole = '', , ...others] = yaml
  return [whole, ...others.map((text) => `${whole}${text.replace(/^(?=.)/gm, '    ')}`)]
}

test('the YAML file, alone and with the conditions and the mapping', async () => {
  expect(yaml).toHaveLength(4)
  for (const [index, text] of parts().entries()) {
    const [workflow] = await load(`${index}.yaml`, text)
    expect(workflow).toMatchObject({ id: 'acme-jobs', incremental: true, schedule: { time_zone: 'Europe/Paris' } })
    const { parameters, secrets } = (await workflow?.resolve()) ?? {}
    expect(secrets).toEqual(expect.arrayContaining(['token', 'ask_0']))
    expect(parameters).toMatchObject({ push_parameters: { board_key: 'key', on_missing: 'create' } })
  }
})

test('whom it tells', async () => {
  const [whole = '', notify = ''] = yaml
  const text = `${whole}${notify}`.replace('/run/secrets/hook', secret)
  writeFileSync(join(folder, 'notify.yaml'), text.replace('/run/secrets/hrflow', secret))
  const loaded = await loadWorkflows({ file: 'notify.yaml', cwd: folder, env: { ...env, SLACK_WEBHOOK: 'https://s' } })
  const [chat, pager] = loaded.listeners
  expect([chat?.on, pager?.on.length]).toEqual([['fatal', 'overdue', 'held', 'recovered'], 5])
  expect(await loaded.resolveNotify()).toMatchObject([
    { target: chat?.target, url: 'https://s', secret: null },
    { target: pager?.target, secret: 'ask_0' },
  ])
})

test('the condition and the mapping do what the page says', async () => {
  const [, conditions = '', mapping = ''] = parts()
  const job = { shortcode: 'J1', title: 'Clerk', department: 'Sales', experience: 'Associate' } as WorkableJob
  const [chosen] = await load('conditions.yaml', conditions)
  const logics = z
    .array(z.custom<(job: WorkableJob) => unknown>())
    .parse((await chosen?.resolve())?.parameters['logics'])
  expect(await logics[0]?.(job)).toEqual(job)
  expect(await logics[0]?.({ ...job, confidential: true })).toBeNull()
  // A trap of JSONata that the page names.
  const naive = conditions.replace('$not(confidential = true)', 'confidential != true')
  const [unwary] = await load('naive.yaml', naive, [expect.stringContaining('without confidential is discarded')])
  const [logic] = z
    .array(z.custom<(job: WorkableJob) => unknown>())
    .parse((await unwary?.resolve())?.parameters['logics'])
  expect(await logic?.(job)).toBeNull()
  const [mapped] = await load('mapping.yaml', mapping)
  const format = z.custom<(job: WorkableJob) => unknown>().parse((await mapped?.resolve())?.parameters['format'])
  const own = formatWorkableJob(job)
  expect(await format(job)).toMatchObject({
    name: 'Clerk (Sales)',
    tags: expect.arrayContaining([...(own.tags ?? []), { name: 'seniority', value: 'Associate' }]) as unknown,
  })
})

test('the TypeScript file', async () => {
  const [workflow] = await load('workflows.ts', typescript)
  expect(workflow?.id).toBe('acme-jobs')
  expect((await workflow?.resolve())?.parameters).toMatchObject({ hrflow_auth: { api_secret: 'ask_1' } })
})
