/** How the stand-in is set up. */
export interface HrflowFakeOptions {
  /** Board keys of the workspace, 40 hex digits each. Default: one board. */
  boards?: readonly string[]
  /** Boards of another workspace: 401. Default: none. */
  foreign_boards?: readonly string[]
  /** The API key that is let in. Default: 32 zeros after the prefix of the permission. */
  api_secret?: string
  /** Email of the workspace user. Default: `owner@example.com`. */
  api_user?: string
  /** What the key may do. Default: `all`. */
  permission?: 'all' | 'read' | 'write'
  /** The clock, epoch milliseconds. Default: `Date.now`. */
  now?: () => number
  /** Media type of every answer. Default: `application/json`. */
  content_type?: string
  /** HTTP status of a created job; the code in the body is always 201. Default: 201. */
  created_status?: 200 | 201
  /** Status of a missing or malformed field. Default: 400, as users report; 422 stands in the status table. */
  validation_status?: 400 | 422
  /** Whether a location with a text and no coordinates is given some. Default: true. */
  geocode?: boolean
  /**
   * How a later GET shows dates: `rendered` as `YYYY-MM-DDTHH:MM:SS+0000`, as in recordings, or `as_sent`. Which one HrFlow
   * does with every date is not known. The answers to POST and PUT show them as they were sent. Default: `rendered`.
   */
  dates?: 'rendered' | 'as_sent'
}

/** A request as it arrived. `path` is the part below `/v1`; `body` is null where none was sent. */
export interface HrflowFakeRequest {
  at: number
  method: string
  path: string
  query: Record<string, string>
  body: unknown
  status: number
}
