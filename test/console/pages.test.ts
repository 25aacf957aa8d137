import { describe, expect, it } from 'vitest'
import { opened } from './opened.js'

describe('home', () => {
  it('shows a workflow before and after its first run', async () => {
    const made = await opened()
    expect(await made.json('/api/home')).toMatchObject({
      about: { demo: false, served_by: null, workflows: { kind: 'file', path: made.file } },
      attention: [],
      workflows: [
        { workflow_id: 'acme', condition: 'ok', last_run: null, lag_ms: null, defined: true, from: 'Workable' },
      ],
    })
    const run_id = await made.run('acme')
    expect(await made.json('/api/home')).toMatchObject({
      workflows: [
        { last_run: { run_id, status: 'success', written: 6, failed: 0, live: false }, sparkline: [{ written: 6 }] },
      ],
    })
  })

  it('is empty where there is no workflow file', async () => {
    const made = await opened({ text: '' })
    expect(await made.json('/api/home')).toMatchObject({ about: { workflows: null }, attention: [], workflows: [] })
  })
})
