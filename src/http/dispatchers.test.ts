import { expect, test } from 'vitest'
import { Agent, Dispatcher, EnvHttpProxyAgent } from 'undici'
import { openAgent, openProxyAgent } from './dispatchers.js'

test('the dispatchers are those of undici, from files of their own', async () => {
  const [agent, proxy] = [openAgent({ connections: 1 }), openProxyAgent({ httpProxy: 'http://127.0.0.1:1' })]
  expect([agent instanceof Agent, agent instanceof Dispatcher]).toEqual([true, true])
  expect([proxy instanceof EnvHttpProxyAgent, proxy instanceof Dispatcher]).toEqual([true, true])
  await Promise.all([agent.close(), proxy.close()])
})
