import type { RunEvent } from '../core/ports.js'
import type { ItemOutcome } from '../core/result.js'
import { duration, printable, type Output } from './terminal.js'

const REDRAW_MS = 100
const LINE_MS = 10_000
/** Longer than any wait for a rate limit. */
const SILENCE_MS = 60_000

/** Shows a run while it runs: one line drawn over on a terminal, a line now and then elsewhere. */
export class Progress {
  readonly #output: Output
  readonly #total: number | undefined
  readonly #quiet: boolean
  readonly #started = Date.now()
  #heardAt = Date.now()
  readonly #timer: NodeJS.Timeout | undefined
  /** Notes that were said while it ran. */
  readonly said: string[] = []
  #counts: Record<Word, number> = { written: 0, unchanged: 0, ready: 0, failed: 0, skipped: 0, other: 0 }
  #requests = 0
  #budget = ''
  #stopping = false
  #ended = false
  #shown = ''

  /** With `total` known, a bar shows how far it is. `quiet`: logs take its place, which a line drawn over would garble. */
  constructor(output: Output, { total, quiet = false }: { total?: number; quiet?: boolean } = {}) {
    this.#output = output
    this.#total = total
    this.#quiet = quiet
    if (quiet) return
    const live = output.isTTY === true
    this.#timer = setInterval(() => this.#show(live), live ? REDRAW_MS : LINE_MS)
    this.#timer.unref()
  }

  see(event: RunEvent): void {
    this.#heardAt = Date.now()
    if (event.type === 'run_started') for (const note of event.notes) this.#note(note)
    if (event.type === 'item') this.#counts[wordOf(event.outcome)] += 1
    if (event.type !== 'request') return
    this.#requests += 1
    const { budget } = event.request
    // The last request of a slot is refused by the service, so it is never ours to use.
    if (budget) this.#budget = `budget ${Math.max(0, budget.remaining - 1)}/${budget.limit - 1}`
  }

  /** A line that stays, above the live one. */
  say(line: string): void {
    // Where logs go to a program it is for nobody.
    if (this.#quiet && this.#output.isTTY !== true) return
    this.clear()
    this.#output.write(`${printable(line)}\n`)
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
    this.clear()
    if (!this.#quiet && this.#output.isTTY !== true && this.#requests > 0) this.#output.write(`${this.#line()}\n`)
  }

  #note(note: string): void {
    if (this.#quiet) return
    this.said.push(note)
    this.say(note)
  }

  #show(live: boolean): void {
    const line = this.#line()
    if (!live) {
      this.#output.write(`${line}\n`)
      return
    }
    this.clear()
    // A line that reaches the last column would wrap, and only its second half be drawn over.
    this.#shown = line.slice(0, Math.max(1, (this.#output.columns || 80) - 1))
    this.#output.write(this.#shown)
  }

  /** Takes the live line away. */
  clear(): void {
    if (this.#shown !== '') this.#output.write('\r\u001b[2K')
    this.#shown = ''
  }

  #line(): string {
    const ended = Object.values(this.#counts).reduce((sum, count) => sum + count, 0)
    const elapsed = Date.now() - this.#started
    const total = this.#total
    const jobs = total === undefined ? `${ended} jobs` : `${bar(ended / total)} ${ended}/${total} jobs`
    const counts = Object.entries(this.#counts).flatMap(([word, count]) => (count > 0 ? [`${count} ${word}`] : []))
    // What was skipped took no time.
    const rate = `${((ended - this.#counts.skipped) / (Math.max(100, elapsed) / 1000)).toFixed(1)}/s`
    const state = this.#stopping ? ['stopping'] : this.#budget === '' ? [] : [this.#budget]
    const silent = Date.now() - this.#heardAt
    if (silent > SILENCE_MS) state.push(`a service or a function has not answered for ${duration(silent)}`)
    return [[jobs, ...counts].join(', '), rate, ...state, duration(elapsed)].join(' | ')
  }
}

type Word = 'written' | 'unchanged' | 'ready' | 'failed' | 'skipped' | 'other'

function wordOf(outcome: ItemOutcome): Word {
  if (outcome.endsWith('_failure')) return 'failed'
  if (outcome.endsWith('_unchanged')) return 'unchanged'
  if (outcome.endsWith('_skipped')) return 'skipped'
  if (outcome === 'write_success') return 'written'
  return outcome === 'previewed' ? 'ready' : 'other'
}

function bar(done: number): string {
  const filled = Math.round(Math.min(1, done) * 20)
  return `[${'#'.repeat(filled)}${'.'.repeat(20 - filled)}]`
}
