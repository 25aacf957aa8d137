import { readable, type Value } from '../readable.js'
import { differing, type Piece } from '../word-diff.js'

/** How a value would change: what it is now over what it would be, with the words marked that differ. */
export function Diff({ from, to }: { from: Value; to: Value }) {
  const [before, after] = [readable(from), readable(to)]
  const { removed, added } = differing(before, after)
  return (
    <div class="diff">
      {before !== '' && (
        <del tabIndex={isLong(before) ? 0 : undefined}>
          <span class="unseen">Now: </span>
          <Marked pieces={removed} all={after === ''} />
        </del>
      )}
      <ins tabIndex={isLong(after) ? 0 : undefined}>
        <span class="unseen">Then: </span>
        {after === '' ? <em>nothing</em> : <Marked pieces={added} all={before === ''} />}
      </ins>
    </div>
  )
}

/** Where all of it is new, or goes, nothing is marked. */
function Marked({ pieces, all }: { pieces: readonly Piece[]; all: boolean }) {
  return <>{pieces.map(({ text, same }, at) => (same || all ? text : <mark key={at}>{text}</mark>))}</>
}

/** It may need a bar to scroll, which the keyboard must reach. */
const isLong = (text: string) => text.length > 500 || text.split('\n').length > 8
