import { useEffect, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'

export interface ChartSeries {
  label: string
  /** A custom property that holds its colour. */
  color: string
  /** A value each bar; null: not known. */
  values: readonly (number | null)[]
}

interface ChartProps {
  title: string
  /** What the chart shows in a sentence, for who does not see it. */
  said: string
  /** What each bar is called. */
  labels: readonly string[]
  /** Stacked, first at the bottom. */
  series: readonly ChartSeries[]
  height: number
  format: (value: number) => string
  /** The top of the axis, where it is given. */
  max?: number
  /** Steps that the axis may have. */
  steps?: readonly number[]
  onPick?: (at: number) => void
}

/** Bars side by side, each of them stacked. What the pointer is over is told below it. */
export function BarChart(props: ChartProps) {
  const { title, said, labels, series, format } = props
  const [at, setAt] = useState<number | null>(null)
  const box = useBars(props, setAt)
  const values = at === null ? [] : series.map(({ label, values }) => ({ label, value: values[at] ?? null }))
  return (
    <figure class="chart">
      <figcaption class="chart-title">
        <h3>{title}</h3>
        <Readout label={at === null ? null : (labels[at] ?? null)} values={values} format={format} />
      </figcaption>
      <div class="chart-canvas" ref={box} role="img" aria-label={said} />
    </figure>
  )
}

interface ReadoutProps {
  label: string | null
  values: readonly { label: string; value: number | null }[]
  format: (value: number) => string
}

/** What the pointer is over. The table of the same figures is for all others. */
function Readout({ label, values, format }: ReadoutProps) {
  if (label === null) return null
  const said = values.flatMap(({ label: name, value }) => (value ? [`${name} ${format(value)}`] : []))
  return (
    <span class="chart-readout" aria-hidden="true">
      {[label, ...said].join(' · ')}
    </span>
  )
}

/** The chart lives beside Preact: it is made anew when its data or the colours change, and follows the width of its box. */
function useBars(props: ChartProps, setAt: (at: number | null) => void) {
  const box = useRef<HTMLDivElement>(null)
  const [scheme, setScheme] = useState(0)
  useEffect(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)')
    const changed = () => setScheme((before) => before + 1)
    dark.addEventListener('change', changed)
    return () => dark.removeEventListener('change', changed)
  }, [])
  useEffect(() => {
    const { current: element } = box
    if (!element) return
    const chart = new uPlot(optionsOf(props, element, setAt), stacked(props), element)
    const pick = () => {
      const { idx } = chart.cursor
      if (typeof idx === 'number') props.onPick?.(idx)
    }
    chart.over.addEventListener('click', pick)
    const sizes = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: props.height }))
    sizes.observe(element)
    return () => {
      sizes.disconnect()
      chart.destroy()
    }
  }, [props.labels, props.series, props.height, scheme])
  return box
}

/** The highest stack is drawn first, and the lower ones over it. */
function stacked({ labels, series }: ChartProps): uPlot.AlignedData {
  const sums = labels.map(() => 0)
  const stacks = series.map(({ values }) => values.map((value, at) => (sums[at] = (sums[at] ?? 0) + (value ?? 0))))
  return [labels.map((_, at) => at), ...stacks.reverse()]
}

function optionsOf(props: ChartProps, element: HTMLElement, setAt: (at: number | null) => void): uPlot.Options {
  const { labels, series, height, format, max, steps } = props
  const colors = getComputedStyle(document.documentElement)
  const color = (name: string) => colors.getPropertyValue(name).trim()
  const bars = uPlot.paths.bars?.({ size: [0.72, 26], radius: 0.12 })
  const axis = {
    stroke: color('--muted'),
    font: `11px ${color('--sans')}`,
    grid: { stroke: color('--chart-grid'), width: 1 },
    ticks: { show: false },
  }
  return {
    width: element.clientWidth,
    height,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    hooks: { setCursor: [({ cursor }) => setAt(cursor.idx ?? null)] },
    scales: {
      x: { time: false, range: [-0.6, Math.max(9, labels.length - 1) + 0.6] },
      y: { range: (_self, _low, high) => [0, max ?? Math.max(1, high * 1.05)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 26,
        gap: 6,
        values: (_self, splits) => splits.map((at) => labels[at] ?? ''),
        space: 90,
        incrs: [1, 2, 5, 10, 20, 50],
      },
      {
        ...axis,
        ...(steps ? { incrs: [...steps] } : {}),
        size: 64,
        values: (_self, splits) => splits.map((value) => format(value)),
        space: 34,
      },
    ],
    series: [
      {},
      ...[...series].reverse().map(({ label, color: name }) => ({
        label,
        fill: color(name),
        width: 0,
        points: { show: false },
        ...(bars ? { paths: bars } : {}),
      })),
    ],
  }
}
