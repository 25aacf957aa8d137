import type { Reason, Stage } from './result.js'

/**
 * The root of every error of this library. `code` is stable and made for programs; `message` says what happened and
 * where; `hint` says what to do next. None of them holds a secret or the body of an answer.
 */
export class ConnectorError extends Error {
  readonly code: string
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

/** Something that concerns the whole run and ends it: bad parameters, bad credentials, an unknown board, unusable state. */
export class RunError extends ConnectorError {
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
  readonly attempts: number

  constructor(code: string, message: string, options: { attempts?: number; cause?: unknown } = {}) {
    super(code, message, options)
    this.attempts = options.attempts ?? 1
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

/** The store does not know this run as the holder of its workflow any more: another run has taken over. */
export class LeaseLostError extends ConnectorError {
  constructor(workflow_id: string) {
    super('lease_lost', `Another run has taken over workflow ${workflow_id}.`)
  }
}

export type HttpFailure =
  /** Answered with a status that is not 2xx. */
  | 'status'
  /** No connection, or it broke before the answer was complete. */
  | 'network'
  | 'timeout'
  /** The answer was larger than the bound. */
  | 'too_large'
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
  method: string
  route: string
  kind: HttpFailure
  /** The status that counts; null when no answer came. */
  status: number | null
  /** The service's own sentence, where its connector says that it may be shown. */
  said?: string | undefined
  retryable: boolean
  cause?: unknown
}

/** A request that did not end well. Says whether trying again may help and how often it was tried. */
export class HttpError extends ConnectorError {
  readonly service: string
  readonly kind: HttpFailure
  readonly status: number | null
  readonly said: string | undefined
  readonly retryable: boolean
  attempts = 1

  constructor(fields: HttpErrorFields) {
    const what =
      fields.kind === 'status' || fields.kind === 'redirect' ? String(fields.status) : describeFailure(fields.kind)
    const said = fields.said === undefined ? '' : ` "${fields.said}"`
    super(
      fields.kind === 'status' ? `http_${String(fields.status)}` : `http_${fields.kind}`,
      `[${fields.service}] ${fields.method} ${fields.route}: ${what}${said}.`,
      { cause: fields.cause },
    )
    this.service = fields.service
    this.kind = fields.kind
    this.status = fields.status
    this.said = fields.said
    this.retryable = fields.retryable
  }
}

function describeFailure(kind: HttpFailure): string {
  switch (kind) {
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
    default:
      return kind
  }
}

/** Failure facts of anything that was thrown in a stage. */
export function failureOf(thrown: unknown, stage: Stage): { code: string; message: string; attempts: number } {
  if (thrown instanceof HttpError || thrown instanceof ItemError) {
    return { code: thrown.code, message: sentence(thrown), attempts: thrown.attempts }
  }
  if (thrown instanceof ConnectorError) return { code: thrown.code, message: sentence(thrown), attempts: 1 }
  const message =
    thrown instanceof Error
      ? thrown.message
      : typeof thrown === 'string'
        ? thrown
        : 'a value that is not an error was thrown'
  return { code: `${stage}_error`, message, attempts: 1 }
}

function sentence(error: ConnectorError): string {
  return error.hint === undefined ? error.message : `${error.message} ${error.hint}`
}
