/** Asks for more of a list, or says that this is all. */
export function More({ more, busy, shown }: { more: (() => void) | null; busy: boolean; shown: string }) {
  return (
    <>
      <span class="muted small" aria-live="polite">
        {shown}
      </span>
      {more && (
        <button type="button" onClick={more} disabled={busy}>
          {busy ? 'Loading …' : 'Show more'}
        </button>
      )}
    </>
  )
}
