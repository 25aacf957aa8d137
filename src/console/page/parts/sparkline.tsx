import type { WorkflowLine } from '../../contract.js'
import { countOf } from '../words.js'

const WIDTH = 124
const HEIGHT = 28
const STEP = 6.2

/** The last runs, oldest first: a bar each, by what was written and what failed; a frame where nothing could be done. */
export function Sparkline({ runs }: { runs: WorkflowLine['sparkline'] }) {
  const most = Math.max(1, ...runs.map(({ written, failed }) => written + failed))
  const heightOf = (items: number) =>
    items === 0 ? 0 : Math.max(3, (Math.log1p(items) / Math.log1p(most)) * (HEIGHT - 4))
  const from = WIDTH - runs.length * STEP
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={saidOf(runs)}>
      {runs.map(({ status, written, failed }, at) => {
        const x = from + at * STEP + 0.8
        if (status === 'fatal')
          return <rect key={at} class="fatal" x={x + 0.6} y={HEIGHT - 12} width="3.4" height="11" />
        const height = heightOf(written + failed)
        if (height === 0)
          return <rect key={at} class="nothing" x={x} y={HEIGHT - 2.5} width="4.6" height="2.5" rx="1" />
        const red = failed === 0 ? 0 : Math.max(3, (height * failed) / (written + failed))
        return (
          <g key={at}>
            <rect class="written" x={x} y={HEIGHT - height} width="4.6" height={height} rx="1" />
            <rect class="failed" x={x} y={HEIGHT - height} width="4.6" height={Math.min(red, height)} rx="1" />
          </g>
        )
      })}
    </svg>
  )
}

function saidOf(runs: WorkflowLine['sparkline']): string {
  if (runs.length === 0) return 'No runs yet'
  const having = (status: string) => runs.filter((run) => run.status === status).length
  return `Last ${countOf(runs.length, 'run')}: ${having('success')} well, ${having('success_with_failures')} with failures, ${having('fatal')} fatal`
}
