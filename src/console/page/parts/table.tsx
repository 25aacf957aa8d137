import type { ComponentChildren } from 'preact'

export interface Column<Row> {
  label: string
  cell: (row: Row) => ComponentChildren
  /** `lead` names the row, and stands above the rest where rows are stacked; `bare` has no label there. */
  kind?: 'lead' | 'bare' | 'number' | 'tight bare'
  /** Its head is for screen readers alone. */
  hidesLabel?: boolean
}

interface TableProps<Row> {
  label: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  keyOf: (row: Row, at: number) => string
  rowClass?: (row: Row) => string
}

/** A table whose rows are stacked where it is narrow. Roles are said, as they are lost with `display`. */
export function Table<Row>({ label, columns, rows, keyOf, rowClass }: TableProps<Row>) {
  return (
    <table class="table" role="table" aria-label={label}>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th key={column.label} scope="col" role="columnheader" class={column.kind ?? ''}>
              {column.hidesLabel ? <span class="unseen">{column.label}</span> : column.label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row, at) => (
          <tr key={keyOf(row, at)} role="row" class={rowClass?.(row) ?? ''}>
            {columns.map((column) => (
              <td key={column.label} role="cell" class={column.kind ?? ''} data-label={column.label}>
                <div>{column.cell(row)}</div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
