import type { RunEvent } from '../../core/ports/events.js'
import type { ItemOutcome } from '../../core/result/outcome.js'
import { duration, type Output, printable, textWidth, wrap } from '../terminal.js'
import { Pace } from '../../runtime/pace.js'
import { countOf } from './count-of.js'
import { headOf } from './width.js'

const REDRAW_MS = 100
const LINE_MS = 10_000

/** Longer than any wait for a rate limit. */
const SILENCE_MS = 60_000

/** More lines than this are in the way, and a terminal may have no more. */
const LIVE_LINES = 10

/** What a command shows while it runs: on a terminal lines that are drawn over, one for each run, below those that stay. */
export class Screen {
  readonly output: Output
  readonly isLive: boolean
  /** Told to stop. */
  stopping = false
  readonly #lines = new Map<object, () => string>()
  #timer: NodeJS.Timeout | undefined
  #shown = 0

  constructor(output: Output) {
    this.output = output
    this.isLive = output.isTTY === true
  }

  /** A line to be drawn until `remove`. */
  add(owner: object, line: () => string): void {
    this.#lines.set(owner, line)
    this.#timer ??= setInterval(() => this.#draw(), REDRAW_MS).unref()
  }

  remove(owner: object): void {
    this.clear()
    this.#lines.delete(owner)
    if (this.#lines.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** A line that stays. */
  say(line: string): void {
    this.clear()
    this.output.write(`${wrap(printable(line), textWidth(this.output))}\n`)
  }

  /** Takes the live lines away, until they are drawn again. */
  clear(): void {
    if (this.#shown > 0) this.output.write(`\r\u001b[2K${'\u001b[1A\u001b[2K'.repeat(this.#shown - 1)}`)
    this.#shown = 0
  }

  #draw(): void {
    this.clear()
    const all = [...this.#lines.values()]
    const shown = all.slice(0, LIVE_LINES).map((line) => line())
    if (all.length > shown.length) shown.push(`and ${all.length - shown.length} more`)
    // A line that reaches the last column would wrap, and only its second half be drawn over.
    const room = Math.max(1, (this.output.columns || 80) - 1)
    this.output.write(shown.map((line) => headOf(line, room)).join('\n'))
    this.#shown = shown.length
  }
}

export interface ProgressOptions {
  /** Known, a bar shows how far it is. */
  total?: number
  /** Logs take its place, which a line drawn over would garble. */
  quiet?: boolean
  /** What is counted, in the singular. Default: `item`. */
  entity?: string
  /** Which run it is, where there are several. */
  name?: string | undefined
  /** Default: one of its own. */
  screen?: Screen
}

/** Shows a run while it runs: a live line on a terminal, a line now and then elsewhere. */
export class ProgressLine {
  readonly #screen: Screen
  readonly #pace: Pace
  readonly #quiet: boolean
  readonly #name: string
  readonly #entity: string
  #started = Date.now()
  #heardAt = Date.now()
  readonly #timer: NodeJS.Timeout | undefined
  /** Notes that were said while it ran. */
  readonly said: string[] = []
  #counts: Record<Word, number> = { written: 0, unchanged: 0, ready: 0, failed: 0, skipped: 0, other: 0 }
  #requests = 0
  #budget = ''
  #waiting = ''
  #ended = false

  constructor(output: Output, options: ProgressOptions = {}) {
    const { total, quiet = false, entity = 'item', name, screen = new Screen(output) } = options
    this.#screen = screen
    this.#pace = new Pace(Date.now(), total)
    this.#quiet = quiet
    this.#entity = entity
    this.#name = name === undefined ? '' : `${printable(name)}: `
    if (quiet) return
    if (screen.isLive) screen.add(this, () => this.#line())
    else this.#timer = setInterval(() => this.#now(), LINE_MS).unref()
  }

  see(event: RunEvent): void {
    this.#heardAt = Date.now()
    this.#pace.see(event, this.#heardAt)
    if (event.type === 'run_started') for (const note of event.notes) this.#note(note)
    if (event.type === 'item') this.#counts[wordOf(event.outcome)] += 1
    if (event.type === 'item_amended') {
      this.#counts[wordOf(event.before)] -= 1
      this.#counts[wordOf(event.outcome)] += 1
    }
    if (event.type !== 'request') return
    this.#requests += 1
    const { budget } = event.request
    if (!budget) return
    const { limit, remaining, spare } = budget
    this.#budget = `budget ${Math.max(0, remaining - spare)}/${limit - spare}`
  }

  /** A line that stays. */
  say(line: string): void {
    // Where logs go to a program it is for nobody.
    if (!this.#quiet || this.#screen.isLive) this.#screen.say(`${this.#name}${line}`)
  }

  /** It has not begun: another run is waited for. Empty: it begins now. */
  waits(why: string): void {
    if (why !== '') this.say(why)
    this.#waiting = why
    this.#started = this.#heardAt = Date.now()
    this.#pace.begin(this.#started)
  }

  /** Ends the live line; where there is none, how far it came is said once more. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    clearInterval(this.#timer)
    this.#screen.remove(this)
    if (!this.#quiet && !this.#screen.isLive && this.#requests > 0) this.#now()
  }

  #note(note: string): void {
    if (this.#quiet) return
    this.said.push(note)
    this.say(note)
  }

  #now(): void {
    // What is waited for was said, and nothing has happened since.
    if (this.#waiting === '') this.#screen.output.write(`${this.#line()}\n`)
  }

  #line(): string {
    const elapsed = Date.now() - this.#started
    if (this.#waiting !== '') return `${this.#name}waiting | ${duration(elapsed)}`
    const ended = Object.values(this.#counts).reduce((sum, count) => sum + count, 0)
    const counts = Object.entries(this.#counts).flatMap(([word, count]) => (count > 0 ? [`${count} ${word}`] : []))
    const { items, details } = this.#pace
    const left = this.#pace.left(Date.now())
    const counted =
      items !== null && details === null
        ? `${bar(items.done / items.total)} ${items.done}/${items.total} ${this.#entity}s`
        : countOf(ended, this.#entity)
    const parts = [
      [counted, ...counts].join(', '),
      ...(details ? [`details ${bar(details.done / details.total)} ${details.done}/${details.total}`] : []),
      ...(left === null ? [] : [`about ${duration(left)} left`]),
      // What was skipped took no time. Details go at the pace of the budget.
      ...(details ? [] : [`${((ended - this.#counts.skipped) / (Math.max(100, elapsed) / 1000)).toFixed(1)}/s`]),
      ...this.#state(),
      duration(elapsed),
    ]
    return this.#name + parts.join(' | ')
  }

  #state(): string[] {
    const state = this.#screen.stopping ? ['stopping'] : this.#budget === '' ? [] : [this.#budget]
    const silent = Date.now() - this.#heardAt
    if (silent > SILENCE_MS) state.push(`a service or a function has not answered for ${duration(silent)}`)
    return state
  }
}

type Word = 'written' | 'unchanged' | 'ready' | 'failed' | 'skipped' | 'other'

function wordOf(outcome: ItemOutcome): Word {
  if (outcome.endsWith('_failure')) return 'failed'
  if (outcome.endsWith('_unchanged')) return 'unchanged'
  if (outcome.endsWith('_skipped')) return 'skipped'
  if (outcome === 'write_success' || outcome === 'write_archived' || outcome === 'write_unarchived') return 'written'
  return outcome === 'previewed' ? 'ready' : 'other'
}

function bar(done: number): string {
  const filled = Math.round(Math.min(1, done) * 20)
  return `[${'#'.repeat(filled)}${'.'.repeat(20 - filled)}]`
}
