import { readable, isHtml, type Value } from '../readable.js'

export function JsonView({ value, label }: { value: unknown; label: string }) {
  return (
    <pre class="json" tabIndex={0} aria-label={label}>
      {JSON.stringify(value, null, 2)}
    </pre>
  )
}

/** One value as text; what was HTML is said to be. */
export function ValueText({ value }: { value: Value }) {
  if (value === null || value === '') return <span class="muted">nothing</span>
  return (
    <div class="value" tabIndex={isLong(value) ? 0 : undefined}>
      {readable(value)}
      {isHtml(value) && <span class="muted small"> (HTML, as text)</span>}
    </div>
  )
}

const isLong = (value: Value) => readable(value).length > 400
