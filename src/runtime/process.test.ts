import { spawn } from 'node:child_process'
import { expect, it } from 'vitest'
import { isDead, processIdentity } from './process.js'

const self = processIdentity()

it.runIf(process.platform === 'linux')('a process knows who it is, and that it lives', () => {
  expect(self).toMatch(/^[0-9a-f-]{36} pid:\[\d+\] \d+ \d+$/)
  expect(isDead(self ?? '')).toBe(false)
})

it.runIf(process.platform === 'linux')(
  'another is dead once it is gone, or its number belongs to a younger one',
  async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    const of = (pid: number | undefined, start = '1') => (self ?? '').replace(/ \d+ \d+$/, ` ${String(pid)} ${start}`)
    expect(isDead(of(child.pid))).toBe(true)
    child.kill('SIGKILL')
    await new Promise((resolve) => child.on('close', resolve))
    expect(isDead(of(child.pid))).toBe(true)
  },
)

it('nothing is said of a process of another machine or container, nor of what names none', () => {
  for (const identity of ['', 'x', '0000 pid:[1] 1 1', (self ?? '').replace(/^\S+/, 'another-boot')])
    expect(isDead(identity)).toBe(false)
})
