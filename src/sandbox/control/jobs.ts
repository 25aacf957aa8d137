import {
  type HrflowFake,
  type JobChange,
  withConsequences,
  type WorkableFake,
  type WorkableFakeJob,
} from '../../connectors/fakes.js'
import { nearest } from '../../core/text/did-you-mean.js'
import type { ControlJob } from './messages.js'

/** What the control address refuses, with the status it answers. */
export class Refusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export interface Found {
  account: WorkableFake
  job: WorkableFakeJob
}

/** The jobs of all accounts, and what became of them on the boards. */
export class Jobs {
  readonly accounts: readonly WorkableFake[]
  readonly hrflow: HrflowFake

  constructor(accounts: readonly WorkableFake[], hrflow: HrflowFake) {
    this.accounts = accounts
    this.hrflow = hrflow
  }

  /** Account by account in order of arrival, then what is on a board alone. */
  list({ account, state }: { account?: string | undefined; state?: string | undefined }): ControlJob[] {
    const accounts = account === undefined ? this.accounts : [this.account(account)]
    const listed = accounts.flatMap((its) => its.jobs.map((job) => this.view({ account: its, job })))
    const jobs = account === undefined ? [...listed, ...this.#onBoardsAlone()] : listed
    return state === undefined ? jobs : jobs.filter((job) => (job.state ?? 'none') === state)
  }

  account(subdomain: string | undefined): WorkableFake {
    const [first] = this.accounts
    const known = this.accounts.map((account) => account.subdomain)
    const found = subdomain === undefined ? first : this.accounts.find((account) => account.subdomain === subdomain)
    if (!found) throw new Refusal(404, `There is no account ${subdomain ?? ''}.${meant(subdomain ?? '', known)}`)
    return found
  }

  /** One job, whether an account has it still or only a board. */
  show(shortcode: string, account?: string): ControlJob {
    const ofAccounts = this.#ofAccounts(shortcode, account)
    const alone = ofAccounts.length === 0 && account === undefined ? this.onBoards(shortcode) : undefined
    return alone ?? this.view(this.find(shortcode, account))
  }

  /** A job that is on a board: the first that any account has by that reference, or what the boards tell of it. */
  onBoards(reference: string): ControlJob | undefined {
    const [first] = this.#ofAccounts(reference)
    if (first) return this.view(first)
    const boards = this.#boardsOf(reference)
    const title = boards[0]?.name
    if (title === undefined) return undefined
    return { shortcode: reference, account: null, state: null, title, updated_at: null, boards }
  }

  /** The job that an account has. Throws a `Refusal` where there is none, or more than one. */
  find(shortcode: string, account?: string): Found {
    const [found, ...others] = this.#ofAccounts(shortcode, account)
    if (!found) throw this.#noSuchJob(shortcode, account)
    if (others.length > 0) {
      const names = [found, ...others].map(({ account: { subdomain } }) => subdomain)
      throw new Refusal(409, `Several accounts have a job ${shortcode}: ${names.join(', ')}. Name one as account.`)
    }
    return found
  }

  view({ account, job }: Found): ControlJob {
    const { shortcode, state, title } = job
    const updated_at = job.updated_at ?? null
    return { shortcode, account: account.subdomain, state, title, updated_at, boards: this.#boardsOf(shortcode) }
  }

  /** Changes a job as a person would: what stays as it is gets no new `updated_at`. */
  change({ account, job }: Found, change: JobChange): { job: ControlJob; changed: boolean } {
    const patch = withConsequences(job, change)
    const changed = Object.entries(patch).some(([name, value]) => JSON.stringify(job[name]) !== JSON.stringify(value))
    if (changed) account.edit(job.shortcode, patch)
    return { job: this.show(job.shortcode, account.subdomain), changed }
  }

  #ofAccounts(shortcode: string, account?: string): Found[] {
    const accounts = account === undefined ? this.accounts : [this.account(account)]
    return accounts.flatMap((its) => {
      const job = its.job(shortcode)
      return job ? [{ account: its, job }] : []
    })
  }

  #boardsOf(reference: string): ControlJob['boards'] {
    return this.hrflow.boards.flatMap((board_key) => {
      const job = this.hrflow.job(board_key, reference)
      if (!job) return []
      return [{ board_key, name: job.name, archived_at: job.archived_at, updated_at: job.updated_at }]
    })
  }

  #onBoardsAlone(): ControlJob[] {
    const references = this.hrflow.boards.flatMap((key) => this.hrflow.jobs(key).map(({ reference }) => reference))
    return [...new Set(references)].flatMap((reference) => {
      if (reference === null || this.#ofAccounts(reference).length > 0) return []
      return this.onBoards(reference) ?? []
    })
  }

  #noSuchJob(shortcode: string, account?: string): Refusal {
    const where = account === undefined ? '' : ` in account ${account}`
    if (this.#boardsOf(shortcode).length > 0)
      return new Refusal(404, `There is no job ${shortcode} in Workable${where}; a board still has it.`)
    const accounts = account === undefined ? this.accounts : [this.account(account)]
    const known = accounts.flatMap(({ jobs }) => jobs.map((job) => job.shortcode))
    return new Refusal(404, `There is no job ${shortcode}${where}.${meant(shortcode, known)}`)
  }
}

export function meant(word: string, known: readonly string[]): string {
  const near = nearest(word, known)
  return near === undefined ? '' : ` Did you mean ${near}?`
}
