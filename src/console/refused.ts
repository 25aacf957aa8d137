import type { Refusal } from './contract.js'

/** Something was not done, and why: what the page shows. */
export class Refused extends Error {
  readonly status: 400 | 401 | 403 | 404 | 409 | 413 | 422 | 500 | 503
  readonly code: string
  readonly hint: string | null

  constructor(status: Refused['status'], code: string, message: string, hint: string | null = null) {
    super(message)
    this.status = status
    this.code = code
    this.hint = hint
  }

  get refusal(): Refusal {
    return { code: this.code, message: this.message, hint: this.hint }
  }
}

export function noWorkflow(id: string): Refused {
  return new Refused(
    404,
    'no_workflow',
    `There is no workflow ${id}.`,
    'It may have been removed. See the list of all.',
  )
}
