import type { Store, WorkflowRecord } from '../../../core/ports/store.js'
import { endOf } from '../../output/summary.js'
import { drawTable } from '../../output/table.js'
import { answer, moment, printable, size, type Terminal, textWidth, UsageError, wrap } from '../../terminal.js'
import { holderOf } from '../../../runtime/process.js'
import { emptyNote, findWorkflow, withStore } from './store.js'

export interface StateOptions {
  json?: boolean
  yes?: boolean
}

interface SeenWorkflow {
  workflow: WorkflowRecord
  pending: number
}

/** `state`: where it is, and what is known of each workflow. */
export async function showState({ json }: StateOptions, terminal: Terminal): Promise<void> {
  await withStore(terminal, async (store) => {
    const summary = { kind: store.kind, ...(await store.summary()) }
    const seen: SeenWorkflow[] = []
    for (const workflow of await store.workflows())
      seen.push({ workflow, pending: (await store.pending(workflow.workflow_id)).length })
    const { location, kind, bytes, schema_version } = summary
    const facts = [
      `State       ${printable(location)}`,
      `Kind        ${kind}, schema version ${schema_version}`,
      ...(bytes === null ? [] : [`Size        ${size(bytes)}`]),
    ]
    const none = `No workflow has run yet.${emptyNote(store)}`
    const draw = () => `${facts.join('\n')}\n\n${seen.length === 0 ? none : drawWorkflows(seen, terminal)}`
    answer(terminal.stdout, json, { ...summary, workflows: seen.map(toJson) }, draw)
  })
}

/** `state reset WORKFLOW`: the next run starts as the first. Asks before, or needs `--yes`. */
export async function resetState(workflow_id: string, { json, yes }: StateOptions, terminal: Terminal): Promise<void> {
  await withStore(terminal, async (store) => {
    const { stdout, stderr, stdin } = terminal
    const pending = (await store.pending((await freeWorkflow(store, workflow_id)).workflow_id)).length
    if (yes !== true) {
      if (stdin.isTTY !== true) throw new UsageError('Resetting a workflow cannot be undone: say --yes.')
      stderr.write(`${wrap(warning(workflow_id, pending), textWidth(stderr))}\nReset it? [y/N] `)
      if (!/^y(es)?$/i.test((await readLine(stdin)).trim())) {
        stderr.write('Nothing was changed.\n')
        return
      }
      // Asked again: a run may have begun while the question stood there.
      await freeWorkflow(store, workflow_id)
    }
    await store.resetWorkflow(workflow_id)
    const done = () => `${printable(workflow_id)} is reset. Run history is kept; the next run reads everything.`
    answer(stdout, json, { workflow_id, reset: true }, done)
  })
}

/** A workflow that nobody runs at present: a run that lost its records would end in the middle. */
async function freeWorkflow(store: Store, workflow_id: string): Promise<WorkflowRecord> {
  const workflow = await findWorkflow(store, workflow_id)
  const holder = holderOf(workflow)
  if (holder === null) return workflow
  const since = moment(holder.since)
  throw new UsageError(
    `${workflow_id} is running: ${holder.name}, since ${since}. Wait for it to end, or stop it first.`,
  )
}

function warning(workflow_id: string, pending: number): string {
  const items = pending === 0 ? 'no pending items' : `${pending} pending ${pending === 1 ? 'item' : 'items'}`
  return printable(
    `This forgets what is known of ${workflow_id}: its cursor, its delivery records and ${items}. Run history is kept. The next run reads everything.`,
  )
}

async function readLine(input: AsyncIterable<unknown>): Promise<string> {
  let text = ''
  for await (const chunk of input) {
    text += String(chunk)
    if (text.includes('\n')) break
  }
  return text.split('\n')[0] ?? ''
}

function toJson({ workflow, pending }: SeenWorkflow) {
  const { workflow_id, action, cursor, last_result } = workflow
  const holder = holderOf(workflow)
  return {
    workflow_id,
    action,
    cursor,
    last: last_result === null ? null : pick(last_result),
    pending,
    running: holder === null ? null : { name: holder.name, since: new Date(holder.since).toISOString() },
  }
}

function pick({ run_id, status, reason, finished_at }: NonNullable<WorkflowRecord['last_result']>) {
  return { run_id, status, reason, finished_at }
}

function drawWorkflows(seen: SeenWorkflow[], terminal: Terminal): string {
  return drawTable(
    {
      columns: [
        { title: 'WORKFLOW' },
        { title: 'LAST STATUS' },
        { title: 'PENDING', align: 'right' },
        { title: 'CURSOR' },
        { title: 'RUNNING' },
      ],
      rows: seen.map(({ workflow, pending }) => ({
        cells: [workflow.workflow_id, statusOf(workflow), String(pending), workflow.cursor ?? '-', runningOf(workflow)],
      })),
    },
    terminal,
  )
}

function statusOf({ last_result }: WorkflowRecord): string {
  if (last_result === null) return '-'
  const { status, reason } = endOf(last_result)
  return `${status}${reason}`
}

function runningOf(workflow: WorkflowRecord): string {
  const holder = holderOf(workflow)
  return holder === null ? 'no' : `${holder.name}, since ${moment(holder.since)}`
}
