import type { Reason, Stage } from './result/outcome.js'
import type { ItemFailure } from './result/result.js'
import { thrownAt } from './text/thrown-at.js'

/**
 * The root of every error of this library. `code` is stable and made for programs; `message` says what happened and
 * where; `hint` says what to do next. None of them holds a secret or the body of an answer.
 */
export class ConnectorError extends Error {
  /** `snake_case`, stable. */
  readonly code: string
  /** What to do next, a sentence. */
  readonly hint: string | undefined

  constructor(code: string, message: string, options: { hint?: string | undefined; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.name = new.target.name
    this.code = code
    this.hint = options.hint
  }
}

/** A connector, warehouse or flow was put together wrongly. Thrown when it is defined: a programming error. */
export class DefinitionError extends ConnectorError {
  constructor(message: string) {
    super('bad_definition', message)
  }
}

/** Something that concerns the whole run and ends it: bad parameters, bad credentials, an unknown place, unusable state. */
export class RunError extends ConnectorError {
  /** The reason of the result: `read_failure` for what an origin says, `write_failure` for a target. */
  readonly reason: Reason

  constructor(
    reason: Reason,
    code: string,
    message: string,
    options: { hint?: string | undefined; cause?: unknown } = {},
  ) {
    super(code, message, options)
    this.reason = reason
  }
}

/** Something that concerns one item; the run goes on. */
export class ItemError extends ConnectorError {
  /** How often it was tried. */
  readonly attempts: number
  /** Trying again does not help before the item changes. */
  readonly isFinal: boolean

  constructor(code: string, message: string, options: { attempts?: number; cause?: unknown; final?: boolean } = {}) {
    super(code, message, options)
    this.attempts = options.attempts ?? 1
    this.isFinal = options.final === true
  }
}

/** The item was listed and is there no longer. */
export class GoneError extends ConnectorError {
  constructor(reference: string) {
    super('gone', `${reference} was listed and then deleted.`)
  }
}

/** The listing cannot be read to its end. What was listed before is delivered; the cursor stays. */
export class ListError extends ConnectorError {}

/** The run was told to end while this was waiting or in flight. */
export class StoppedError extends ConnectorError {
  constructor() {
    super('stopped', 'The run ended first.')
  }
}

/** Aborts a run to make way for others: given as the reason of its signal, the run ends as `yielded`. */
export class YieldError extends ConnectorError {
  constructor() {
    super('yielded', 'Others wait for the same account.')
  }
}

/** The store does not know this run as the holder of its workflow any more: another run has taken over. */
export class LeaseLostError extends ConnectorError {
  constructor(workflow_id: string) {
    super('lease_lost', `Another run has taken over workflow ${workflow_id}.`)
  }
}

/** State cannot be kept: the place cannot be opened, read or written, or is of a newer version. */
export class StateError extends ConnectorError {}

/** Something that is wrong in a workflow file, and where, as far as that can be told. */
export interface FileProblem {
  message: string
  line: number | null
  column: number | null
}

/** A workflow file cannot be used. The message names every problem with its place; none repeats a secret's value. */
export class WorkflowFileError extends ConnectorError {
  readonly path: string
  readonly problems: readonly FileProblem[]

  constructor(path: string, problems: readonly FileProblem[], message: string, code = 'bad_workflow_file') {
    super(code, message)
    this.path = path
    this.problems = problems
  }
}

/** How a request failed. */
export type HttpFailure =
  /** Answered with a status that is not 2xx. */
  | 'status'
  /** No connection, or it broke before the answer was complete. */
  | 'network'
  | 'timeout'
  /** The answer was larger than the bound. */
  | 'too_large'
  /** Not the service's word: a web page or a sentence of something in between, whatever the status. */
  | 'blocked'
  /** 2xx, but no JSON. */
  | 'not_json'
  /** JSON, but not what was asked for. */
  | 'unusable'
  /** 2xx, but older than what was already known. */
  | 'stale'
  /** 3xx: redirects are not followed, a token must not travel. */
  | 'redirect'

export interface HttpErrorFields {
  service: string
  /** As people call it. Default: `service`. */
  name?: string
  method: string
  route: string
  kind: HttpFailure
  /** The status that counts; null when no answer came. */
  status: number | null
  /** The service's own sentence, where its connector says that it may be shown. */
  said?: string | undefined
  retryable: boolean
  cause?: unknown
  /** The proxy it went through, if it went through one: host and port. */
  via?: string | undefined
}

/** A request that did not end well. Says whether trying again may help and how often it was tried. */
export class HttpError extends ConnectorError {
  /** The id of the service that was asked. */
  readonly service: string
  /** How it failed. */
  readonly kind: HttpFailure
  /** The status that counts; null when no answer came. */
  readonly status: number | null
  /** The service's own sentence, where its connector lets it be shown. */
  readonly said: string | undefined
  /** Whether another attempt may help. */
  readonly retryable: boolean
  /** How often it was sent. */
  attempts = 1

  constructor(fields: HttpErrorFields) {
    const said = fields.said === undefined ? '' : ` "${fields.said}"`
    const what = describeFailure(fields)
    super(codeOf(fields), `[${fields.service}] ${fields.method} ${fields.route}: ${what}${said}.`, {
      cause: fields.cause,
      hint: advice(fields),
    })
    this.service = fields.service
    this.kind = fields.kind
    this.status = fields.status
    this.said = fields.said
    this.retryable = fields.retryable
  }
}

function codeOf({ kind, status }: HttpErrorFields): string {
  if (kind === 'blocked') return 'blocked'
  return kind === 'status' ? `http_${String(status)}` : `http_${kind}`
}

/** What to do next about a failed request. */
function advice({ kind, status, cause, via }: HttpErrorFields): string {
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? ` (${cause.code})` : ''
  switch (kind) {
    case 'network':
      return via === undefined
        ? `Check the network and the address of the service${code}, then run again.`
        : `Check the proxy ${via}, the network and the address of the service${code}, then run again.`
    case 'timeout':
      return 'Run again later, or give it more time with http.attempt_timeout_ms.'
    case 'too_large':
      return 'Raise http.max_body_bytes if answers may be that large.'
    case 'blocked':
      if (status === 407) return 'The proxy asks for user and password: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT.'
      return 'Check the network: a proxy, a firewall, a login page or a challenge of a CDN answers in its place.'
    case 'redirect':
      return 'Redirects are not followed: check the address of the service.'
    case 'status':
      return adviceForStatus(status ?? 0)
    default:
      return 'Run again later; if it stays, check the address of the service.'
  }
}

function adviceForStatus(status: number): string {
  if (status === 429) return 'Other programs use the same limit: run again later.'
  if (status === 401 || status === 403) return 'Check the credentials and what they permit.'
  return status >= 500
    ? 'The service failed: run again later.'
    : 'The service refuses this request: see its message, if there is one.'
}

function describeFailure({ kind, status, service, name = service }: HttpErrorFields): string {
  switch (kind) {
    case 'status':
    case 'redirect':
      return String(status)
    case 'blocked':
      return `something between here and ${name} answered (${String(status)}, no JSON)`
    case 'network':
      return 'the connection failed or broke'
    case 'timeout':
      return 'no answer in time'
    case 'too_large':
      return 'the answer is too large'
    case 'not_json':
      return 'the answer is not JSON'
    case 'unusable':
      return 'the answer is not what was asked for'
    case 'stale':
      return 'the answer is older than the list'
  }
}

const LONGEST_MESSAGE = 2_000

/** Failure facts of anything that was thrown in a stage: a user's function may throw what it likes. */
export function failureOf(thrown: unknown, stage: Stage): Omit<ItemFailure, 'reference' | 'stage'> {
  if (thrown instanceof ConnectorError) {
    const attempts = thrown instanceof HttpError || thrown instanceof ItemError ? thrown.attempts : 1
    const message = thrown.hint === undefined ? thrown.message : `${thrown.message} ${thrown.hint}`
    return { code: thrown.code, message, attempts }
  }
  const at = thrownAt(thrown)
  const failure = { code: `${stage}_error`, message: messageOf(thrown).slice(0, LONGEST_MESSAGE), attempts: 1 }
  return at === null ? failure : { ...failure, at }
}

/** Whether trying again is pointless until the item, the mapping or somebody's mind changes. */
export function isFinal(thrown: unknown, stage: Stage): boolean {
  const refused =
    thrown instanceof HttpError && (thrown.status === 400 || thrown.status === 413 || thrown.status === 422)
  const final = thrown instanceof ItemError && thrown.isFinal
  return final || stage === 'format' || (stage === 'write' && refused)
}

/** The message of whatever was thrown; never throws itself, as a getter may. */
export function messageOf(thrown: unknown): string {
  try {
    if (typeof thrown === 'string' && thrown !== '') return thrown
    const message: unknown = typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, 'message') : undefined
    if (typeof message === 'string' && message.trim() !== '') return message
    if (thrown instanceof Error && thrown.name !== 'Error') return `${thrown.name} without a message`
  } catch {
    // A getter that throws: there is nothing to be told.
  }
  return 'An error without a message was thrown.'
}

/** What a store throws, as what it means for the run. */
export async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof RunError) throw error
    if (error instanceof LeaseLostError) {
      throw new RunError('workflow_lease_lost', error.code, error.message, {
        hint: 'Nothing more was written by this run.',
        cause: error,
      })
    }
    const known = error instanceof ConnectorError ? error : undefined
    throw new RunError(
      'backend_not_configured',
      known?.code ?? 'state_unusable',
      `The state cannot be used: ${messageOf(error).replace(/\.?$/, '.')}`,
      { hint: known?.hint ?? 'Check where the state is kept and that it can be written.', cause: error },
    )
  }
}
