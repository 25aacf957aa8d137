/** Of a batch there is a statement for each number of rows; a run uses a few dozen. */
const MOST = 200

/** What takes longer to make than to use, by its name: made once. When there are too many, all begins anew. */
export class Cache<V> {
  readonly #kept = new Map<string, V>()

  get(name: string, make: () => V): V {
    const known = this.#kept.get(name)
    if (known !== undefined) return known
    const made = make()
    if (this.#kept.size >= MOST) this.#kept.clear()
    this.#kept.set(name, made)
    return made
  }
}
