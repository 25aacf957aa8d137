import { count, countOf, type Counters, type End, listedOf, previewedOf, READ_ENDS, WRITE_ENDS } from '../words.js'

const WIDTH = 980
const ROW = 40
const NODE = 12
/** Where the columns of nodes stand. */
const [LISTED, READ, ENDS] = [86, 390, 690]

interface Stream {
  key: string
  word: string
  tone: End['tone']
  items: number
}

interface Drawn extends Stream {
  y: number
  height: number
}

/** The way of all items of a run, from listed to their ends; beside it, where it is narrow, the same as a list. */
export function FlowPicture({ events, entity }: { events: Counters; entity: string }) {
  const listed = listedOf(events)
  const before = streamsOf(events, READ_ENDS)
  const after = streamsOf(events, WRITE_ENDS)
  const previewed = previewedOf(events)
  if (previewed > 0)
    after.unshift({ key: 'previewed', word: 'Looked at, not written', tone: 'written', items: previewed })
  return (
    <figure aria-label={`Of ${countOf(listed, entity)} listed, ${count(events.read_success)} were read.`}>
      <Picture listed={listed} read={events.read_success} before={before} after={after} />
      <div class="flow-list">
        <p class="strong">{count(listed)} listed</p>
        <ul>
          <li>
            {count(events.read_success)} read
            <StreamList streams={after} />
          </li>
          {before.map((stream) => (
            <StreamItem key={stream.key} stream={stream} />
          ))}
        </ul>
      </div>
    </figure>
  )
}

function streamsOf(events: Counters, ends: readonly End[]): Stream[] {
  return ends
    .map(({ name, word, tone }) => ({ key: name, word, tone, items: events[name] }))
    .filter(({ items }) => items > 0)
}

function StreamList({ streams }: { streams: Stream[] }) {
  return (
    <ul>
      {streams.map((stream) => (
        <StreamItem key={stream.key} stream={stream} />
      ))}
    </ul>
  )
}

function StreamItem({ stream: { word, tone, items } }: { stream: Stream }) {
  return (
    <li>
      <span class={`swatch ${tone}`} aria-hidden="true" />
      {count(items)} <span class="muted">{word}</span>
    </li>
  )
}

interface PictureProps {
  listed: number
  read: number
  before: Stream[]
  after: Stream[]
}

function Picture({ listed, read, before, after }: PictureProps) {
  const rows = after.length + before.length
  // Nodes are as high as they have items; each end keeps a row for its label.
  const scale = Math.min(1, (Math.max(2, rows) * (ROW - 12)) / Math.max(1, listed))
  const drawn = layOut([...after, ...before], scale)
  const bottom = drawn.at(-1)
  const height = Math.max(80, (bottom ? bottom.y + bottom.height : 0) + 14)
  const heightOf = (items: number) => Math.max(items > 0 ? 2 : 0, items * scale)
  const top = Math.max(6, (height - heightOf(listed)) / 2)
  const ofRead = drawn.slice(0, after.length)
  const readTop = ofRead[0] ? Math.max(6, Math.min(top, middleOf(ofRead) - heightOf(read) / 2)) : top
  return (
    <svg class="flow" viewBox={`0 0 ${WIDTH} ${height}`} aria-hidden="true">
      {read > 0 && <Band x={[LISTED, READ]} from={top} to={readTop} height={heightOf(read)} tone="same" />}
      <Bands drawn={ofRead} x={[READ, ENDS]} top={readTop} />
      <Bands drawn={drawn.slice(after.length)} x={[LISTED, ENDS]} top={top + heightOf(read)} />
      <Node x={LISTED} y={top} height={heightOf(listed)} />
      <text class="sum" x={LISTED - 12} y={top + heightOf(listed) / 2 - 3} text-anchor="end">
        {count(listed)}
      </text>
      <text class="said" x={LISTED - 12} y={top + heightOf(listed) / 2 + 14} text-anchor="end">
        listed
      </text>
      {read > 0 && <Node x={READ} y={readTop} height={heightOf(read)} />}
      {read > 0 && (
        <text x={READ + NODE / 2} y={readTop + heightOf(read) + 18} text-anchor="middle">
          <tspan class="sum">{count(read)}</tspan> <tspan class="said">read</tspan>
        </text>
      )}
      {drawn.map(({ key, word, tone, items, y, height: high }) => (
        <g key={key}>
          <rect class={tone} x={ENDS} y={y} width={NODE} height={high} rx="2" />
          <text x={ENDS + NODE + 12} y={y + high / 2 + 5}>
            <tspan class="sum">{count(items)}</tspan> <tspan class="said">{word}</tspan>
          </text>
        </g>
      ))}
    </svg>
  )
}

function layOut(streams: Stream[], scale: number): Drawn[] {
  const drawn: Drawn[] = []
  let y = 6
  for (const stream of streams) {
    const height = Math.max(3, stream.items * scale)
    drawn.push({ ...stream, y: y + Math.max(0, 10 - height / 2), height })
    y += Math.max(30, height + 12)
  }
  return drawn
}

function middleOf(drawn: readonly Drawn[]): number {
  const [first, last] = [drawn[0], drawn.at(-1)]
  return first && last ? (first.y + last.y + last.height) / 2 : 0
}

function Node({ x, y, height }: { x: number; y: number; height: number }) {
  return <rect class="node" x={x} y={y} width={NODE} height={height} rx="2" />
}

/** Bands that leave one node side by side. */
function Bands({ drawn, x, top }: { drawn: Drawn[]; x: [number, number]; top: number }) {
  let from = top
  return (
    <>
      {drawn.map(({ key, tone, y, height }) => {
        const at = from
        from += height
        return <Band key={key} x={x} from={at} to={y} height={height} tone={tone} />
      })}
    </>
  )
}

interface BandProps {
  x: [number, number]
  from: number
  to: number
  height: number
  tone: End['tone']
}

function Band({ x: [left, right], from, to, height, tone }: BandProps) {
  const [a, b] = [left + NODE, right]
  const middle = (a + b) / 2
  const path = `M${a} ${from}C${middle} ${from} ${middle} ${to} ${b} ${to}v${height}C${middle} ${to + height} ${middle} ${from + height} ${a} ${from + height}z`
  return <path class={`band ${tone}`} d={path} />
}
