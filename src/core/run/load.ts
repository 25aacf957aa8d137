import type { Listed, Loaded } from '../model/read.js'
import { settled } from '../state/decisions.js'
import type { KnownItems } from '../state/known-items.js'
import type { RunContext } from './context.js'

/** The whole item: from what was kept when it is unchanged, else from the origin. */
export async function load(context: RunContext, listed: Listed<unknown>, known: KnownItems): Promise<Loaded<unknown>> {
  const loaded = await loadOrRestore(context, listed, known)
  context.tap?.loaded(listed.reference, loaded.item)
  return loaded
}

async function loadOrRestore(
  { flow, origin, journal, tap }: RunContext,
  listed: Listed<unknown>,
  known: KnownItems,
): Promise<Loaded<unknown>> {
  const { read } = flow
  const { cache, settles_after_ms = 0 } = read
  if (!cache) return read.load(origin, listed)
  const { reference, version } = listed
  const account = cache.account(origin)
  // Whoever looks on is shown all fields; what is kept is only what the runs need.
  if (version !== null && !tap) {
    const kept = await known.detail(account, { reference, version }, settles_after_ms)
    const whole = kept === undefined ? null : cache.restore(listed, kept.detail)
    if (whole !== null) return { ...whole, read_at: listed.read_at }
  }
  const loaded = await read.load(origin, listed)
  const { read_at } = loaded
  const keep = cache.keep(loaded.item, listed)
  if (keep && settled({ version: keep.version, read_at }, settles_after_ms))
    journal.keepDetail(account, { reference, read_at, ...keep })
  return loaded
}
