import type { AuditEntry } from '../../contract.js'
import { to } from '../router.js'
import { auditWord } from '../words.js'
import { Moment } from './moment.js'
import { Empty } from './page.js'
import { type Column, Table } from './table.js'

/** Who changed what by hand, newest first. */
export function AuditTable({ entries, short }: { entries: readonly AuditEntry[]; short?: boolean }) {
  if (entries.length === 0) {
    return (
      <Empty title="Nothing was changed by hand">
        <p>Whatever is started, stopped, paused, dismissed or saved from the console is listed here.</p>
      </Empty>
    )
  }
  const keyOf = ({ at, what }: AuditEntry, row: number) => `${at} ${what} ${row}`
  return <Table label="Changes by hand" columns={short ? SHORT : COLUMNS} rows={entries} keyOf={keyOf} />
}

const WHAT: Column<AuditEntry> = {
  label: 'What',
  kind: 'lead',
  cell: (entry) => (
    <>
      <span class="strong">{auditWord(entry)}</span>
      <span class="sub">{entry.detail}</span>
    </>
  ),
}

const SHORT: readonly Column<AuditEntry>[] = [
  WHAT,
  {
    label: 'When and who',
    cell: ({ at, who }) => (
      <>
        <Moment at={at} />
        <span class="sub">{who}</span>
      </>
    ),
  },
]

const COLUMNS: readonly Column<AuditEntry>[] = [
  WHAT,
  {
    label: 'Workflow',
    cell: ({ workflow_id }) =>
      workflow_id === null ? <span class="muted">–</span> : <a href={to(['workflows', workflow_id])}>{workflow_id}</a>,
  },
  { label: 'Who', cell: ({ who }) => who },
  { label: 'When', cell: ({ at }) => <Moment at={at} /> },
]
