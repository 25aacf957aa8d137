/** `1 job`, `12 jobs`. */
export function countOf(count: number, entity: string): string {
  return `${count} ${entity}${count === 1 ? '' : 's'}`
}
