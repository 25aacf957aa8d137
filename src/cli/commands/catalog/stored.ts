import { WorkflowFileError } from '../../../core/errors.js'
import { keepsSchedules, type SchedulingStore } from '../../../core/ports/schedule.js'
import type { Store } from '../../../core/ports/store.js'
import { pushWorkflows } from '../../../serve/index.js'
import { loadStorable } from '../../../workflows/index.js'
import { unknownName, warn } from '../../input/usage.js'
import { answer, printable, type Terminal, textWidth, UsageError, wrap } from '../../terminal.js'
import { withStore } from '../history/store.js'

export interface StoredOptions {
  /** Of `workflows`: the same as the word after `push`. */
  file?: string
  json?: boolean
}

/** `workflows push`: all of a file, or nothing of it. */
export async function push(file: string | undefined, options: StoredOptions, terminal: Terminal): Promise<void> {
  const { stdout, env } = terminal
  const named = file ?? options.file
  const { path, workflows, warnings } = await loadStorable({ file: named, cwd: process.cwd(), env }).catch(
    (error: unknown) => {
      throw error instanceof WorkflowFileError ? new UsageError(error.message, { cause: error }) : error
    },
  )
  for (const warning of warnings) warn(warning, terminal)
  await withStore(terminal, async (store) => {
    const shared = sharedStore(store)
    await pushWorkflows(workflows, shared)
    const { location } = await shared.summary()
    const pushed = workflows.map(({ workflow }) => workflow.id)
    const unplanned = workflows.filter(({ workflow: { schedule, full_schedule } }) => !schedule && !full_schedule)
    const never = unplanned.map(({ workflow }) => workflow.id)
    const said = [
      `${printable(path)} is stored in ${printable(location)}: ${pushed.join(', ')}.`,
      ...(never.length > 0 ? [`Without a schedule, and run by workflows run alone: ${never.join(', ')}.`] : []),
    ]
    answer(stdout, options.json, { file: path, state: location, pushed }, () =>
      said.map((sentence) => wrap(sentence, textWidth(stdout))).join('\n'),
    )
  })
}

/** `workflows remove`. */
export async function remove(id: string, { json }: StoredOptions, terminal: Terminal): Promise<void> {
  await withStore(terminal, async (store) => {
    const { schedules } = sharedStore(store)
    if (!(await schedules.remove(id))) {
      const known = (await schedules.stored()).map(({ workflow_id }) => workflow_id)
      const all = known.length === 0 ? 'Nothing is stored.' : `Stored are: ${known.join(', ')}.`
      throw new UsageError(`${unknownName('stored workflow', id, known).message} ${all}`)
    }
    const kept = `is not run any more. What is known of its items stays: state reset ${id} forgets it.`
    answer(terminal.stdout, json, { workflow_id: id, removed: true }, () => printable(`${id} ${kept}`))
  })
}

function sharedStore(store: Store): SchedulingStore {
  if (keepsSchedules(store) && store.openDatabase !== null) return store
  throw new UsageError(
    'Workflows are stored in PostgreSQL alone: name one in HRFLOW_CONNECTORS_STATE. With state in SQLite one process serves a file: hrflow-connectors serve --file FILE.',
  )
}
