import { describe, expect, test } from 'vitest'
import { registry } from '../../src/connectors/index.js'
import type { Action, AnyFlow } from '../../src/core/model/flow.js'
import { HttpError } from '../../src/core/errors.js'
import type { Clock } from '../../src/core/ports/clock.js'
import type { DeliveryRecord, HeldCounts, Leaving, Lease } from '../../src/core/ports/store.js'
import { MemoryStore } from '../../src/stores/memory.js'
import { checkFollowing } from './following.js'

// A board that follows with mistakes that archive too much, or forget: if the histories let one pass, they prove nothing.

const AT_MOST = 400

/** A deletion is believed at once. */
class OneRun extends MemoryStore {
  override async leavings(workflow_id: string, place: string, references: string[] | null): Promise<Leaving[]> {
    const found = await super.leavings(workflow_id, place, references)
    const lacking = (references ?? []).filter((asked) => !found.some(({ reference }) => reference === asked))
    return [...found, ...lacking.map((reference) => longGone(reference))]
  }
}

function longGone(reference: string): Leaving {
  const times = { since: 0, seen_at: 0, archived_at: null, decided_at: null }
  return { target: reference, reference, id: null, reason: 'deleted', state: 'seen', ...times }
}

/** That an entry is older than what was delivered is not noticed. */
class NoVersions extends MemoryStore {
  override async records(workflow_id: string, place: string, references: string[]): Promise<DeliveryRecord[]> {
    const found = await super.records(workflow_id, place, references)
    return found.map((record) => ({ ...record, version: null }))
  }
}

/** The guard counts what leaves in a run, not in a day. */
class GuardOfOneRun extends MemoryStore {
  override async heldCounts(workflow_id: string, place: string, since: number): Promise<HeldCounts> {
    return { ...(await super.heldCounts(workflow_id, place, since)), archived: 0, deleted: 0 }
  }
}

/** Whose archive it is is not written down. */
class Forgetful extends MemoryStore {
  override changeLeavings(lease: Lease, place: string, changes: { saved: Leaving[]; forgotten: string[] }) {
    const saved = changes.saved.map((leaving) =>
      leaving.state === 'archived' ? { ...leaving, state: 'settled' as const } : leaving,
    )
    return super.changeLeavings(lease, place, { ...changes, saved })
  }
}

/** What another workflow of the board has is not looked up. */
class Alone extends MemoryStore {
  override heldByOthers(): Promise<string[]> {
    return Promise.resolve([])
  }
}

/** Details are not kept for the next run. */
class WithoutDetails extends MemoryStore {
  override saveDetails(): Promise<void> {
    return Promise.resolve()
  }
}

const { flow, ...action } = updateAction()

function updateAction(): Action {
  const found = registry.Workable.actions.find(({ id }) => id === 'update_jobs_in_hrflow')
  if (!found) throw new Error('There is no update action.')
  return found
}

function reading(read: Partial<AnyFlow['read']>): Action {
  return { ...action, flow: { ...flow, read: { ...flow.read, ...read } } }
}

function writing(change: (delivery: Parameters<AnyFlow['write']['write']>[1]) => object): Action {
  const write: AnyFlow['write']['write'] = (api, delivery) =>
    flow.write.write(api, { ...delivery, ...change(delivery) })
  return { ...action, flow: { ...flow, write: { ...flow.write, write } } }
}

/** What a list lacks is gone: it is not asked for by itself. */
const byAbsence = reading({ find: () => Promise.resolve(null) })

/** Whatever answers 404 is taken for Workable. */
const anyNotFound = reading({
  find: async (api, known) => {
    try {
      return (await flow.read.find?.(api, known)) ?? null
    } catch (error) {
      if (error instanceof HttpError && error.status === 404) return null
      throw error
    }
  },
})

/** A list that fails half way ends there. */
const endingEarly = reading({
  find: () => Promise.resolve(null),
  async *list(api, parameters) {
    try {
      yield* flow.read.list(api, parameters)
    } catch (error) {
      if (!(error instanceof HttpError)) throw error
    }
  },
})

const bringingBackAll = writing(() => ({ archived: { archived_at: null } }))
const everythingInside = reading({
  leaving: { parameters: flow.read.leaving?.parameters ?? [], includes: () => true },
})

describe('histories of a board that follows catch', () => {
  const inside = /archived what is inside/
  /** Each with a seed whose first history catches it, so that it need not be looked for; after a change others may. */
  const planted: [string, number, RegExp, new (options: { clock: Clock }) => MemoryStore, Action?][] = [
    ['an archive by absence alone', 22, inside, MemoryStore, byAbsence],
    ['an archive by one 404', 1, /archived what (is inside|may be back)/, OneRun],
    ['an archive by a 404 in HTML', 26, inside, MemoryStore, anyNotFound],
    ['an archive by an entry that lags', 1, inside, NoVersions],
    ['an archive by a list that ended early', 22, inside, MemoryStore, endingEarly],
    ['a guard that counts a run and not a day', 38, /archived \d+ in a day/, GuardOfOneRun],
    [
      'a run that brings back what a person archived',
      1,
      /brought back what [\w ]+ archived/,
      MemoryStore,
      bringingBackAll,
    ],
    ['a run that forgets who archived', 8, /inside, and archived/, Forgetful],
    ['a run that creates what is outside', 1, /created what is outside/, MemoryStore, everythingInside],
    ['an archive of what another workflow holds', 6, /archived what other holds live/, Alone],
    ['details that are read twice', 1, /Details read twice/, WithoutDetails],
  ]

  test.each(planted)('%s', { timeout: 300_000 }, async (_, seed, complaint, Broken, wrong) => {
    const store = (clock: Clock) => new Broken({ clock })
    const found = checkFollowing({ runs: AT_MOST, hasty: true, seed, store, ...(wrong && { action: wrong }) })
    const error: unknown = await found.catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(Error)
    expect(String(error instanceof Error ? error.cause : error)).toMatch(complaint)
  })
})
