/** Replaces secret values by `***` in whatever leaves: logs, errors, results, state, pages. */
export type Redact = (text: string) => string

const SHORTEST = 4

/**
 * A redactor of values, not of field names: a service's own error may repeat a key (HrFlow's 401 does), as it is or
 * URL-encoded. Values shorter than four characters are left alone: they are no secrets and would tear words apart.
 */
export function redactor(secrets: readonly string[]): Redact {
  const forms = new Set<string>()
  for (const secret of secrets) {
    if (secret.length < SHORTEST) continue
    for (const form of [
      secret,
      encodeURIComponent(secret),
      encodeURI(secret),
      new URLSearchParams({ s: secret }).toString().slice(2),
      JSON.stringify(secret).slice(1, -1),
    ]) {
      forms.add(form)
    }
  }
  if (forms.size === 0) return (text) => text
  // Longest first: a form may contain another.
  const alternatives = [...forms]
    .sort((a, b) => b.length - a.length)
    .map((form) => form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const pattern = new RegExp(alternatives.join('|'), 'gi')
  return (text) => text.replace(pattern, '***')
}
