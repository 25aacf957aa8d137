/** A part of a text, which the other text has as well, or not. */
export interface Piece {
  text: string
  same: boolean
}

/** Words of longer texts are not compared one by one: it would take too long. */
const MOST = 1_500

/** The words of two texts, each with whether the other has it, in order: their longest common subsequence. */
export function differing(before: string, after: string): { removed: Piece[]; added: Piece[] } {
  const [a, b] = [wordsOf(before), wordsOf(after)]
  if (a.length > MOST || b.length > MOST) {
    return { removed: [{ text: before, same: false }], added: [{ text: after, same: false }] }
  }
  const lengths = lengthsOf(a, b)
  const at = (row: number, column: number) => lengths[row * (b.length + 1) + column] ?? 0
  const removed: Piece[] = []
  const added: Piece[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]]
    if (left !== undefined && left === right) {
      add(removed, left, true)
      add(added, left, true)
      i += 1
      j += 1
    } else if (left !== undefined && (right === undefined || at(i + 1, j) >= at(i, j + 1))) {
      add(removed, left, false)
      i += 1
    } else if (right !== undefined) {
      add(added, right, false)
      j += 1
    }
  }
  return { removed, added }
}

const wordsOf = (text: string) => text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? []

/** How long the common subsequence of what begins at each pair of words is. */
function lengthsOf(a: readonly string[], b: readonly string[]): Uint16Array {
  const width = b.length + 1
  const lengths = new Uint16Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const [down, right, both] = [(i + 1) * width + j, i * width + j + 1, (i + 1) * width + j + 1]
      lengths[i * width + j] =
        a[i] === b[j] ? (lengths[both] ?? 0) + 1 : Math.max(lengths[down] ?? 0, lengths[right] ?? 0)
    }
  }
  return lengths
}

function add(pieces: Piece[], text: string, same: boolean): void {
  const last = pieces.at(-1)
  if (last?.same === same) last.text += text
  else pieces.push({ text, same })
}
