import { useEffect, useState } from 'preact/hooks'
import type { LiveProgress } from '../../../contract.js'
import { listen } from '../../api.js'
import { Panel, Skeleton } from '../../parts/page.js'
import { duration } from '../../time.js'
import { count, countOf, countOfTone, type Counters, STAGES } from '../../words.js'
import { FlowPicture } from '../../parts/flow.js'

/** A run of the console's own process while it goes on. `ended` is called once it has ended. */
export function LiveRun({ id, ended }: { id: string; ended: () => void }) {
  const [progress, setProgress] = useState<LiveProgress | null>(null)
  useEffect(() => {
    const stop = listen(`/runs/${encodeURIComponent(id)}/events`, {
      progress: setProgress,
      end: () => {
        stop()
        ended()
      },
    })
    return stop
  }, [id])
  if (!progress) return <Skeleton lines={5} />
  return (
    <>
      <Panel title={progress.stopping ? 'Stopping: what is in flight is finished' : 'On its way'}>
        <Bar progress={progress} />
      </Panel>
      <Figures progress={progress} />
      <div class="columns">
        <Panel title="So far">
          <FlowPicture events={progress.events} entity="item" />
        </Panel>
        <div class="stack">
          <Slots slots={progress.slots} />
          <LatestFailures failures={progress.failures} />
        </div>
      </div>
    </>
  )
}

function Bar({ progress: { done, expected, listed, rate, eta_ms } }: { progress: LiveProgress }) {
  const said = `${count(done)} ${expected === null ? 'items' : `of ${countOf(expected, 'item')}`} done`
  return (
    <div class="stack tight">
      <div class="chart-title">
        <span class="strong" id="progress-said">
          {said}
        </span>
        <span class="muted small">
          {eta_ms === null
            ? `${count(listed)} listed so far`
            : `about ${duration(eta_ms)} left, at ${rate.toFixed(1)} items a second`}
        </span>
      </div>
      {expected === null ? (
        <progress class="progress" aria-labelledby="progress-said" />
      ) : (
        <progress class="progress" aria-labelledby="progress-said" max={Math.max(1, expected)} value={done} />
      )}
    </div>
  )
}

function Figures({ progress: { elapsed_ms, rate, listed, events, details_due } }: { progress: LiveProgress }) {
  const figures: [name: string, value: string, tone?: string][] = [
    ['Elapsed', duration(elapsed_ms)],
    ['Rate', `${rate.toFixed(1)} a second`],
    ['Listed', count(listed)],
    ['Written', count(countOfTone(events, 'written'))],
    ['Archived', count(countOfTone(events, 'left'))],
    ['Failed', count(failedOf(events)), failedOf(events) > 0 ? 'bad' : ''],
    ...(details_due === null ? [] : [['Details due', count(details_due)] satisfies [string, string]]),
  ]
  return (
    <dl class="facts">
      {figures.map(([name, value, tone]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd class={tone}>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

const failedOf = (events: Counters) => countOfTone(events, 'failed') + events.list_failure

const WIDTH = 300
const HEIGHT = 96

/** Requests of the last slots, against what the service allows. */
function Slots({ slots }: { slots: LiveProgress['slots'] }) {
  const most = Math.max(1, ...slots.map(({ sent, limit }) => Math.max(sent, limit ?? 0)))
  const limit = slots.at(-1)?.limit ?? null
  const y = (value: number) => HEIGHT - 2 - (value / most) * (HEIGHT - 12)
  const step = WIDTH / 30
  const last = slots.at(-1)
  return (
    <Panel
      title="Requests per slot"
      aside={<span class="small">{limit === null ? 'no limit known' : `limit ${limit}`}</span>}
    >
      <svg
        class="slots"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Requests in the last ${countOf(slots.length, 'slot')}${last ? `, ${last.sent} in the newest` : ''}`}
      >
        {slots.map(({ at, sent, limit: allowed }, index) => (
          <rect
            key={at}
            class={allowed !== null && sent >= allowed ? 'full' : ''}
            x={WIDTH - (slots.length - index) * step + 1}
            y={y(sent)}
            width={step - 2}
            height={HEIGHT - 2 - y(sent)}
            rx="1"
          />
        ))}
        {limit !== null && <line x1="0" x2={WIDTH} y1={y(limit)} y2={y(limit)} vector-effect="non-scaling-stroke" />}
      </svg>
      <p class="muted small">Bars that reach the line have used all that the service allows.</p>
    </Panel>
  )
}

function LatestFailures({ failures }: { failures: LiveProgress['failures'] }) {
  if (failures.length === 0) return null
  return (
    <Panel title="Latest failures">
      <ul class="stack tight">
        {failures.slice(-5).map(({ reference, stage, message }, at) => (
          <li key={`${reference ?? ''} ${at}`}>
            <span class="strong mono">{reference ?? 'The whole run'}</span> <span class="muted">{STAGES[stage]}</span>
            <p>{message}</p>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
