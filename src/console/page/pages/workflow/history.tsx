import { useMemo } from 'preact/hooks'
import type { WorkflowView } from '../../../contract.js'
import { BarChart, type ChartSeries } from '../../parts/chart.js'
import { Panel } from '../../parts/page.js'
import { Table } from '../../parts/table.js'
import { go, to } from '../../router.js'
import { duration, shortTime } from '../../time.js'
import { count, countOf, countOfTone, type End, percent, STATUSES } from '../../words.js'

const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000]
/** Steps of an axis of time. */
const STEPS = [
  ...[100, 200, 500, SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 20 * SECOND],
  ...[MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 20 * MINUTE, HOUR, 2 * HOUR, 5 * HOUR, 12 * HOUR],
]

type Past = WorkflowView['history'][number]

/** What is drawn; items that were unchanged would hide the rest, and are told in the table. */
const TONES: readonly { tone: End['tone']; label: string }[] = [
  { tone: 'written', label: 'Written' },
  { tone: 'left', label: 'Archived' },
  { tone: 'failed', label: 'Failed' },
  { tone: 'out', label: 'Not wanted' },
  { tone: 'ended', label: 'Not reached' },
]
const UNCHANGED = { tone: 'same', label: 'Unchanged' } as const

/** What the last runs did with their items, how long they took, and what they used of the budget. */
export function HistoryCharts({ history }: { history: readonly Past[] }) {
  const { labels, items, times, shares } = useMemo(() => seriesOf(history), [history])
  const pick = (at: number) => {
    const run = history[at]
    if (run) go(to(['runs', run.run_id]))
  }
  const failed = history.filter(({ status }) => status !== 'success').length
  const knowsShares = history.some(({ budget_share }) => budget_share !== null)
  return (
    <Panel title="History" aside={<span class="small">{`The last ${countOf(history.length, 'run')}`}</span>}>
      <div class="stack">
        <BarChart
          title="Items by outcome, but for what was unchanged"
          said={`Items by outcome of the last ${countOf(history.length, 'run')}; ${failed} of them did not end well.`}
          {...{ labels, series: items, height: 210, format: count, onPick: pick }}
        />
        <ul class="legend" aria-hidden="true">
          {TONES.map(({ tone, label }) => (
            <li key={tone}>
              <span class={`swatch ${tone}`} />
              {label}
            </li>
          ))}
        </ul>
        <div class="chart-pair">
          <BarChart
            title="Duration"
            said={`The last run took ${duration(history.at(-1)?.duration_ms ?? 0)}.`}
            {...{ labels, series: times, height: 130, format: duration, steps: STEPS, onPick: pick }}
          />
          {knowsShares && (
            <BarChart
              title="Share of the origin's budget"
              said={`The last run used ${percent(history.at(-1)?.budget_share ?? 0)} of the budget.`}
              {...{ labels, series: shares, height: 130, format: percent, max: 1, onPick: pick }}
            />
          )}
        </div>
        <HistoryTable history={history} />
      </div>
    </Panel>
  )
}

function seriesOf(history: readonly Past[]) {
  const of = (label: string, color: string, value: (run: Past) => number | null): ChartSeries => ({
    label,
    color,
    values: history.map(value),
  })
  return {
    labels: history.map(({ started_at }) => shortTime(started_at)),
    items: TONES.map(({ tone, label }) => of(label, `--chart-${tone}`, ({ events }) => countOfTone(events, tone))),
    times: [of('took', '--chart-written', ({ duration_ms }) => duration_ms)],
    shares: [of('used', '--chart-left', ({ budget_share }) => budget_share)],
  }
}

/** The charts in figures, newest first. */
function HistoryTable({ history }: { history: readonly Past[] }) {
  return (
    <details>
      <summary>The charts as a table</summary>
      <Table
        label="History of runs"
        rows={[...history].reverse()}
        keyOf={({ run_id }) => run_id}
        columns={[
          {
            label: 'Run',
            kind: 'lead',
            cell: (run) => <a href={to(['runs', run.run_id])}>{shortTime(run.started_at)}</a>,
          },
          { label: 'Status', cell: ({ status }) => STATUSES[status].word },
          ...[...TONES, UNCHANGED].map(({ tone, label }) => ({
            label,
            kind: 'number' as const,
            cell: ({ events }: Past) => count(countOfTone(events, tone)),
          })),
          { label: 'Duration', kind: 'number', cell: ({ duration_ms }) => duration(duration_ms) },
          {
            label: 'Budget',
            kind: 'number',
            cell: ({ budget_share }) => (budget_share === null ? '–' : percent(budget_share)),
          },
        ]}
      />
    </details>
  )
}
