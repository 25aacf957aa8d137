import type { PendingEntry, Store } from '../../../core/ports/store.js'
import { unknownName } from '../../input/usage.js'
import { drawTable } from '../../output/table.js'
import { answer, moment, type Terminal, UsageError } from '../../terminal.js'
import { emptyNote, findWorkflow, withStore } from './store.js'

export interface PendingOptions {
  workflow?: string
  json?: boolean
}

type Listed = PendingEntry & { workflow_id: string }

/** `pending`: what failed and is to be tried again, of one workflow or of all. */
export async function listPending({ workflow, json }: PendingOptions, terminal: Terminal): Promise<void> {
  await withStore(terminal, async (store) => {
    if (workflow !== undefined) await findWorkflow(store, workflow)
    const entries = await pendingOf(store, workflow)
    const none = `Nothing is pending.${emptyNote(store)}`
    const draw = () => (entries.length === 0 ? none : drawPending(entries, terminal))
    answer(terminal.stdout, json, entries.map(toJson), draw)
  })
}

/** `pending retry`: tried again by the next run, whatever they wait for. No reference: all. */
export async function retryPending(references: string[], options: PendingOptions, terminal: Terminal): Promise<void> {
  await change('retry', references, options, terminal)
}

/** `pending dismiss`: given up until the item changes. */
export async function dismissPending(references: string[], options: PendingOptions, terminal: Terminal): Promise<void> {
  await change('dismiss', references, options, terminal)
}

async function change(
  kind: 'retry' | 'dismiss',
  references: string[],
  { workflow, json }: PendingOptions,
  terminal: Terminal,
): Promise<void> {
  await withStore(terminal, async (store) => {
    const workflow_id = await workflowOf(store, workflow)
    const entries = workflow_id === undefined ? [] : await pendingOf(store, workflow_id)
    const known = entries.map(({ reference }) => reference)
    const strange = references.find((reference) => !known.includes(reference))
    if (strange !== undefined) {
      const { message } = unknownName('pending item', strange, known)
      throw new UsageError(`${message} hrflow-connectors pending lists them. Nothing was changed.`)
    }
    const all = references.length === 0 ? null : references
    const count = workflow_id === undefined ? 0 : await store.changePending(workflow_id, all, kind)
    const done = { workflow_id: workflow_id ?? null, change: kind, count }
    answer(terminal.stdout, json, done, () => sentence(kind, count, workflow_id ?? ''))
  })
}

/** The workflow that is meant: the named one, or the only one with pending items. Undefined: there is none. */
async function workflowOf(store: Store, named: string | undefined): Promise<string | undefined> {
  if (named !== undefined) return (await findWorkflow(store, named)).workflow_id
  const ids = [...new Set((await pendingOf(store, undefined)).map(({ workflow_id }) => workflow_id))]
  if (ids.length > 1)
    throw new UsageError(`Several workflows have pending items: ${ids.join(', ')}. Name one with --workflow ID.`)
  return ids[0]
}

async function pendingOf(store: Store, workflow: string | undefined): Promise<Listed[]> {
  const ids = workflow === undefined ? (await store.workflows()).map(({ workflow_id }) => workflow_id) : [workflow]
  const entries: Listed[] = []
  for (const workflow_id of ids)
    for (const entry of await store.pending(workflow_id)) entries.push({ ...entry, workflow_id })
  return entries
}

function sentence(kind: 'retry' | 'dismiss', count: number, workflow_id: string): string {
  if (count === 0) return 'Nothing is pending.'
  const items = `${count} ${count === 1 ? 'item' : 'items'} of ${workflow_id}`
  return kind === 'retry'
    ? `${items} due now: the next run tries ${count === 1 ? 'it' : 'them'} again.`
    : `${items} dismissed: given up until ${count === 1 ? 'it changes' : 'they change'}.`
}

function toJson({ first_failed_at, next_attempt_at, ...entry }: Listed) {
  return {
    ...entry,
    first_failed_at: new Date(first_failed_at).toISOString(),
    next_attempt_at: next_attempt_at === null ? null : new Date(next_attempt_at).toISOString(),
  }
}

function drawPending(entries: Listed[], terminal: Terminal): string {
  return drawTable(
    {
      columns: [
        { title: 'REFERENCE' },
        { title: 'STAGE' },
        { title: 'ATTEMPTS', align: 'right' },
        { title: 'FIRST FAILED' },
        { title: 'NEXT ATTEMPT' },
        { title: 'WORKFLOW' },
      ],
      text: 'MESSAGE',
      rows: entries.map((entry) => ({
        cells: [
          entry.reference,
          entry.stage,
          String(entry.attempts),
          moment(entry.first_failed_at),
          nextOf(entry),
          entry.workflow_id,
        ],
        text: entry.message,
      })),
    },
    terminal,
  )
}

function nextOf({ next_attempt_at }: PendingEntry): string {
  if (next_attempt_at === null) return 'waits for a change'
  return next_attempt_at <= Date.now() ? 'in the next run' : moment(next_attempt_at)
}
