/** What a spreadsheet takes for a formula, and would compute. */
const FORMULA = /^[=+\-@\t\r]/

/** Rows as a file for spreadsheets: each cell quoted, and none of them a formula. */
export function csv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}

function cell(text: string): string {
  const plain = FORMULA.test(text) ? `'${text}` : text
  return `"${plain.replaceAll('"', '""')}"`
}
