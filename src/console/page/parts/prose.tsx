import { shortTime } from '../time.js'

const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g

/** A sentence of the server: what stands between backticks is code, instants are in the time of the reader. */
export function Prose({ text }: { text: string }) {
  const said = text.replace(INSTANT, shortTime)
  return <>{said.split('`').map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : part))}</>
}

/** A text as the start of a sentence. */
export const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
