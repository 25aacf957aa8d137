import type { RunEvent } from '../core/ports.js'
import { duration, widthOf, type Output } from './terminal.js'

const REDRAW_MS = 100
const LINE_MS = 10_000

/** Shows a run while it runs: one line drawn over on a terminal, a line now and then elsewhere. */
export class Progress {
  readonly #output: Output
  readonly #total: number | undefined
  readonly #started = Date.now()
  readonly #timer: NodeJS.Timeout
  #counts = { read: 0, written: 0, unchanged: 0, failed: 0, other: 0 }
  #requests = 0
  #budget = ''
  #stopping = false
  #ended = false
  #shown = ''

  /** With `total` known, a bar shows how far it is. */
  constructor(output: Output, total?: number) {
    this.#output = output
    this.#total = total
    const live = output.isTTY === true
    this.#timer = setInterval(() => this.#show(live), live ? REDRAW_MS : LINE_MS)
    this.#timer.unref()
  }

  see(event: RunEvent): void {
    if (event.type === 'run_started') for (const note of event.notes) this.say(note)
    if (event.type === 'item') this.#count(event.outcome)
    if (event.type !== 'request') return
    this.#requests += 1
    const { budget } = event.request
    // The last request of a slot is refused by the service, so it is never ours to use.
    if (budget) this.#budget = `budget ${Math.max(0, budget.remaining - 1)}/${budget.limit - 1}`
  }

  /** A line that stays, above the live one. */
  say(line: string): void {
    this.#clear()
    this.#output.write(`${line}\n`)
  }

  stopping(): void {
    this.#stopping = true
    this.say('Stopping: finishing what is in flight, at most 20 s. Once more to quit at once.')
  }

  /** Ends the live line; where there is none, how far it came is said once more. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    clearInterval(this.#timer)
    this.#clear()
    if (this.#output.isTTY !== true && this.#requests > 0) this.#output.write(`${this.#line()}\n`)
  }

  #count(outcome: Extract<RunEvent, { type: 'item' }>['outcome']): void {
    const counts = this.#counts
    if (outcome.endsWith('_failure')) counts.failed += 1
    else if (outcome === 'write_success') counts.written += 1
    else if (outcome === 'write_unchanged' || outcome === 'read_unchanged') counts.unchanged += 1
    else counts.other += 1
    counts.read += 1
  }

  #show(live: boolean): void {
    const line = this.#line()
    if (!live) {
      this.#output.write(`${line}\n`)
      return
    }
    this.#clear()
    this.#shown = line.slice(0, widthOf(this.#output) - 1)
    this.#output.write(this.#shown)
  }

  #clear(): void {
    if (this.#shown !== '') this.#output.write('\r\u001b[2K')
    this.#shown = ''
  }

  #line(): string {
    const { read, written, unchanged, failed, other } = this.#counts
    const elapsed = Date.now() - this.#started
    const total = this.#total
    const jobs = total === undefined ? `${read} jobs` : `${bar(read / total)} ${read}/${total} jobs`
    const ends = [
      [written, 'written'],
      [unchanged, 'unchanged'],
      [failed, 'failed'],
      [other, 'other'],
    ] as const
    const counts = ends.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`)
    const rate = `${(read / Math.max(1, elapsed / 1000)).toFixed(1)}/s`
    const state = this.#stopping ? ['stopping'] : this.#budget === '' ? [] : [this.#budget]
    return [[jobs, ...counts].join(', '), rate, ...state, duration(elapsed)].join(' | ')
  }
}

function bar(done: number): string {
  const filled = Math.round(Math.min(1, done) * 20)
  return `[${'#'.repeat(filled)}${'.'.repeat(20 - filled)}]`
}
