// What deploy/ holds is read by the programs that it is made for, as far as they are here, and starts what there is.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { main } from '../support/command.js'
import { root } from './blocks.js'

const read = (name: string) => readFileSync(join(root, 'deploy', name), 'utf8')

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

test('the unit is one that systemd takes, and starts what the program knows', () => {
  const unit = read('hrflow-connectors.service')
  const [, words = ''] = /^ExecStart=\S+ (.*)$/m.exec(unit) ?? []
  expect(isTaken(words.split(' '))).toBe(true)
  const folder = mkdtempSync(join(tmpdir(), 'hrflow-connectors-unit-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'hrflow-connectors.service')
  writeFileSync(path, unit.replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`))
  const { error, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' })
  // Where there is no systemd nothing can be asked.
  if (error === undefined) expect(stderr.split('\n').filter((line) => line.includes('hrflow-connectors'))).toEqual([])
})
