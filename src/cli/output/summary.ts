import { type EventCounters, listedCount } from '../../core/result/counters.js'
import { failureCount, type ItemFailure, type RunResult } from '../../core/result/result.js'
import { grouped } from '../execution/grouped.js'
import { colorsFor, duration, type Output, printable, textWidth, wrap } from '../terminal.js'

const FAILURES_SHOWN = 10

/** Below the name of a sum. */
const INDENT = ' '.repeat(14)

/** Of failures that are alike. */
const REFERENCES_SHOWN = 3

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
  const { status, reason } = endOf(result)
  return [
    `${paint(status)}${wrap(`.${reason} in ${duration(elapsed)}: ${result.action}`, width, '  ', status.length).slice(1)}`,
    ...errorOf(result, width),
    ...(result.error && listedCount(result.events) === 0 && result.requests.origin.sent === 0
      ? []
      : sums(result, options.planned ?? [], width)),
    ...failureLines(result, width, options),
    ...result.notes
      .filter((note) => options.said?.includes(note) !== true)
      .map((note) => wrap(`Note: ${printable(note)}`, width, '  ')),
  ].join('\n')
}

/** How a run ended, in words. One that was told to stop has failed in nothing by that. */
export function endOf(result: RunResult): { status: string; reason: string } {
  const { status, reason } = result
  if ((reason === 'interrupted' || reason === 'yielded') && status === 'success_with_failures')
    return { status: reason, reason: failureCount(result) > 0 ? ', with failures' : '' }
  const why = reason === 'none' ? '' : ` (${reason.replaceAll('_', ' ')})`
  return { status: status.replaceAll('_', ' '), reason: why }
}

function errorOf({ error, failures }: RunResult, width: number): string[] {
  if (!error) return []
  // What the first failure was stands below, with the others.
  const isBelow = failures[0] !== undefined && error.hint?.endsWith(failures[0].message) === true
  return [error.message, isBelow ? [] : (error.hint ?? [])].flat().map((sentence) => wrap(printable(sentence), width))
}

function sums({ events, requests }: RunResult, planned: Part[], width: number): string[] {
  const sides = Object.entries(requests).map(([side, tally]) => {
    const more = [...(tally.retried > 0 ? [`${tally.retried} repeated`] : [])]
    return `${side} ${tally.sent}${more.length > 0 ? ` (${more.join(', ')})` : ''}`
  })
  return [
    ['listed', sum(listedCount(events), listedParts(events))],
    ...(events.read_success > 0 ? [['read', sum(events.read_success, [...planned, ...readParts(events)])]] : []),
    ...(events.list_failure > 0
      ? [
          [
            'not listed',
            `${events.list_failure} ${events.list_failure === 1 ? 'page or entry' : 'pages or entries'} that could not be listed`,
          ],
        ]
      : []),
    ...(events.left_held > 0 ? [['held back', `${events.left_held} that left: see too_many_left below`]] : []),
    ...(events.details_due > 0 ? [['details due', `${events.details_due}: a later run reads them`]] : []),
    ['requests', sides.join(', ')],
  ].map(([name = '', said = '']) => `  ${name.padEnd(11)} ${wrap(said, width, INDENT, INDENT.length)}`)
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
    [events.write_not_found, 'not on the target'],
    [events.write_archived, 'archived'],
    [events.write_unarchived, 'brought back'],
    [events.logics_discard, 'discarded'],
    [events.logics_failure, 'failed in logics'],
    [events.format_failure, 'failed in format'],
    [events.write_failure, 'failed to be written'],
    [events.write_skipped, 'skipped'],
  ]
}

/** `read 200 = 150 written + 50 unchanged`; in a dry run what is left over was not to be written. */
function sum(total: number, parts: Part[]): string {
  const counted = parts.reduce((rest, [count]) => rest + count, 0)
  const all: Part[] = counted < total ? [...parts, [total - counted, 'ready to be written (dry run)']] : parts
  const shown = all.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`)
  return `${total}${shown.length > 0 ? ` = ${shown.join(' + ')}` : ''}`
}

/** Failures that are alike are one line. Why the run is fatal is said above, and not again as what ended the list. */
function failureLines(result: RunResult, width: number, options: SummaryOptions): string[] {
  const { error } = result
  const given = options.failures ?? result.failures
  const isError = ({ stage, code }: ItemFailure) => stage === 'list' && code === error?.code
  const known = given.filter((failure) => !isError(failure))
  if (known.length === 0) return []
  const all = Math.max(failureCount(result) - (given.length - known.length), known.length)
  const groups = grouped(known, kindOf)
  const shown = options.failures === undefined ? groups.slice(0, FAILURES_SHOWN) : groups
  const lines = shown.map((alike) => `  ${wrap(printable(alikeLine(alike)), width - 2, '    ')}`)
  const rest = all - shown.reduce((sum, alike) => sum + alike.length, 0)
  return [
    `Failures (${all}):`,
    ...lines,
    ...(rest > 0 ? [`  ${wrap(`and ${rest} more${options.more ?? ''}`, width - 2, '    ')}`] : []),
  ]
}

/** What it failed of, without its name. */
function kindOf({ reference, stage, code, message, at = '' }: ItemFailure): string {
  return `${stage} ${code} ${at} ${reference === null ? message : message.replaceAll(reference, '')}`
}

/** `33 times load: what went wrong. (R1, R2, R3 and 30 more)`; one alone begins with its reference. */
function alikeLine(alike: readonly ItemFailure[]): string {
  const [first] = alike
  if (!first) return ''
  const most = Math.max(...alike.map(({ attempts }) => attempts))
  const place = first.at === undefined ? '' : ` (at ${first.at})`
  const said = `${first.stage}: ${first.message}${place}${most > 1 ? ` (${most} attempts)` : ''}`
  if (alike.length === 1) return `${first.reference ?? '-'} ${said}`
  const references = alike.flatMap(({ reference }) => reference ?? [])
  const more = references.length > REFERENCES_SHOWN ? ` and ${references.length - REFERENCES_SHOWN} more` : ''
  const named = references.length === 0 ? '' : ` (${references.slice(0, REFERENCES_SHOWN).join(', ')}${more})`
  return `${alike.length} times ${said}${named}`
}
