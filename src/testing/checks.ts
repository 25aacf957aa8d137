import { RunError } from '../core/errors.js'
import { parameterGroups } from '../core/model/describe.js'
import type { CheckedLine } from '../core/preflight/check.js'
import type { RunResult } from '../core/result/result.js'
import { checkAction } from '../runtime/preflight.js'
import { MemoryStore } from '../stores/memory.js'
import { breakEntry } from './break-entry.js'
import { type Asked, jsonReply } from './front.js'
import { inWorld, saidBy, type Setup, type World } from './world.js'

// Each check is a function of the set-up: it ends well, or throws an error that says what is wrong and what is right.

/** Names, descriptions, parameters, secrets. Sends nothing. */
export function describesItself({ action }: Setup): void {
  const { flow, own } = action
  demand(own.name.trim() !== '', 'The warehouse has no name.')
  demand(flow.format_version.trim() !== '', 'The flow has no format_version: change it when the format maps otherwise.')
  const { description = '', since, leaving } = flow.read
  demand(description.trim() !== '', 'The read has no description: one sentence, for people who choose an action.')
  for (const { name: group, parameters } of parameterGroups(action)) {
    if (group === 'hrflow_auth' || group === 'push_parameters' || group === 'other') continue
    const bare = parameters.find((parameter) => parameter.description.trim() === '')
    demand(bare === undefined, `${group}.${bare?.name ?? ''} has no description: add .describe('...').`)
    const open = parameters.find(({ name, secret }) => !secret && SOUNDS_SECRET.test(name))
    demand(group !== 'connector_auth' || open === undefined, `${group}.${open?.name ?? ''} is not marked as secret().`)
  }
  const known = Object.keys(flow.read.parameters.shape)
  for (const name of [since ?? [], leaving?.parameters ?? []].flat())
    demand(known.includes(name), `The read names the parameter ${name}, which it does not have.`)
}

const SOUNDS_SECRET = /(^|_)(key|token|secret|password|credential|pass|pwd)s?$/i

/** No page is asked for twice, and each entry comes once: by the list alone, and in a run. */
export function readsPagesOnce(setup: Setup): Promise<void> {
  return inWorld(setup, 'items', async (world) => {
    const { entries, unlisted, asked } = await world.list()
    const [problem] = unlisted
    demand(problem === undefined, `An entry could not be listed: ${problem?.problem.message ?? ''}`)
    demand(asked.length >= 2, 'The stand-in has one page: let it have two at least, or paging is not seen.')
    demandOnce(
      asked.map(({ key }) => key),
      (key) => `"${key}" was asked for more than once.`,
    )
    const references = entries.map(({ reference }) => reference)
    demandOnce(references, (reference) => `${reference} was listed more than once.`)
    demandSame(references, setup.references, 'The list')

    const from = world.front.requests.length
    const { result } = await world.run()
    demandSuccess(result, setup.references.length)
    const keys = world.front.requests.slice(from).map(({ key }) => key)
    for (const { key } of asked)
      demand(keys.filter((other) => other === key).length === 1, `In a run "${key}" was not asked for exactly once.`)
  })
}

/** A 429 on the first page, on the last one and on an item. */
export function waitsWhenTold(setup: Setup): Promise<void> {
  return inWorld(setup, 'items', async (world) => {
    const { entries, asked } = await world.list()
    const last = entries.at(-1)
    const loads = last === undefined ? [] : await world.load(last)
    const refused = new Set([asked[0], asked.at(-1), loads[0]].flatMap((one) => one?.key ?? []))
    const from = world.front.requests.length
    const reply = jsonReply(429, { message: 'Too many requests' }, { 'retry-after': String(RETRY_AFTER_S) })
    const seen = new Set<string>()
    world.front.rule = {
      before({ key }) {
        if (!refused.has(key) || seen.has(key)) return null
        seen.add(key)
        return reply
      },
    }
    const { result } = await world.run()
    const sent = world.front.requests.slice(from)
    for (const key of refused) demandWaited(sent, key)
    demandSuccess(result, setup.references.length)
    demandDelivered(world, setup.references)
  })
}

const RETRY_AFTER_S = 7

function demandWaited(sent: readonly Asked[], key: string): void {
  const [first, second] = sent.filter((one) => one.key === key)
  if (first === undefined) return
  demand(second !== undefined, `"${key}" was answered with 429 and never asked for again.`)
  const waited = (second.at - first.at) / 1_000
  const told = `although Retry-After said ${RETRY_AFTER_S} s: send requests by the client of http.open().`
  // Both moments are those of the arrival.
  demand(waited >= RETRY_AFTER_S - 0.1, `"${key}" was asked for again ${waited.toFixed(1)} s after a 429, ${told}`)
}

/** A 401 from the first request on, and one that begins when the list has been read. */
export function endsOnUnauthorized(setup: Setup): Promise<void> {
  return inWorld(setup, 'items', async (world) => {
    const { entries } = await world.list()
    const [entry] = entries
    const costs = entry !== undefined && (await world.load(entry)).length > 0
    // As HrFlow does: a service may repeat what it was sent.
    const reply = jsonReply(401, { message: `Unauthorized: ${world.secrets.join(', ')}` })
    world.front.rule = { before: () => reply }
    demandRunError(await thrownBy(() => world.list()), 'list', world.secrets)
    if (costs) demandRunError(await thrownBy(() => world.load(entry)), 'load', world.secrets)

    const { result, shown } = await world.run()
    const { status, error } = result
    demand(status === 'fatal', `A run that gets nothing but 401 is ${status}: it must be fatal.`)
    demand(typeof error?.hint === 'string', 'The result of a 401 has no hint: say which credential to check.')
    demandNoSecret(shown, world.secrets, 'A run that ends with a 401')
    const written = result.events.write_success
    demand(written === 0, `A run that gets nothing but 401 wrote ${written} items.`)
  })
}

function demandRunError(thrown: unknown, where: 'list' | 'load', secrets: readonly string[]): void {
  demand(thrown !== undefined, `${where} takes a 401 for an answer: throw a RunError.`)
  for (const said of saidBy(thrown)) demandNoSecret(said, secrets, `The error that ${where} throws for a 401`)
  const name = thrown instanceof Error ? thrown.name : typeof thrown
  const right = 'a RunError, which ends the run, as every item would fail alike'
  demand(thrown instanceof RunError, `${where} throws ${name} for a 401: throw ${right}.`)
  const hint = thrown instanceof RunError ? (thrown.hint ?? '') : ''
  demand(hint !== '', `The RunError that ${where} throws for a 401 has no hint: say which credential to check.`)
}

/** A service that has nothing. */
export function takesNothing(setup: Setup): Promise<void> {
  return inWorld(setup, 'nothing', async (world) => {
    const { result } = await world.run()
    demand(world.front.requests.length > 0, 'The service was not asked.')
    demandSuccess(result, 0)
  })
}

/** One item that cannot be read: its entry on the page, and its own answer where it has one. */
export function failsAlone(setup: Setup): Promise<void> {
  return inWorld(setup, 'items', async (world) => {
    const { entries, asked } = await world.list()
    const victim = entries[Math.floor(entries.length / 2)]
    demand(victim !== undefined, 'The stand-in lists nothing.')
    const { reference } = victim
    const pages = new Set(asked.map(({ key }) => key))
    const own = new Set((await world.load(victim)).map(({ key }) => key).filter((key) => !pages.has(key)))
    const isBroken = breakOnPage(world, pages, reference)
    await demandAlone(world, setup, { reference, fewest: 0 })
    const said = `No page names ${reference}, so its entry cannot be broken: leave this check out by its id.`
    demand(isBroken() || own.size > 0, said)
    if (own.size === 0) return
    for (const reply of [jsonReply(200, []), jsonReply(500, {})]) {
      world.front.rule = { before: ({ key }) => (own.has(key) ? reply : null) }
      await demandAlone(world, setup, { reference, fewest: 1 })
    }
  })
}

/** Breaks the entry of an item on its page. The answer says whether it was there. */
function breakOnPage({ front }: World, pages: ReadonlySet<string>, reference: string): () => boolean {
  let isBroken = false
  front.rule = {
    after({ key }, reply) {
      if (!pages.has(key)) return reply
      const page: unknown = JSON.parse(String(reply.body))
      const body = JSON.stringify(breakEntry(page, reference))
      isBroken ||= body !== JSON.stringify(page)
      return { ...reply, body: Buffer.from(body) }
    },
  }
  return () => isBroken
}

/** `fewest`: 0 where a read may do without what is broken. */
async function demandAlone(
  world: World,
  { references }: Setup,
  { reference, fewest }: { reference: string; fewest: 0 | 1 },
): Promise<void> {
  const { result, shown } = await world.run()
  demand(result.status !== 'fatal', `One broken item ends the run: ${result.error?.message ?? ''}`)
  const strange = result.failures.find((failure) => failure.reference !== reference)
  demand(strange === undefined, `${reference} is broken, and the failure is of ${String(strange?.reference)}.`)
  const count = result.failures.length
  demand(count >= fewest && count <= 1, `${reference} is broken, and ${count} failures tell of it: one should.`)
  demandNoSecret(shown, world.secrets, 'A run with a broken item')
  demandDelivered(
    world,
    references.filter((other) => other !== reference),
  )
}

/** What is read is mapped and written; then there is nothing more to write, whatever is remembered. */
export function roundTrips(setup: Setup): Promise<void> {
  return inWorld(setup, 'items', async (world) => {
    const { result } = await world.run()
    demandSuccess(result, setup.references.length)
    demand(result.events.write_success === setup.references.length, `The first run wrote ${sumUp(result)}.`)
    demandDelivered(world, setup.references)
    const { clock } = world
    for (const [store, said] of [
      [world.runtime.store, 'A second run'],
      [new MemoryStore({ clock, remembers: false }), 'A second run that remembers nothing'],
    ] as const) {
      const from = world.hrflow.requests.length
      const { result } = await world.run({}, store ? { store } : {})
      demandSuccess(result, setup.references.length)
      const write = world.hrflow.requests.slice(from).find(({ method }) => method !== 'GET')
      demand(
        write === undefined,
        `${said} writes again (${write?.method ?? ''}), although nothing changed: the format must map alike each time.`,
      )
    }
    const { plan } = (await world.run({ persist: false }, { compare: true })).result
    const [planned] = plan?.items ?? []
    const paths = planned?.changes.map(({ path }) => path).join(', ') ?? ''
    demand(
      planned === undefined,
      `The board differs from what the format gives: ${paths} of ${planned?.reference ?? ''}.`,
    )
  })
}

/** A read with `since` asks for less the second time. */
export function goesOn(setup: Setup): Promise<void> {
  return inWorld(setup, 'items', async (world) => {
    const { since = '' } = setup.action.flow.read
    const first = await world.run({ incremental: true })
    demandSuccess(first.result, setup.references.length)
    demand(
      first.result.incremental_token !== null,
      'An incremental run keeps no cursor: give asked_at with the first page of the list.',
    )
    const [before] = world.front.requests
    const from = world.front.requests.length
    const { result } = await world.run({ incremental: true })
    const after = world.front.requests[from]
    demand(result.status === 'success', `The second incremental run is ${result.status}: ${problemOf(result)}`)
    demand(before?.key !== after?.key, `The second incremental run asks for the same as the first: send ${since}.`)
    demand(result.events.write_success === 0, `The second incremental run writes ${sumUp(result)}.`)
  })
}

/** What the `check` hook says of good and of wrong credentials. */
export function tellsBefore(setup: Setup): Promise<void> {
  return inWorld(setup, 'items', async (world) => {
    const { action } = setup
    const lines = async () => {
      const own: CheckedLine[] = []
      for await (const line of checkAction(action, world.parameters, world.runtime))
        if (line.about === action.own.name) own.push(line)
      return own
    }
    const good = await lines()
    demand(good.length > 0, 'check says nothing.')
    const bad = good.find(({ verdict }) => verdict === 'bad')
    demand(bad === undefined, `check finds fault where all is well: ${bad?.said ?? ''}`)
    world.front.rule = { before: () => jsonReply(401, { message: world.secrets.join(', ') }) }
    const refused = await lines()
    const found = refused.find(({ verdict }) => verdict === 'bad')
    demand(found !== undefined, 'check finds nothing bad where the service answers 401.')
    demandNoSecret(JSON.stringify(refused), world.secrets, 'check')
  })
}

function demand(holds: boolean, said: string): asserts holds {
  if (!holds) throw new Error(said)
}

function demandOnce(names: readonly string[], said: (name: string) => string): void {
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  demand(twice === undefined, twice === undefined ? '' : said(twice))
}

function demandSame(found: readonly string[], wanted: readonly string[], who: string): void {
  const missing = wanted.filter((name) => !found.includes(name))
  const strange = found.filter((name) => !wanted.includes(name))
  demand(missing.length === 0, `${who} lacks ${missing.join(', ')}.`)
  demand(strange.length === 0, `${who} has ${strange.join(', ')}, which \`references\` does not name.`)
}

function demandSuccess(result: RunResult, count: number): void {
  const { status, events } = result
  demand(status === 'success', `The run is ${status}: ${problemOf(result)}`)
  const read = events.read_success + events.read_unchanged
  const wanted = count === 1 ? '1 item' : `${count} items`
  demand(read === count, `The run read ${read} of ${wanted}.`)
  const done = events.write_success + events.write_unchanged + events.read_unchanged
  demand(done === count, `Of ${wanted} the run wrote ${sumUp(result)}.`)
}

function demandDelivered(world: World, references: readonly string[]): void {
  const missing = references.filter((reference) => !world.isDelivered(reference))
  demand(missing.length === 0, `Not delivered to the board: ${missing.join(', ')}.`)
}

function demandNoSecret(text: string, secrets: readonly string[], who: string): void {
  // The text may hold a credential: it is not repeated.
  demand(!secrets.some((secret) => text.includes(secret)), `${who} shows a credential.`)
}

function sumUp({ events }: RunResult): string {
  const { write_success, write_unchanged, write_not_found, write_failure } = events
  return `${write_success}, left ${write_unchanged} unchanged, did not find ${write_not_found} and failed with ${write_failure}`
}

function problemOf({ error, failures, reason }: RunResult): string {
  return error?.message ?? failures[0]?.message ?? reason
}

async function thrownBy(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work()
    return undefined
  } catch (error) {
    return error ?? new Error('Nothing was thrown as an error.')
  }
}
