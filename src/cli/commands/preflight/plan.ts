import type { Change, Plan, PlannedItem, PlanTotals } from '../../../core/result/plan.js'
import type { RunResult } from '../../../core/result/result.js'
import { runAction } from '../../../runtime/run.js'
import { execute, type Execution, type LookOptions } from '../../execution/execute.js'
import { countOf } from '../../output/count-of.js'
import { differenceOf, readable } from '../../output/readable.js'
import { summarise } from '../../output/summary.js'
import { columnsOf, cutTo, linesOf, padTo } from '../../output/width.js'
import { colorsFor, type ExitCode, printable, type Terminal, wrap } from '../../terminal.js'

/** More of one side of a change than this is cut. */
const LONGEST_PART = 600

/** Items that are shown when nothing is said. */
const SHOWN = 20
const INDENT = '  '
const PIPED_WIDTH = 120

/** `plan`: what a run would change, item by item. Writes nothing. */
export async function showPlan(
  { action, parameters }: Execution,
  { limit, json }: LookOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const dry = { ...parameters, persist: false }
  const compare = limit === null ? true : { limit }
  const start: Execution['start'] = (runtime) => runAction(action, dry, { ...runtime, compare })
  return execute({ action, parameters: dry, start }, json, terminal, {
    draw: ({ result, said }) => new PlanDrawing(terminal, action.flow.entity).draw(result, limit ?? SHOWN, said),
  })
}

const TOTALS: [name: keyof PlanTotals, said: string][] = [
  ['update', 'to update'],
  ['create', 'to create'],
  ['archive', 'to archive'],
  ['unchanged', 'unchanged'],
  ['not_found', 'not on the target'],
  ['failed', 'failed to be compared'],
  ['skipped', 'skipped'],
]

/** Beside what could not be compared: of these nobody knows what a run would write. */
const MISSED = ['list_failure', 'read_failure', 'read_skipped', 'logics_failure', 'format_failure'] as const

/** A plan as a person reads it, at the width of the terminal. */
export class PlanDrawing {
  readonly #terminal: Terminal
  readonly #colors
  readonly #width: number
  readonly #entity: string

  /** `entity`: what is counted, in the singular. */
  constructor(terminal: Terminal, entity: string) {
    this.#terminal = terminal
    this.#entity = entity
    const { stdout, env } = terminal
    this.#colors = colorsFor(stdout, env)
    // What is piped is read as well: without a width there would be no telling what is too long for one line.
    this.#width = stdout.isTTY === true ? Math.max(stdout.columns ?? 80, 40) : PIPED_WIDTH
  }

  draw(result: RunResult, limit: number, said: readonly string[]): string {
    const { stdout, env } = this.#terminal
    const { plan } = result
    const summary = summarise(result, stdout, env, { said, planned: plan ? plannedParts(plan) : [] })
    if (!plan) return summary
    const { changed, missing } = split(plan)
    const shown = changed.slice(0, limit)
    return [
      ...shown.flatMap((item) => [...this.#item(item), '']),
      ...this.#rest(changed.length - shown.length + plan.omitted, plan),
      ...this.#notFound(missing, limit),
      summary,
      this.#verdict(result, plan),
    ].join('\n')
  }

  #item({ reference, name = '', outcome, changes, note }: PlannedItem): string[] {
    const { bold, green, yellow, red } = this.#colors
    const paint = outcome === 'create' ? green : outcome === 'archive' ? red : yellow
    const head = `${outcome} ${printable(reference)}`
    const title = name === '' ? '' : `  ${cutTo(readable(name), Math.max(10, this.#width - columnsOf(head) - 2))}`
    const column = Math.min(24, Math.max(0, ...changes.map(({ path }) => columnsOf(printable(path)))))
    return [
      `${paint(bold(outcome))} ${bold(printable(reference))}${title}`,
      ...changes.flatMap((change) => this.#change(change, outcome, column)),
      ...(note === undefined ? [] : this.#lines(`Note: ${printable(note)}`, INDENT)),
    ]
  }

  /** On one line where it fits, else the part that differs below. */
  #change({ path, from, to }: Change, outcome: PlannedItem['outcome'], column: number): string[] {
    const { cyan, dim, green, red } = this.#colors
    const label = padTo(printable(path), column)
    const room = this.#width - INDENT.length - columnsOf(label) - 2
    const [old, now] = [readable(from), readable(to)]
    if (outcome === 'create') return [`${INDENT}${cyan(label)}  ${green(cutTo(now, room))}`]
    const sides = columnsOf(old) + columnsOf(now)
    if (sides + 4 <= room && old !== now) return [`${INDENT}${cyan(label)}  ${red(old)} -> ${green(now)}`]
    const title = `${INDENT}${cyan(printable(path))}`
    if (old !== now) return [title, ...this.#difference(old, now)]
    const markup = [from, to].map((side) => printable(typeof side === 'string' ? side : JSON.stringify(side)))
    return [`${title}  ${dim('the text is the same, its form differs')}`, ...this.#difference(...pairOf(markup))]
  }

  #difference(old: string, now: string): string[] {
    const { red, green } = this.#colors
    const { before, from, to, after } = differenceOf(old, now)
    const side = (sign: string, part: string, paint: (text: string) => string) => {
      const words = [before, cutPart(part), after].filter((text) => text !== '').join(' ')
      return this.#lines(words === '' ? '(nothing)' : words, `${INDENT}  ${sign} `).map(paint)
    }
    return [...side('-', from, red), ...side('+', to, green)]
  }

  #rest(count: number, plan: Plan): string[] {
    if (count <= 0) return []
    const json = plan.omitted > 0 ? `--json shows ${plan.items.length}` : '--json shows all'
    return [...this.#lines(`and ${count} more: --limit NUMBER shows more, ${json}.`, ''), '']
  }

  #notFound(missing: PlannedItem[], limit: number): string[] {
    if (missing.length === 0) return []
    const names = missing.slice(0, limit).map(({ reference }) => printable(reference))
    const more = missing.length > names.length ? `, and ${missing.length - names.length} more` : ''
    const notes = [...new Set(missing.flatMap(({ note }) => note ?? []))].map((note) => ` ${printable(note)}`)
    return [...this.#lines(`Not on the target: ${names.join(', ')}${more}.${notes.join('')}`, ''), '']
  }

  #verdict({ status, reason, events }: RunResult, { totals, partial }: Plan): string {
    const count = totals.create + totals.update + totals.archive
    if (status === 'fatal') return wrap('Nothing was written. The plan is incomplete.', this.#width)
    const items = countOf(count, this.#entity)
    const missed = MISSED.reduce((sum, name) => sum + events[name], totals.failed + totals.skipped)
    const why = missed > 0 ? `${missed} could not be looked at` : reason === 'interrupted' ? 'it was interrupted' : ''
    if (why !== '' || partial === true) {
      const whole = why === '' ? '' : ` The plan is incomplete: ${why}.`
      const rest =
        partial === true ? ' The plan is partial: --limit ended it, and leaves what comes after that out.' : ''
      return wrap(`Nothing was written. A run would write at least ${items}.${whole}${rest}`, this.#width)
    }
    if (count === 0) return wrap('Nothing was written. A run would write nothing.', this.#width)
    return wrap(`Nothing was written. A run would write ${items}.`, this.#width)
  }

  /** Wrapped lines, the first of which begins with `prefix`, the others below its text. */
  #lines(text: string, prefix: string): string[] {
    const below = ' '.repeat(prefix.length)
    return linesOf(text, this.#width - prefix.length).map((line, at) => `${at === 0 ? prefix : below}${line}`)
  }
}

/** What was read, by what would become of it, for the sums. */
function plannedParts({ totals }: Plan): [count: number, said: string][] {
  return TOTALS.map(([name, said]) => [totals[name], said])
}

function split({ items }: Plan): { changed: PlannedItem[]; missing: PlannedItem[] } {
  return {
    changed: items.filter(({ outcome }) => outcome !== 'not_found'),
    missing: items.filter(({ outcome }) => outcome === 'not_found'),
  }
}

function cutPart(part: string): string {
  if (part.length <= LONGEST_PART) return part
  const half = LONGEST_PART / 2
  const gone = part.length - LONGEST_PART
  return `${part.slice(0, half).toWellFormed()} … (${gone} more characters) … ${part.slice(-half).toWellFormed()}`
}

function pairOf([from = '', to = '']: string[]): [string, string] {
  return [from, to]
}
