import { GoneError, ItemError } from '../errors.js'
import type { AnyFlow } from '../model/flow.js'
import type { Listed } from '../model/read.js'
import type { DeliveryRecord } from '../ports/store.js'

const LISTED_TWICE = 'reference_listed_twice'

/**
 * References of one run that are compared with those that come later: memory must not grow with their number. Where state is
 * kept, a record tells the id of those before.
 */
const IDS_KEPT = 2_000

/** Which item a reference belongs to, where two of them lay claim to it: at the origin, or at the target. */
export class References {
  readonly #read: AnyFlow['read']
  readonly #origin: unknown
  /** The id under which a reference was listed in this run. */
  readonly #ids = new Map<string, string>()
  /** The item that has a reference at the target, where format gives another one than the origin's. */
  readonly #owners = new Map<string, string>()

  constructor(read: AnyFlow['read'], origin: unknown) {
    this.#read = read
    this.#origin = origin
  }

  /**
   * Of two items that are listed under one reference one is delivered, the same in every run: the one that was before, else
   * the one that is listed first. Throws `ItemError` for the other.
   */
  async list({ reference, id }: Listed<unknown>, record: DeliveryRecord | undefined): Promise<void> {
    if (id === null) return
    const known = this.#ids.get(reference) ?? record?.id ?? id
    if (known !== id && (this.#ids.has(reference) || (await this.#isListed(reference, known)))) {
      const said = `${reference} is listed under two ids, ${known} and ${id}: the item with the id ${known} is the one that is delivered.`
      throw new ItemError(LISTED_TWICE, said)
    }
    this.#ids.set(reference, id)
    if (this.#ids.size <= IDS_KEPT) return
    const [oldest] = this.#ids.keys()
    if (oldest !== undefined) this.#ids.delete(oldest)
  }

  /** Two items under one reference at the target would overwrite each other, run after run: `ItemError` for the second. */
  claim(reference: string, by: string): void {
    const owner = this.#owners.get(reference)
    if (owner !== undefined && owner !== by) {
      const said = `format gave the reference ${reference}, which is that of ${owner} already: each item needs its own.`
      throw new ItemError('reference_taken', said)
    }
    if (reference !== by) this.#owners.set(reference, by)
  }

  async #isListed(reference: string, id: string): Promise<boolean> {
    const found = await this.#read.find?.(this.#origin, { reference, id }).catch((error: unknown) => {
      if (error instanceof GoneError || error instanceof ItemError) return null
      throw error
    })
    return found?.id === id && found.reference === reference
  }
}

/** Whether what is known and pending under a reference is another item's. */
export function isAnothers(thrown: unknown): boolean {
  return thrown instanceof ItemError && thrown.code === LISTED_TWICE
}
