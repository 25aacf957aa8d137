import type { ItemFailure } from '../core/ports.js'
import type { EventCounters, RunResult } from '../core/result.js'
import { listedCount } from '../core/result.js'
import { colorsFor, duration, printable, textWidth, wrap, type Output } from './terminal.js'

const FAILURES_SHOWN = 10

type Part = [count: number, word: string]

export interface SummaryOptions {
  /** Notes that were said already. Default: none. */
  said?: readonly string[]
  /** All failures, where they are to be listed. Default: the first ten of the result's. */
  failures?: readonly ItemFailure[]
  /** What a plan says of the items that were read. Default: what was written. */
  planned?: Part[]
  /** What is said of failures that are not shown: where to find them. */
  more?: string
}

/** A run's result as a person reads it: sums that add up, then what needs a look. */
export function summarise(
  result: RunResult,
  output: Output,
  env: NodeJS.ProcessEnv,
  options: SummaryOptions = {},
): string {
  const colors = colorsFor(output, env)
  const width = textWidth(output)
  const elapsed = Date.parse(result.finished_at) - Date.parse(result.started_at)
  const paint = { success: colors.green, success_with_failures: colors.yellow, fatal: colors.red }[result.status]
  const status = result.status.replaceAll('_', ' ')
  const reason = result.reason === 'none' ? '' : ` (${result.reason.replaceAll('_', ' ')})`
  return [
    `${paint(status)}${reason} in ${duration(elapsed)}: ${result.action}`,
    ...errorOf(result, width),
    ...(result.error && listedCount(result.events) === 0 && result.requests.origin.sent === 0
      ? []
      : sums(result, options.planned ?? [])),
    ...failureLines(result, width, options),
    ...result.notes
      .filter((note) => options.said?.includes(note) !== true)
      .map((note) => wrap(`Note: ${printable(note)}`, width, '  ')),
  ].join('\n')
}

function errorOf({ error }: RunResult, width: number): string[] {
  if (!error) return []
  return [error.message, error.hint ?? []].flat().map((sentence) => wrap(printable(sentence), width))
}

function sums({ events, requests }: RunResult, planned: Part[]): string[] {
  const sides = Object.entries(requests).map(([side, tally]) => {
    const more = [...(tally.retried > 0 ? [`${tally.retried} repeated`] : [])]
    return `${side} ${tally.sent}${more.length > 0 ? ` (${more.join(', ')})` : ''}`
  })
  return [
    sum('listed', listedCount(events), listedParts(events)),
    ...(events.read_success > 0 ? [sum('read', events.read_success, [...planned, ...readParts(events)])] : []),
    ...(events.list_failure > 0
      ? [`  not listed  ${events.list_failure} pages or entries that could not be listed`]
      : []),
    `  requests    ${sides.join(', ')}`,
  ]
}

function listedParts(events: EventCounters): Part[] {
  return [
    [events.read_success, 'read'],
    [events.read_unchanged, 'unchanged'],
    [events.read_filtered, 'filtered'],
    [events.read_gone, 'gone'],
    [events.read_failure, 'failed'],
    [events.read_skipped, 'skipped'],
  ]
}

function readParts(events: EventCounters): Part[] {
  return [
    [events.write_success, 'written'],
    [events.write_unchanged, 'unchanged'],
    [events.write_not_found, 'not on the board'],
    [events.logics_discard, 'discarded'],
    [events.logics_failure, 'failed in logics'],
    [events.format_failure, 'failed in format'],
    [events.write_failure, 'failed to be written'],
    [events.write_skipped, 'skipped'],
  ]
}

/** `read 200 = 150 written + 50 unchanged`; in a dry run what is left over was not to be written. */
function sum(name: string, total: number, parts: Part[]): string {
  const counted = parts.reduce((rest, [count]) => rest + count, 0)
  const all: Part[] = counted < total ? [...parts, [total - counted, 'ready to be written (dry run)']] : parts
  const shown = all.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`)
  return `  ${name.padEnd(11)} ${total}${shown.length > 0 ? ` = ${shown.join(' + ')}` : ''}`
}

/** Failures of all kinds, as they are listed. */
export function failureCount({ events, plan }: RunResult): number {
  return (
    (plan?.totals.failed ?? 0) +
    events.read_failure +
    events.list_failure +
    events.logics_failure +
    events.format_failure +
    events.write_failure +
    events.callback_failure
  )
}

function failureLines(result: RunResult, width: number, options: SummaryOptions): string[] {
  const shown = options.failures ?? result.failures.slice(0, FAILURES_SHOWN)
  if (shown.length === 0) return []
  const all = Math.max(failureCount(result), shown.length)
  const lines = shown.map(({ reference, stage, message, attempts }) => {
    const tries = attempts > 1 ? ` (${attempts} attempts)` : ''
    return `  ${wrap(printable(`${reference ?? '-'} ${stage}: ${message}${tries}`), width - 2, '    ')}`
  })
  const rest = all - shown.length
  return [
    `Failures (${all}):`,
    ...lines,
    ...(rest > 0 ? [`  ${wrap(`and ${rest} more${options.more ?? ''}`, width - 2, '    ')}`] : []),
  ]
}
