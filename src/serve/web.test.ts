import { describe, expect, it } from 'vitest'
import { NOON, scheduled } from '../../test/support/scheduled.js'
import { VirtualClock } from '../../test/support/virtual-clock.js'
import type { RequestEvent, RunEvent } from '../core/ports/events.js'
import type { ScheduledWorkflow, ScheduleStore } from '../core/ports/schedule.js'
import { Metrics } from './metrics.js'
import { webApp } from './web.js'

const job = { workflow_id: 'acme', account: 'workable:acme' }

function request(remaining: number, status = 200): RunEvent {
  const facts = { method: 'GET', path: '/jobs', attempt: 1, duration_ms: 1, waited_ms: 0 }
  const budget = { limit: 10, remaining, spare: 1, slot_ms: 10_000 }
  const event: RequestEvent = { service: 'workable', ...facts, status, budget }
  return { type: 'request', run_id: 'r', side: 'origin', request: event }
}

/** Metrics over workflows that are as the test says; null: the state cannot be used. */
function metrics(workflows: ScheduledWorkflow[] | null) {
  const clock = new VirtualClock(NOON)
  const known = async () => workflows ?? Promise.reject(new Error('The disk is full.'))
  const pendingCounts = async () => new Map([['acme', 3]])
  const schedules = { scheduled: known, pendingCounts, now: async () => clock.now() }
  const made = new Metrics(schedules as unknown as ScheduleStore, clock)
  made.watch({ counts: async () => ({ waiting: 4, active: 2 }) })
  const lines = async () => (await made.text()).split('\n').filter((line) => line.startsWith('hrflow'))
  return { made, clock, lines }
}

describe('metrics', () => {
  it('tell how long what is due waits, what is pending, and how workflows stand', async () => {
    const { lines } = metrics([
      scheduled({ run_due: NOON - 90_000, full_due: NOON - 60_000, condition: 'fatal' }),
      scheduled({ workflow_id: 'paused', run_due: NOON - 90_000, paused: true }),
      scheduled({ workflow_id: 'well' }),
    ])
    expect(await lines()).toEqual(
      expect.arrayContaining([
        'hrflow_connectors_lag_seconds{workflow_id="acme"} 90',
        'hrflow_connectors_lag_seconds{workflow_id="paused"} 0',
        'hrflow_connectors_lag_seconds{workflow_id="well"} 0',
        'hrflow_connectors_pending_items{workflow_id="acme"} 3',
        'hrflow_connectors_troubled_workflows{condition="fatal"} 1',
        'hrflow_connectors_troubled_workflows{condition="held"} 0',
        'hrflow_connectors_paused_workflows 1',
        'hrflow_connectors_queue_depth 4',
        'hrflow_connectors_active_runs 2',
      ]),
    )
  })

  it('tell the largest share of a budget of the last minute, and refusals by status', async () => {
    const { made, clock, lines } = metrics([])
    for (const remaining of [9, 1, 8]) made.see(job, request(remaining))
    made.see(job, request(1, 429))
    expect(await lines()).toEqual(
      expect.arrayContaining([
        'hrflow_connectors_budget_used_ratio{account="workable:acme"} 1',
        'hrflow_connectors_requests_total{service="workable",status="429"} 1',
      ]),
    )
    await clock.run(clock.now() + 61_000)
    expect((await lines()).filter((line) => line.includes('budget'))).toEqual([])
  })

  it('tell what the process knows while the state cannot be used', async () => {
    const { lines } = metrics(null)
    expect(await lines()).toContain('hrflow_connectors_active_runs 2')
    expect((await lines()).filter((line) => line.includes('lag'))).toEqual([])
  })
})

describe('the addresses', () => {
  it('say whether it lives and whether it is ready, and nothing else is there', async () => {
    const ready = { is: true }
    const app = webApp({ isReady: () => ready.is, metrics: { contentType: 'text/plain', text: async () => 'm 1\n' } })
    const ask = async (path: string, method = 'GET') => (await app.request(path, { method })).status
    expect([await ask('/healthz'), await ask('/readyz'), await ask('/metrics')]).toEqual([200, 200, 200])
    ready.is = false
    expect([await ask('/healthz'), await ask('/readyz'), await ask('/'), await ask('/readyz', 'POST')]).toEqual([
      200, 503, 404, 404,
    ])
  })
})
