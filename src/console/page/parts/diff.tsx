import { readable, type Value } from '../readable.js'

/** How a value would change: what is the same on both sides at the start and the end stands as it is, what differs is marked. */
export function Diff({ from, to }: { from: Value; to: Value }) {
  const [before, after] = [readable(from), readable(to)]
  const { start, end } = sameAround(before, after)
  return (
    <div class="diff">
      {before !== '' && (
        <del tabIndex={before.length > 600 ? 0 : undefined}>
          <span class="unseen">Now: </span>
          <Marked text={before} start={start} end={end} />
        </del>
      )}
      <ins tabIndex={after.length > 600 ? 0 : undefined}>
        <span class="unseen">Then: </span>
        {after === '' ? <em>nothing</em> : <Marked text={after} start={start} end={end} />}
      </ins>
    </div>
  )
}

function Marked({ text, start, end }: { text: string; start: number; end: number }) {
  const until = text.length - end
  return (
    <>
      {text.slice(0, start)}
      {until > start && <mark>{text.slice(start, until)}</mark>}
      {text.slice(until)}
    </>
  )
}

/** How many characters two texts share at their start and at their end; words are not cut. Texts that share little share nothing. */
export function sameAround(before: string, after: string): { start: number; end: number } {
  const most = Math.min(before.length, after.length)
  let start = 0
  while (start < most && before[start] === after[start]) start += 1
  while (start > 0 && /\w/.test(before[start - 1] ?? '')) start -= 1
  let end = 0
  while (end < most - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1
  while (end > 0 && /\w/.test(before[before.length - end] ?? '')) end -= 1
  return start + end < 3 ? { start: 0, end: 0 } : { start, end }
}
