import type { Tone } from '../words.js'

/** A shape for each tone, so that no meaning hangs on a colour. */
const SHAPES: Record<Tone, string> = {
  good: 'M2.2 6.4l2.6 2.6 5-6',
  warn: 'M6 1.6l5 9H1zM6 5v2.4M6 9.1v.1',
  bad: 'M2.4 2.4l7.2 7.2M9.6 2.4l-7.2 7.2',
  busy: 'M6 1.5a4.5 4.5 0 1 1-4.5 4.5',
  idle: 'M2.5 6h7',
}

export function Shape({ tone }: { tone: Tone }) {
  return (
    <svg viewBox="0 0 12 12" aria-hidden="true">
      <path
        d={SHAPES[tone]}
        fill="none"
        stroke="currentColor"
        stroke-width="1.7"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  )
}

export function StatusBadge({ tone, word }: { tone: Tone; word: string }) {
  return (
    <span class={`status ${tone}`}>
      <Shape tone={tone} />
      {word}
    </span>
  )
}
