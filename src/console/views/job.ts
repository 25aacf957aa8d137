import type { Explanation } from '../../core/result/explanation.js'
import { sentencesOf } from '../../core/result/explanation-sentences.js'
import { fieldsOf } from '../../core/text/fields.js'
import type { Json } from '../../core/text/json.js'
import { redactedJson } from '../../core/text/redact.js'
import type { JobView } from '../contract.js'
import { inspected, type Inspected } from '../inspected.js'
import type { Means } from '../means.js'

export async function jobView(id: string, reference: string, means: Means): Promise<JobView> {
  const { workflow } = await means.workflow(id)
  const seen = await inspected(workflow, reference, means)
  const { explanation } = seen
  const { from, to } = workflow.action.flow
  return {
    explanation,
    timeline: timelineOf(explanation, from.name, to.name),
    sides: sidesOf(seen, means),
    notes: notesOf(seen, from.name, to.name),
  }
}

type Event = JobView['timeline'][number]

/** What has happened, in its order, and then how it stands now. */
function timelineOf(explained: Explanation, from: string, to: string): Event[] {
  const said = sentencesOf(explained)
  const { record, pending, leavings, origin, failure, target, mapping } = explained
  const happened: Event[] = leavings.map(({ since }, at) => {
    return { at: since, what: 'Left', detail: said.leavings[at] ?? null, kind: 'neutral' }
  })
  if (record !== null) {
    const kind = record.outcome === 'delivered' ? 'good' : 'neutral'
    happened.push({ at: record.at, what: 'Last dealt with', detail: said.record, kind })
  }
  if (pending !== null)
    happened.push({ at: pending.first_failed_at, what: 'First failed', detail: said.pending, kind: 'bad' })
  const mapped = { mapped: 'good', discarded: 'neutral', failed: 'bad' } as const
  return [
    ...happened.sort((a, b) => ((a.at ?? '') < (b.at ?? '') ? -1 : 1)),
    { at: null, what: from, detail: said.origin, kind: failure ? 'bad' : origin === null ? 'neutral' : 'good' },
    { at: null, what: 'Mapping', detail: said.mapping, kind: mapping === null ? 'neutral' : mapped[mapping.outcome] },
    { at: null, what: to, detail: said.target, kind: target?.shown === 'live' ? 'good' : 'neutral' },
    { at: null, what: 'Next run', detail: said.next, kind: 'neutral' },
  ]
}

type Side = JobView['sides'][number]

/** Field by field: first those of what is written, then what else the origin says. */
function sidesOf({ origin, ours, target }: Inspected, means: Means): Side[] {
  const of = (item: unknown) =>
    new Map(fieldsOf(redactedJson(item, means.redact)).map(({ path, value }) => [path, value]))
  const [from, made, found] = [of(origin), of(ours), of(target)]
  const used = new Set<string>()
  const written = [...new Set([...made.keys(), ...found.keys()])].filter((path) => path !== '')
  const rows = written.map((path): Side => {
    const our = made.get(path) ?? null
    const source = sourceOf(path, our, from)
    if (source !== null) used.add(source)
    const their = found.get(path) ?? null
    const differs = made.has(path) && found.has(path) && JSON.stringify(our) !== JSON.stringify(their)
    return { path, origin: source === null ? null : (from.get(source) ?? null), ours: our, target: their, differs }
  })
  const others = [...from].filter(([path]) => path !== '' && !used.has(path))
  return [
    ...rows,
    ...others.map(([path, value]) => ({ path, origin: value, ours: null, target: null, differs: false })),
  ]
}

/** The field of the origin that stands beside one of ours: of its name, or with the same text. */
function sourceOf(path: string, ours: Json, from: ReadonlyMap<string, Json>): string | null {
  if (from.has(path)) return path
  if (typeof ours !== 'string' || ours === '') return null
  return [...from].find(([, value]) => value === ours)?.[0] ?? null
}

function notesOf({ explanation, origin, ours, target }: Inspected, from: string, to: string): string[] {
  const said = sentencesOf(explanation)
  return [
    ...(origin === undefined ? [`${from} ${said.origin}`] : []),
    ...(ours === undefined ? [`Mapping: ${said.mapping}`] : []),
    ...(target === undefined ? [`${to} ${said.target}`] : []),
  ]
}
