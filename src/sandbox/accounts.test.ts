import { describe, expect, onTestFinished, test } from 'vitest'
import type { SandboxOptions } from './options.js'
import { startSandbox } from './server.js'

async function start(options: SandboxOptions) {
  const sandbox = await startSandbox(options)
  onTestFinished(() => sandbox.close())
  return sandbox
}

describe('several accounts', () => {
  test('have a name, a token, jobs and a budget of requests each', async () => {
    const workable = { jobs: 30, rate_limit: { limit: 3 }, now: () => 5_000_000_000_000 }
    const { accounts, workable_url, workable: first, env } = await start({ accounts: 3, workable })
    expect(accounts.map(({ subdomain }) => subdomain)).toEqual(['acme', 'acme-2', 'acme-3'])
    expect(first).toBe(accounts[0])
    expect(env).toMatchObject({ WORKABLE_SUBDOMAIN: 'acme', WORKABLE_API_ACCESS_TOKEN_3: accounts[2]!.token })
    const status = async (subdomain: string, token: string) => {
      const url = `${workable_url.replace('{subdomain}', subdomain)}/jobs`
      return (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status
    }
    for (const { subdomain, token } of accounts) {
      // Two of three, whatever the others have sent; a token opens its own account alone.
      expect([await status(subdomain, token), await status(subdomain, token), await status(subdomain, token)]).toEqual([
        200, 200, 429,
      ])
      expect(await status(subdomain, 'workable-sandbox-token-9')).toBe(401)
    }
    expect(await status('acme-2', first.token)).toBe(401)
    expect(await status('acme-4', first.token)).toBe(404)
    const shortcodes = accounts.flatMap(({ jobs }) => jobs.map(({ shortcode }) => shortcode))
    expect(new Set(shortcodes).size).toBe(90)
  })

  test('are told apart by faults', async () => {
    const sandbox = await start({ accounts: 2, workable: { jobs: 1 } })
    sandbox.fault({ service: 'workable', when: ({ account }) => account === 'acme-2', answer: { status: 503 } })
    const statuses = sandbox.accounts.map(async ({ subdomain, token }) => {
      const url = `${sandbox.workable_url.replace('{subdomain}', subdomain)}/jobs`
      return (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status
    })
    expect(await Promise.all(statuses)).toEqual([200, 503])
  })

  test('the first one is what it is alone', async () => {
    const [alone, first] = [await start({ workable: { jobs: 5 } }), await start({ accounts: 2, workable: { jobs: 5 } })]
    expect(first.workable.jobs).toEqual(alone.workable.jobs)
    expect(first.board_key).toBe(alone.board_key)
  })
})

test('several boards have a key each, and jobs of their own', async () => {
  const { hrflow, hrflow_url, env } = await start({ boards: 3, workable: { jobs: 0 } })
  expect(new Set(hrflow.boards).size).toBe(3)
  expect(hrflow.boards.every((key) => /^[0-9a-f]{40}$/.test(key))).toBe(true)
  expect(env).toMatchObject({ HRFLOW_BOARD_KEY: hrflow.boards[0], HRFLOW_BOARD_KEY_2: hrflow.boards[1] })
  const headers = { 'x-api-key': hrflow.api_secret, 'x-user-email': hrflow.api_user }
  const body = JSON.stringify({ board_key: hrflow.boards[1], reference: 'R', name: 'x', location: { text: null } })
  expect((await fetch(`${hrflow_url}/job/indexing`, { method: 'POST', headers, body })).status).toBe(201)
  expect(hrflow.boards.map((key) => hrflow.jobs(key).length)).toEqual([0, 1, 0])
})

test('what cannot be is refused', async () => {
  await expect(startSandbox({ accounts: 0 })).rejects.toThrow('sandbox.accounts: must be at least 1.')
  await expect(startSandbox({ boards: 2, hrflow: { boards: ['a'.repeat(40)] } })).rejects.toThrow(
    'Give one of the two.',
  )
})
