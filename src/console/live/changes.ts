/** That something has changed which pages show: whoever waits is told. */
export class Changes {
  #waiting: (() => void)[] = []

  tell(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }

  /** Fulfilled by the next change. */
  next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}
