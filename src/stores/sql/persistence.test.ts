import { describe, expect, it } from 'vitest'
import { LeaseLostError } from '../../core/errors.js'
import { Persistence } from './persistence.js'

function persistence() {
  let time = 0
  const pauses: number[] = []
  const clock = {
    now: () => time,
    async sleep(ms: number) {
      pauses.push(ms)
      time += ms
    },
  }
  const made = new Persistence({ kind: 'postgres', location: 'postgres://db', secrets: [], clock, random: () => 1 })
  return { made, pauses, now: () => time, pass: (ms: number) => (time += ms) }
}

const failing = (code: string, times: number) => {
  let left = times
  return async () => {
    if (left-- > 0) throw Object.assign(new Error('It failed.'), { code })
    return 'done'
  }
}

describe('work that may pass', () => {
  it.each(['40001', '40P01'])('is done again with growing pauses: %s', async (code) => {
    const { made, pauses } = persistence()
    expect(await made.through(failing(code, 4))).toBe('done')
    expect(pauses).toEqual([40, 80, 160, 320])
  })

  it('that clashes again and again ends with a sentence', async () => {
    const { made, now } = persistence()
    await expect(made.through(failing('40001', 1_000))).rejects.toMatchObject({ code: 'state_unusable' })
    expect(now()).toBeLessThan(20_000)
  })

  it.each(['57P01', '08006', 'ECONNREFUSED', 'ECONNRESET'])('waits for a database that is away: %s', async (code) => {
    const { made, now } = persistence()
    await expect(made.through(failing(code, 1_000))).rejects.toThrow(/postgres:\/\/db: the server cannot be reached/)
    expect(now()).toBeGreaterThanOrEqual(30_000)
    expect(now()).toBeLessThan(35_000)
    // All that is asked in one absence ends together.
    const before = now()
    await expect(made.through(failing(code, 1_000))).rejects.toThrow()
    expect(now()).toBe(before)
  })

  it('is waited for anew in another absence', async () => {
    const { made, pass } = persistence()
    await expect(made.through(failing('57P01', 1_000))).rejects.toThrow()
    pass(60_000)
    expect(await made.through(failing('57P01', 5))).toBe('done')
  })

  it('is not waited for when it is opened', async () => {
    const { made, pauses } = persistence()
    await expect(made.through(failing('ECONNREFUSED', 1), { opening: true })).rejects.toThrow(/cannot be reached/)
    expect(pauses).toEqual([])
  })
})

it('what stays, and what is ours, is thrown at once', async () => {
  const { made, pauses } = persistence()
  await expect(made.through(failing('42501', 1))).rejects.toThrow(/the role may not do this/)
  await expect(made.through(() => Promise.reject(new LeaseLostError('w')))).rejects.toBeInstanceOf(LeaseLostError)
  expect(pauses).toEqual([])
})
