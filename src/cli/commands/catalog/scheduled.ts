import {
  type Decide,
  keepsSchedules,
  type ScheduledWorkflow,
  type ScheduleStore,
} from '../../../core/ports/schedule.js'
import { asking, pausing, resuming } from '../../../serve/decisions.js'
import { unknownName } from '../../input/usage.js'
import { answer, printable, type Terminal, UsageError } from '../../terminal.js'
import { withStore } from '../history/store.js'

export interface ScheduledOptions {
  json?: boolean
  full?: boolean
}

/** `workflows pause`. */
export async function pauseWorkflow(id: string, options: ScheduledOptions, terminal: Terminal): Promise<void> {
  await change(id, pausing, options, terminal, () => 'is paused: serve does not run it until it is resumed.')
}

/** `workflows resume`. */
export async function resumeWorkflow(id: string, options: ScheduledOptions, terminal: Terminal): Promise<void> {
  const said = ({ run_due, full_due }: ScheduledWorkflow) =>
    run_due === null && full_due === null ? 'is run again when it is due.' : 'is run again, and is due now.'
  await change(id, resuming, options, terminal, said)
}

/** `workflows run`. */
export async function askWorkflow(id: string, options: ScheduledOptions, terminal: Terminal): Promise<void> {
  const how = options.full === true ? ', and reads everything' : ''
  const said = ({ paused }: ScheduledWorkflow) =>
    paused ? 'is due now, but paused: resume it.' : `is due now${how}. serve runs it as soon as its account is free.`
  await change(id, asking(options.full === true), options, terminal, said)
}

async function change(
  id: string,
  decide: Decide,
  { json }: ScheduledOptions,
  terminal: Terminal,
  said: (workflow: ScheduledWorkflow) => string,
): Promise<void> {
  await withStore(terminal, async (store) => {
    if (!keepsSchedules(store))
      throw new UsageError('State in memory lasts no longer than one command: nothing serves it.')
    const workflow = await store.schedules.changeOne(id, decide)
    if (workflow === null) throw await unknown(id, store.schedules)
    const { workflow_id, paused, run_due, full_due } = workflow
    const done = { workflow_id, paused, due: run_due !== null || full_due !== null }
    answer(terminal.stdout, json, done, () => `${printable(id)} ${said(workflow)}`)
  })
}

async function unknown(id: string, schedules: ScheduleStore): Promise<UsageError> {
  const known = (await schedules.scheduled()).map(({ workflow_id }) => workflow_id)
  const { message } = unknownName('workflow', id, known)
  const all = known.length === 0 ? 'Nothing has been served with this state yet.' : `Served are: ${known.join(', ')}.`
  return new UsageError(`${message} ${all} What has no schedule is run by hrflow-connectors run.`)
}
