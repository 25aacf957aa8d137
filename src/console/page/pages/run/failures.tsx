import { useState } from 'preact/hooks'
import type { FailurePage, RunView } from '../../../contract.js'
import { useSettled } from '../../answer.js'
import { usePages, useShown } from '../../paged.js'
import { More } from '../../parts/more.js'
import { Empty, Panel, Skeleton, Trouble } from '../../parts/page.js'
import { type Column, Table } from '../../parts/table.js'
import { to } from '../../router.js'
import { count, countOf, STAGES } from '../../words.js'
import { Why } from '../workflow/pending.js'

type Failure = FailurePage['failures'][number]
type Group = RunView['groups'][number]

/** Failures of a run: what they have in common first, then each of them. */
export function FailuresPanel({ view: { run, groups, failures_total } }: { view: RunView }) {
  const [group, setGroup] = useState<Group | null>(null)
  const [text, setText] = useState('')
  const settled = useSettled(text, 300).trim()
  const query = new URLSearchParams({
    ...(group && { stage: group.stage, code: group.code }),
    ...(settled !== '' && { q: settled }),
  }).toString()
  const base = `/runs/${encodeURIComponent(run.run_id)}/failures`
  const { pages, error, reload, more: next, busy } = usePages('failures', query === '' ? base : `${base}?${query}`)
  const { rows: failures, more } = useShown(pages?.flatMap((page) => page.failures) ?? [], next, 20)
  return (
    <Panel
      title="Failures"
      flush
      aside={
        <span class="actions">
          <span class="small">{count(failures_total)} in all</span>
          <a class="button quiet" href={`/api${base}.csv`} download={`failures-${run.run_id}.csv`}>
            CSV
          </a>
          <a class="button quiet" href={`/api${base}.json`} download={`failures-${run.run_id}.json`}>
            JSON
          </a>
        </span>
      }
      foot={<More more={more} busy={busy} shown={`${countOf(failures.length, 'failure')} shown`} />}
    >
      <div class="panel-body stack">
        <Groups groups={groups} picked={group} pick={setGroup} />
        <div class="filters">
          <div class="field wide">
            <label for="failure-text">Reference or message</label>
            <input
              id="failure-text"
              type="search"
              value={text}
              onInput={(event) => setText(event.currentTarget.value)}
            />
          </div>
        </div>
      </div>
      {error && <Trouble error={error} again={reload} />}
      {!pages && !error && <Skeleton lines={3} />}
      {pages && failures.length === 0 && <Empty title="No failure is like that" />}
      {failures.length > 0 && (
        <Table
          label="Failures"
          rows={failures}
          columns={columnsOf(run.workflow_id)}
          keyOf={({ reference }, at) => `${reference ?? ''} ${at}`}
        />
      )}
    </Panel>
  )
}

interface GroupsProps {
  groups: readonly Group[]
  picked: Group | null
  pick: (group: Group | null) => void
}

/** Failures that are alike, as buttons that show them alone. */
function Groups({ groups, picked, pick }: GroupsProps) {
  return (
    <div class="actions" role="group" aria-label="Kinds of failures">
      {groups.map((group) => {
        const isPicked = picked?.stage === group.stage && picked.code === group.code
        return (
          <button
            key={`${group.stage} ${group.code}`}
            type="button"
            class={`group-button ${isPicked ? 'picked' : ''}`}
            aria-pressed={isPicked}
            onClick={() => pick(isPicked ? null : group)}
          >
            <strong>{count(group.count)}</strong> {STAGES[group.stage]} <code>{group.code}</code>
          </button>
        )
      })}
    </div>
  )
}

function columnsOf(workflow_id: string): Column<Failure>[] {
  return [
    {
      label: 'Item',
      kind: 'lead',
      cell: ({ reference, stage }) => (
        <>
          {reference === null ? (
            <span class="strong">The whole run</span>
          ) : (
            <a class="strong mono" href={to(['workflows', workflow_id, 'jobs', reference])}>
              {reference}
            </a>
          )}
          <span class="sub">{STAGES[stage]}</span>
        </>
      ),
    },
    { label: 'Why', cell: (failure) => <Why {...failure} /> },
    {
      label: 'Tried',
      cell: ({ attempts, at }) => (
        <>
          {attempts === 1 ? 'once' : `${count(attempts)} times`}
          {at && <span class="sub mono">{at}</span>}
        </>
      ),
    },
  ]
}
