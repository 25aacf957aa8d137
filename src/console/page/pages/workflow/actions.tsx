import { useRef } from 'preact/hooks'
import type { RunStart, WorkflowLine } from '../../../contract.js'
import { post } from '../../api.js'
import { say } from '../../notices.js'
import type { Question } from '../../parts/ask.js'
import { go, to } from '../../router.js'

interface ActionsProps {
  line: WorkflowLine
  incremental: boolean
  ask: (question: Question) => void
  changed: () => void
}

/** What can be done with a workflow. Each of it asks first. */
export function WorkflowActions({ line, incremental, ask, changed }: ActionsProps) {
  const { workflow_id, running, defined, paused, next_run_at, next_full_at } = line
  const options = useRef<RunStart>({ kind: 'run' })
  const start = (kind: RunStart['kind']) => {
    options.current = { kind }
    const set = (more: Partial<RunStart>) => {
      options.current = { ...options.current, ...more }
    }
    ask({
      ...STARTS[kind](line, incremental),
      fields:
        kind === 'dry' || kind === 'plan' ? (
          <LimitField set={set} />
        ) : (
          <AllowLeftField isHeld={line.condition === 'held'} set={set} />
        ),
      act: () => startRun(workflow_id, options.current),
    })
  }
  const closed = !defined || running !== null
  // Only what serve plans can be paused.
  const isServed = paused || next_run_at !== null || next_full_at !== null
  return (
    <>
      {running?.run_id && (
        <a class="button primary" href={to(['runs', running.run_id])}>
          {running.live ? 'Watch the run' : 'See the run'}
        </a>
      )}
      <button type="button" class={running ? '' : 'primary'} disabled={closed} onClick={() => start('run')}>
        Run now
      </button>
      {incremental && (
        <button type="button" disabled={closed} onClick={() => start('full')}>
          Full run
        </button>
      )}
      <button type="button" disabled={!defined} onClick={() => start('plan')}>
        Plan
      </button>
      <button type="button" disabled={!defined} onClick={() => start('dry')}>
        Dry run
      </button>
      {isServed && (
        <button type="button" onClick={() => ask(paused ? resuming(line, changed) : pausing(line, changed))}>
          {paused ? 'Resume' : 'Pause'}
        </button>
      )}
    </>
  )
}

type Asked = Omit<Question, 'act' | 'fields'>

const STARTS: Record<RunStart['kind'], (line: WorkflowLine, incremental: boolean) => Asked> = {
  run: ({ workflow_id, from, to: target }, incremental) => ({
    title: `Run ${workflow_id} now?`,
    said: [
      incremental ? `What changed in ${from} since the last run is read.` : `All jobs of ${from} are read.`,
      `What differs is written to ${target}.`,
      'The run can be stopped; what is done by then stays done.',
    ],
    yes: 'Run it now',
  }),
  full: ({ workflow_id, from, to: target }) => ({
    title: `Run ${workflow_id} in full?`,
    said: [
      `Everything in ${from} is read again, which takes longer than an ordinary run.`,
      `What was edited by hand in ${target} is healed, where the workflow owns it.`,
      'The run can be stopped; what is done by then stays done.',
    ],
    yes: 'Run it in full',
  }),
  dry: ({ workflow_id, from, to: target }) => ({
    title: `Try ${workflow_id} without writing?`,
    said: [`Jobs of ${from} are read and mapped. Nothing is written to ${target}, and no state is changed.`],
    yes: 'Start the dry run',
  }),
  plan: ({ workflow_id, from, to: target }) => ({
    title: `Plan what a run of ${workflow_id} would change?`,
    said: [`Jobs of ${from} are read, mapped and compared with ${target}, field by field. Nothing is written.`],
    yes: 'Make the plan',
  }),
}

/** Starts a run and goes to where it is watched. */
export async function startRun(workflow_id: string, start: RunStart): Promise<void> {
  const { run_id } = await post('started', `/workflows/${encodeURIComponent(workflow_id)}/runs`, start)
  say(`${SAID[start.kind]} of ${workflow_id} has begun.`)
  go(to(start.kind === 'plan' ? ['runs', run_id, 'plan'] : ['runs', run_id]))
}

const SAID: Record<RunStart['kind'], string> = {
  run: 'A run',
  full: 'A full run',
  dry: 'A dry run',
  plan: 'The plan',
}

interface FieldProps {
  set: (more: Partial<RunStart>) => void
}

function LimitField({ set }: FieldProps) {
  return (
    <div class="field">
      <label for="ask-limit">At most so many jobs</label>
      <input
        id="ask-limit"
        type="number"
        min="1"
        placeholder="all of them"
        onInput={({ currentTarget: { valueAsNumber } }) => {
          set(Number.isInteger(valueAsNumber) ? { limit: valueAsNumber } : {})
        }}
      />
    </div>
  )
}

/** Whether a run may archive what was held back is asked where something is. */
export function AllowLeftField({ isHeld, set }: FieldProps & { isHeld: boolean }) {
  if (!isHeld) return null
  return (
    <label class="check">
      <input type="checkbox" onChange={({ currentTarget: { checked } }) => set({ allow_left: checked })} />
      <span>
        Archive what is held back, too. Look at the plan first: too many jobs left at once, which may be a mistake in
        the filter or the account.
      </span>
    </label>
  )
}

function pausing({ workflow_id }: WorkflowLine, changed: () => void): Question {
  return {
    title: `Pause ${workflow_id}?`,
    said: [
      'Its schedule starts nothing until it is resumed. A run that is on its way goes on.',
      'It can still be run by hand.',
    ],
    yes: 'Pause it',
    act: async () => {
      await post('line', `/workflows/${encodeURIComponent(workflow_id)}/pause`)
      say(`${workflow_id} is paused: nothing runs it by itself until it is resumed.`)
      changed()
    },
  }
}

function resuming({ workflow_id }: WorkflowLine, changed: () => void): Question {
  return {
    title: `Resume ${workflow_id}?`,
    said: ['Its schedule starts it again. What was missed meanwhile is run once.'],
    yes: 'Resume it',
    act: async () => {
      await post('line', `/workflows/${encodeURIComponent(workflow_id)}/resume`)
      say(`${workflow_id} is resumed.`)
      changed()
    },
  }
}
