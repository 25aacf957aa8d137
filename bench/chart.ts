import type { Latest } from './latest.js'
import type { MeasuredCost, Original } from './original.js'
import { BREAK, linear, logarithmic, logarithmicAfterZero, type Scale } from './scales.js'
import { whole } from './table.js'

/** A first full run. */
interface Run extends MeasuredCost {
  jobs: number
  latency_ms: number
}

/** Whose runs, on which day. */
interface Client {
  kind: 'original' | 'then' | 'latest'
  name: string
  runs: Run[]
}

interface Panel {
  title: string
  /** The left edge. */
  left: number
  unit: string
  x: Scale
  y: Scale
  lines: Line[]
}

/** Runs of one client at one latency. */
interface Line {
  client: Client
  latency_ms: number
  points: Point[]
}

interface Point {
  jobs: number
  value: number
}

/** In the picture, from its left and its top. */
type Place = [x: number, y: number]

const [WIDTH, HEIGHT] = [880, 410]
/** Of one panel. */
const PLOT = { top: 56, width: 330, height: 240 }
const BOTTOM = PLOT.top + PLOT.height
const LATENCIES = [0, 20]

/** Written out in each rule: not every reader of SVG knows the variables of CSS. */
interface Palette {
  ground: string
  ink: string
  faint: string
  grid: string
  original: string
  here: string
}

const LIGHT: Palette = {
  ground: '#ffffff',
  ink: '#24292f',
  faint: '#57606a',
  grid: '#d8dee4',
  original: '#bc4c00',
  here: '#0969da',
}
const DARK: Palette = {
  ground: '#0d1117',
  ink: '#e6edf3',
  faint: '#9198a1',
  grid: '#30363d',
  original: '#ffa657',
  here: '#58a6ff',
}

// The picture has a ground of its own, so that it can be read where a page's colours are not those of the system.
const colours = ({ ground, ink, faint, grid, original, here }: Palette) => `
  text { fill: ${faint} }
  .ground, .then { fill: ${ground} }
  .title { fill: ${ink} }
  .grid { stroke: ${grid} }
  .original { stroke: ${original} }
  .latest, .then { stroke: ${here} }
  .mark.original { fill: ${original} }
  .mark.latest { fill: ${here} }`

const STYLE = `
  text { font: 12px system-ui, 'DejaVu Sans', sans-serif }
  .title { font-size: 14px; font-weight: 600 }
  .middle { text-anchor: middle }
  .end { text-anchor: end }
  .line { fill: none; stroke-width: 2 }
  .slow { stroke-dasharray: 6 4 }
  .then { stroke-width: 2 }${colours(LIGHT)}
  @media (prefers-color-scheme: dark) {${colours(DARK).replaceAll('\n', '\n  ')}
  }
`

/** Time and memory against the number of jobs, of both clients, as an SVG. */
export function chartOf(latest: Latest, original: Original): string {
  const clients = clientsOf(latest, original)
  const x = logarithmicAfterZero(clients.flatMap(({ runs }) => runs.map(({ jobs }) => jobs)))
  const times = linesOf(clients, LATENCIES, ({ wall_s }) => wall_s)
  const memory = linesOf(clients, LATENCIES.slice(0, 1), ({ peak_mib }) => peak_mib)
  const panels: Panel[] = [
    { title: 'Time of a first full run', left: 66, unit: 's', x, y: logarithmic(valuesOf(times)), lines: times },
    { title: 'Its peak memory, at 0 ms', left: 505, unit: 'MiB', x, y: linear(valuesOf(memory), 50), lines: memory },
  ]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="title description">`,
    '<title id="title">Time and memory against the number of jobs</title>',
    `<desc id="description">${chartText(latest, original)}</desc>`,
    `<style>${STYLE}</style>`,
    `<rect class="ground" width="${WIDTH}" height="${HEIGHT}" rx="6"/>`,
    ...panels.flatMap(panelOf),
    ...legendOf(clients),
    '</svg>\n',
  ].join('\n')
}

/** What the chart shows, in words: where the original has most jobs. */
export function chartText(latest: Latest, original: Original): string {
  const jobs = Math.max(...original.syncs.map((sync) => sync.jobs))
  const told = clientsOf(latest, original).flatMap(({ name, runs }) => {
    const run = runs.find((one) => one.jobs === jobs && one.latency_ms === 0)
    if (!run) return []
    return `${show(run.wall_s)} s${run.peak_mib === undefined ? '' : ` and ${show(run.peak_mib)} MiB`} (${name})`
  })
  return `Time and peak memory of a first full run against the number of jobs. ${whole(jobs)} jobs at 0 ms: ${told.join('; ')}.`
}

function clientsOf({ rows, measured_on }: Latest, { syncs, measured_on: then }: Original): Client[] {
  const runs = rows.flatMap((row) => {
    const { name, jobs, latency_ms, wall_s, peak_mib } = row
    return name === 'full sync' && jobs !== null && latency_ms !== null ? [{ jobs, latency_ms, wall_s, peak_mib }] : []
  })
  const of = (side: 'original' | 'here') =>
    syncs.map(({ jobs, latency_ms, [side]: cost }) => ({ jobs, latency_ms, ...cost }))
  return [
    { kind: 'original', name: `original, ${then}`, runs: of('original') },
    { kind: 'latest', name: `here, ${measured_on ?? 'latest run'}`, runs },
    { kind: 'then', name: `here, ${then}`, runs: of('here') },
  ]
}

function linesOf(clients: Client[], latencies: number[], valueOf: (run: Run) => number | undefined): Line[] {
  return clients.flatMap((client) =>
    latencies.flatMap((latency_ms) => {
      const runs = client.runs.filter((run) => run.latency_ms === latency_ms).sort(byJobs)
      const points = runs.flatMap((run) => {
        const value = valueOf(run)
        return value === undefined ? [] : [{ jobs: run.jobs, value }]
      })
      return points.length === 0 ? [] : [{ client, latency_ms, points }]
    }),
  )
}

function byJobs(one: { jobs: number }, other: { jobs: number }): number {
  return one.jobs - other.jobs
}

function valuesOf(lines: Line[]): number[] {
  return lines.flatMap(({ points }) => points.map(({ value }) => value))
}

function panelOf(panel: Panel): string[] {
  const { title, left, unit, x, y, lines } = panel
  const right = left + PLOT.width
  const across = y.ticks.flatMap((tick) => {
    const at = round(BOTTOM - y.at(tick) * PLOT.height)
    return [
      `<line class="grid" x1="${left}" x2="${right}" y1="${at}" y2="${at}"/>`,
      `<text class="end" x="${left - 8}" y="${at + 4}">${show(tick)}</text>`,
    ]
  })
  const along = x.ticks.map(
    (tick) =>
      `<text class="middle" x="${round(left + x.at(tick) * PLOT.width)}" y="${BOTTOM + 18}">${whole(tick)}</text>`,
  )
  return [
    `<text class="title" x="${left}" y="24">${title}</text>`,
    `<text class="end" x="${left - 8}" y="${PLOT.top - 16}">${unit}</text>`,
    ...across,
    ...along,
    `<text class="middle" x="${left + PLOT.width / 2}" y="${BOTTOM + 36}">jobs</text>`,
    breakOf(left),
    ...lines.flatMap((line) => lineOf(line, panel)),
    ...labelsOf(panel),
  ]
}

/** Two strokes across the axis between 0 and the first power of ten. */
function breakOf(left: number): string {
  const at = left + (BREAK / 2) * PLOT.width
  const stroke = (from: number) => `M${round(from - 3)} ${BOTTOM + 5}L${round(from + 3)} ${BOTTOM - 5}`
  return `<path class="grid" d="${stroke(at - 3)}${stroke(at + 3)}"/>`
}

function lineOf({ client, latency_ms, points }: Line, panel: Panel): string[] {
  const { kind, name } = client
  // Nothing is known of the way across the break.
  const beyond = points.filter(({ jobs }) => jobs > 0).map((point) => placeOf(point, panel).join(','))
  const line = `<polyline class="line ${kind}${slow(latency_ms)}" points="${beyond.join(' ')}"/>`
  const marks = points.map((point) => {
    const said = `${name}: ${whole(point.jobs)} jobs at ${latency_ms} ms: ${show(point.value)} ${panel.unit}`
    return markOf(kind, placeOf(point, panel), said)
  })
  return [...(kind === 'then' || beyond.length < 2 ? [] : [line]), ...marks]
}

function placeOf({ jobs, value }: Point, { left, x, y }: Panel): Place {
  return [round(left + x.at(jobs) * PLOT.width), round(BOTTOM - y.at(value) * PLOT.height)]
}

/** The highest point of each client, in words. */
function labelsOf(panel: Panel): string[] {
  const { lines, unit } = panel
  const kinds = new Set(lines.map(({ client }) => client.kind))
  kinds.delete('then')
  return [...kinds].flatMap((kind) => {
    const all = lines.filter(({ client }) => client.kind === kind)
    const points = all.flatMap(({ latency_ms, points }) => points.map((point) => ({ ...point, latency_ms })))
    const [highest] = points.sort((one, other) => other.value - one.value)
    if (!highest) return []
    const [x, y] = placeOf(highest, panel)
    const slowly = highest.latency_ms === 0 ? '' : ` at ${highest.latency_ms} ms`
    return `<text class="end" x="${round(x - 7)}" y="${round(y - 8)}">${show(highest.value)} ${unit}${slowly}</text>`
  })
}

function slow(latency_ms: number): string {
  return latency_ms === 0 ? '' : ' slow'
}

/** Squares are the original's, so that colour is not all that tells them apart. */
function markOf(kind: Client['kind'], [cx, cy]: Place, title: string): string {
  const shape =
    kind === 'original'
      ? `rect class="mark ${kind}" x="${round(cx - 4)}" y="${round(cy - 4)}" width="8" height="8"`
      : `circle class="mark ${kind}" cx="${cx}" cy="${cy}" r="4"`
  return `<${shape}><title>${title}</title></${shape.split(' ')[0] ?? ''}>`
}

function legendOf(clients: Client[]): string[] {
  const [first, second] = [BOTTOM + 66, BOTTOM + 90]
  const names = clients.flatMap(({ kind, name }, index) => {
    const left = 74 + index * 190
    return [markOf(kind, [left, first], name), `<text x="${left + 12}" y="${first + 4}">${name}</text>`]
  })
  const strokes = LATENCIES.flatMap((latency_ms, index) => {
    const left = 70 + index * 190
    return [
      `<path class="line latest${slow(latency_ms)}" d="M${left} ${second}h34"/>`,
      `<text x="${left + 42}" y="${second + 4}">${latency_ms} ms a request</text>`,
    ]
  })
  return [...names, ...strokes]
}

/** With three digits. */
function show(value: number): string {
  return String(Number(value.toPrecision(3)))
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
