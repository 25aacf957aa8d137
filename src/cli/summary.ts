import type { EventCounters, RunResult } from '../core/result.js'
import { listedCount } from '../core/result.js'
import { colorsFor, duration, textWidth, wrap, type Output } from './terminal.js'

const FAILURES_SHOWN = 10

type Part = [count: number, word: string]

/** A run's result as a person reads it: sums that add up, then what needs a look. */
export function summarise(result: RunResult, output: Output, env: NodeJS.ProcessEnv): string {
  const colors = colorsFor(output, env)
  const width = textWidth(output)
  const elapsed = Date.parse(result.finished_at) - Date.parse(result.started_at)
  const paint = { success: colors.green, success_with_failures: colors.yellow, fatal: colors.red }[result.status]
  const status = result.status.replaceAll('_', ' ')
  const reason = result.reason === 'none' ? '' : ` (${result.reason.replaceAll('_', ' ')})`
  return [
    `${paint(status)}${reason} in ${duration(elapsed)}: ${result.action}`,
    ...errorOf(result, width),
    ...(result.error && listedCount(result.events) === 0 && result.requests.origin.sent === 0 ? [] : sums(result)),
    ...failures(result, width),
    ...result.notes.map((note) => wrap(`Note: ${note}`, width, '  ')),
  ].join('\n')
}

function errorOf({ error }: RunResult, width: number): string[] {
  if (!error) return []
  return [wrap(error.message, width), ...(error.hint === null ? [] : [wrap(error.hint, width)])]
}

function sums({ events, requests }: RunResult): string[] {
  const sides = Object.entries(requests).map(([side, tally]) => {
    const more = [...(tally.retried > 0 ? [`${tally.retried} repeated`] : [])]
    return `${side} ${tally.sent}${more.length > 0 ? ` (${more.join(', ')})` : ''}`
  })
  return [
    sum('listed', listedCount(events), listedParts(events)),
    ...(events.read_success > 0 ? [sum('read', events.read_success, readParts(events))] : []),
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

function failures(result: RunResult, width: number): string[] {
  const shown = result.failures.slice(0, FAILURES_SHOWN)
  const { events } = result
  const all =
    events.read_failure +
    events.list_failure +
    events.logics_failure +
    events.format_failure +
    events.write_failure +
    events.callback_failure
  if (shown.length === 0) return []
  const lines = shown.map(({ reference, stage, message, attempts }) => {
    const tries = attempts > 1 ? ` (${attempts} attempts)` : ''
    return wrap(`  ${reference ?? '-'} ${stage}: ${message}${tries}`, width, '    ')
  })
  return [
    `Failures (${all}):`,
    ...lines,
    ...(all > shown.length ? [`  and ${all - shown.length} more: see --json`] : []),
  ]
}
