import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { opened } from './opened.js'

const begun = z.object({ run_id: z.string() })

/** Events of a stream, one after another. */
async function* eventsOf(response: Response): AsyncGenerator<{ event: string; data: unknown }> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  for (;;) {
    const read = await reader?.read()
    if (read === undefined || read.done) return
    text += read.value
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const [, event] = /^event: (.*)$/m.exec(block) ?? []
      const [, data] = /^data: (.*)$/m.exec(block) ?? []
      if (event !== undefined) yield { event, data: JSON.parse(data ?? 'null') as unknown }
    }
  }
}

async function allOf<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const one of stream) all.push(one)
  return all
}

describe('a run of this process', () => {
  it('is followed to its end: how far it is, and what it has sent', async () => {
    const made = await opened({ sandbox: { workable: { jobs: 12 }, latency: { ms: 40 } } })
    const { run_id } = begun.parse(await made.change('/api/workflows/acme/runs', { kind: 'run' }))
    const events = await allOf(eventsOf(await made.ask(`/api/runs/${run_id}/events`)))
    expect(events.at(-1)).toEqual({ event: 'end', data: { run_id } })
    expect(events.at(-2)).toMatchObject({
      event: 'progress',
      data: {
        run_id,
        listed: 12,
        events: { write_success: 12 },
        stopping: false,
        slots: [{ sent: expect.any(Number) as unknown }],
      },
    })
    expect(await made.json(`/api/runs/${run_id}`)).toMatchObject({ run: { live: false, written: 12 } })
    expect((await made.ask('/api/runs/another/events')).status).toBe(404)
  })

  it('is stopped in good order, and holds its workflow until then', async () => {
    const made = await opened({ sandbox: { workable: { jobs: 60 }, latency: { ms: 60 } } })
    const { run_id } = begun.parse(await made.change('/api/workflows/acme/runs', { kind: 'run' }))
    expect(await made.json('/api/home')).toMatchObject({ workflows: [{ running: { run_id, live: true } }] })
    const second = await made.post('/api/workflows/acme/runs', { kind: 'full' })
    expect([second.status, await second.json()]).toMatchObject([409, { code: 'workflow_already_running' }])
    const stream = eventsOf(await made.ask(`/api/runs/${run_id}/events`))
    expect((await stream.next()).value).toMatchObject({ event: 'progress' })
    expect(await made.change(`/api/runs/${run_id}/stop`, {})).toEqual({})
    await allOf(stream)
    expect(await made.json(`/api/runs/${run_id}`)).toMatchObject({ run: { reason: 'interrupted', live: false } })
    expect(await made.json('/api/audit')).toMatchObject({ entries: [{ what: 'stop' }, { what: 'run' }] })
    expect((await made.post('/api/runs/another/stop', {})).status).toBe(404)
  })

  it('that cannot be begun says why, and can be begun again', async () => {
    const made = await opened()
    made.env['HRFLOW_BOARD_KEY'] = ' '
    expect((await made.post('/api/workflows/acme/runs', { kind: 'run' })).status).toBe(422)
    made.env['HRFLOW_BOARD_KEY'] = made.sandbox.board_key
    expect((await made.post('/api/workflows/acme/runs', { kind: 'dry', limit: 2 })).status).toBe(200)
  })

  it('is told to who looks at home, as are changes of others', async () => {
    const made = await opened()
    const stream = eventsOf(await made.ask('/api/events'))
    const told = stream.next()
    await made.run('acme')
    expect((await told).value).toMatchObject({ event: 'home' })
    await stream.return(undefined)
  })
})
