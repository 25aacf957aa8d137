import type { Loaded } from '../model/read.js'
import { settled } from '../state/decisions.js'
import type { Passage, RunContext } from './context.js'

/** An item as far as it was read. */
export interface Brought extends Loaded<unknown> {
  /** By its list entry alone: what only a load brings is still to come. */
  isPartial: boolean
}

/** The item: from what was kept when it is unchanged, from its list entry where its details may wait, else from the origin. */
export async function load(context: RunContext, passage: Passage): Promise<Brought> {
  const brought = await bring(context, passage)
  context.tap?.loaded(passage.listed.reference, brought.item)
  return brought
}

async function bring({ flow, origin, journal, tap, details }: RunContext, passage: Passage): Promise<Brought> {
  const { cache, partial, settles_after_ms = 0 } = flow.read
  const { listed, known } = passage
  const { reference, version, read_at } = listed
  // Whoever looks on is shown all fields; what is kept is only what the runs need.
  if (cache && version !== null && !tap) {
    const kept = await known.detail(cache.account(origin), { reference, version }, settles_after_ms)
    const restored = kept === undefined ? null : cache.restore(listed, kept.detail)
    if (restored) return { ...restored, read_at, isPartial: false }
  }
  const early = passage.byListEntry === true ? partial?.item(listed, details === 'without') : null
  if (early) return { ...early, read_at, isPartial: true }
  const loaded = await flow.read.load(origin, listed)
  const keep = cache?.keep(loaded.item, listed)
  if (cache && keep && settled({ version: keep.version, read_at: loaded.read_at }, settles_after_ms))
    journal.keepDetail(cache.account(origin), { reference, read_at: loaded.read_at, ...keep })
  return { ...loaded, isPartial: false }
}
