/** What a result says besides its numbers: each sentence once, with the number of items that it is true of. */
export class Notes {
  readonly #notes = new Map<string, number>()
  /** How many items have a field that could not be read. */
  readonly #unread = new Map<string, number>()

  /** False: it was said before. */
  add(sentence: string): boolean {
    const count = this.#notes.get(sentence) ?? 0
    this.#notes.set(sentence, count + 1)
    return count === 0
  }

  unread(field: string): void {
    this.#unread.set(field, (this.#unread.get(field) ?? 0) + 1)
  }

  /** `entity` and `target`: what is moved, and where to. */
  sentences({ entity, target }: { entity: string; target: string }): string[] {
    const notes = [...this.#notes].map(([sentence, count]) => (count === 1 ? sentence : `${sentence} (${count} items)`))
    const unread = [...this.#unread].map(([field, count]) => {
      const items = `${count} ${entity}${count === 1 ? '' : 's'}`
      return `${field} could not be read in ${items}: ${target} keeps what it has there.`
    })
    return [...notes, ...unread]
  }
}
