import { describe, expect, test } from 'vitest'
import { folder, refusal, workflow } from '../../test/support/workflow-folder.js'
import { loadStorable, loadStored } from './index.js'

const ENV = { TOKEN: 'the-token', HOOK: 'https://hooks.example/secret', BEAT: 'https://beats.example/1' }
const load = (text: string, files: Record<string, string> = {}) =>
  loadStorable({ cwd: folder({ 'hrflow-connectors.yaml': text, ...files }), env: ENV })

describe('a workflow that is pushed', () => {
  test('is stored as it is written, and filled in where it runs', async () => {
    const lines = [
      "connector_auth: { api_access_token: '${TOKEN}', subdomain: acme }",
      "hrflow_auth: { api_secret: '${TOKEN}', api_user: 'me@example.com' }",
      'push_parameters: { board_key: b }',
      "schedule: '*/15 * * * *'",
      "heartbeat: '${BEAT}'",
      'logics: [{ if: state = "published" }]',
    ]
    const { workflows } = await load(`notify: [{ url: '\${HOOK}', on: [fatal] }]\n${workflow(lines.join('\n    '))}`)
    const [{ stored } = { stored: undefined }] = workflows
    if (stored === undefined) throw new Error('Nothing is stored.')
    const text = JSON.stringify(stored)
    expect(text).toContain('"${TOKEN}"')
    for (const value of Object.values(ENV)) expect(text).not.toContain(value)
    const again = await loadStored(stored, { ...ENV, TOKEN: 'of-another-machine' })
    expect(again.workflow.schedule).toEqual({ cron: '*/15 * * * *', time_zone: 'UTC' })
    const { parameters } = await again.workflow.resolve()
    expect(parameters).toMatchObject({ connector_auth: { api_access_token: 'of-another-machine' } })
    expect(await again.workflow.resolveHeartbeat()).toBe(ENV.BEAT)
    expect(await again.resolveNotify()).toMatchObject([{ url: ENV.HOOK, target: again.listeners[0]?.target }])
    expect(await refusal((await loadStored(stored, {})).workflow.resolve())).toContain('the variable TOKEN is not set.')
  })

  test.each([
    [workflow("connector_auth: { api_access_token: 'written-out', subdomain: acme }"), 'a secret is written out'],
    [workflow("hrflow_auth: { api_secret: '${file:secret.txt}' }"), 'is named by its whole path'],
    [workflow("heartbeat: 'https://beats.example/written-out'"), 'heartbeat: an address is written out'],
    [workflow('logics: [./own.js#keep]'), 'logics.0: a function of a file cannot be pushed'],
    [workflow('format: ./own.js#keep'), 'format: a function of a file cannot be pushed'],
    [workflow('callback: ./own.js#keep'), 'callback: a function of a file cannot be pushed'],
    [
      `notify: [{ url: 'https://hooks.example/written-out' }]\n${workflow()}`,
      'notify.0.url: an address is written out',
    ],
    [`notify: [{ url: '\${HOOK}', secret: 'written-out' }]\n${workflow()}`, 'notify.0.secret: a secret is written out'],
    [`notify: [{ url: 'https://me:written-out@hooks.example' }]\n${workflow()}`, 'without user and password'],
  ])('%# is refused, with its place and without its value', async (text, said) => {
    const refused = await refusal(load(text, { 'own.js': 'export const keep = (job) => job', 'secret.txt': 's' }))
    expect(refused).toContain(said)
    expect(refused).toMatch(/^hrflow-connectors\.yaml:\d+:\d+: |\n?hrflow-connectors\.yaml:\d+/)
    expect(refused).not.toContain('written-out')
  })

  test('is none of a program, whose functions would stay', async () => {
    const text = "export default { acme: { action: 'workable.update_jobs_in_hrflow' } }"
    const cwd = folder({ 'hrflow-connectors.mjs': text })
    expect(await refusal(loadStorable({ cwd, env: {} }))).toContain('a program cannot be pushed')
  })
})
