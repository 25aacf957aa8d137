import { guarded, RunError, StoppedError } from '../errors.js'
import type { Clock } from '../ports/clock.js'
import type { Holder, Lease, Store } from '../ports/store.js'

const LEASE_MS = 60_000

export interface LeaseOptions {
  store: Store
  clock: Clock
  workflow_id: string
  action: string
  holder: Holder
  isDead(process: string): boolean
  /** The workflow is held no longer. */
  onLost: (error: RunError) => void
  say: (message: string, fields: Record<string, unknown>) => void
}

/** A run's hold of its workflow. It renews itself; once it is lost the run ends and writes nothing more. */
export class HeldLease {
  readonly #options: LeaseOptions
  readonly #done = new AbortController()
  #lease: Lease
  /** By the local clock, whatever clock the store has. */
  #holdsUntil: number
  #renewing: Promise<void> | undefined

  private constructor(options: LeaseOptions, lease: Lease, since: number) {
    this.#options = options
    this.#lease = lease
    this.#holdsUntil = since + LEASE_MS
    this.#say('taken')
    void this.#keep()
  }

  /** Takes the workflow; one that is running already is a `RunError`. */
  static async take(options: LeaseOptions): Promise<HeldLease> {
    const { store, clock, workflow_id, action, holder } = options
    const since = clock.now()
    const ask = (dead?: number) => guarded(() => store.acquireLease(workflow_id, action, holder, LEASE_MS, dead))
    let answer = await ask()
    if ('since' in answer && answer.process !== null && options.isDead(answer.process)) answer = await ask(answer.epoch)
    if ('since' in answer) {
      const began = new Date(answer.since).toISOString()
      const said = `Workflow ${workflow_id} is already running: ${answer.name}, since ${began}.`
      throw new RunError('workflow_already_running', 'workflow_already_running', said, {
        hint: 'Wait for that run to end, or use another workflow_id for another set of parameters.',
      })
    }
    return new HeldLease(options, answer, since)
  }

  get current(): Lease {
    return this.#lease
  }

  /** By the local clock. */
  holds(): boolean {
    return this.#options.clock.now() < this.#holdsUntil
  }

  /** Before something is written outside: a process that slept past its lease must not go on as if it held it. */
  async confirm(): Promise<void> {
    if (this.holds()) return
    await this.#renew()
    if (!this.holds()) throw new StoppedError()
  }

  /** Gives the workflow back. What cannot be given back runs out by itself. */
  async release(): Promise<void> {
    this.#done.abort()
    await this.#options.store.releaseLease(this.#lease).then(
      () => this.#say('released'),
      () => this.#say('not released: it runs out by itself'),
    )
  }

  #renew(): Promise<void> {
    this.#renewing ??= this.#renewOnce().finally(() => (this.#renewing = undefined))
    return this.#renewing
  }

  async #renewOnce(): Promise<void> {
    const { store, clock, onLost } = this.#options
    const since = clock.now()
    try {
      this.#lease = await guarded(() => store.renewLease(this.#lease, LEASE_MS))
      this.#holdsUntil = since + LEASE_MS
      this.#say('renewed')
    } catch (error) {
      this.#say('lost')
      if (error instanceof RunError) onLost(error)
      this.#done.abort()
    }
  }

  #say(what: string): void {
    this.#options.say(`lease ${what}`, { epoch: this.#lease.epoch })
  }

  async #keep(): Promise<void> {
    const { clock } = this.#options
    const { signal } = this.#done
    for (;;) {
      await clock.sleep(LEASE_MS / 3, signal)
      if (signal.aborted) return
      await this.#renew()
    }
  }
}
