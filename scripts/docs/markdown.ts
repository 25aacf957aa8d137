/** The last line of every generated page. */
export const MADE = '<!-- Made by `npm run generate`: do not edit. -->'

/** A table: a header, and a row per entry. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n')
}

/** A text that stays in its cell. */
export function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

/** A list, an entry a line. */
export function list(entries: readonly string[]): string {
  return entries.map((entry) => `- ${entry}`).join('\n')
}
