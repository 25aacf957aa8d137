import { StateError } from '../../core/errors.js'

/** The address of a database as it was given, read. */
export interface Address {
  /** For the driver. */
  url: string
  /** Without user, password and options. */
  location: string
  /** What must not be repeated. */
  secrets: string[]
}

const HOST = /^([\w.-]+|\[[\da-f:.]+\]|%2f[\w.%-]+)$/i

/** What the driver takes for `verify-full`, with a warning on stderr for each process. */
const VERIFIED = ['prefer', 'require', 'verify-ca']

/**
 * Reads `postgres://USER:PASSWORD@HOST:PORT/DATABASE`. Throws `StateError`, which repeats no part of it, where a sign that
 * nobody escaped makes it read otherwise than it was meant: what seems to be a host may be half of a password.
 */
export function readAddress(text: string): Address {
  const url = URL.canParse(text) ? new URL(text) : null
  const rest = /^\w+:\/\/[^/?#]*(.*)$/.exec(text)?.[1]
  if (url === null || rest === undefined || /[@#]/.test(rest) || /^\/[^/?]*\//.test(rest)) throw unreadable()
  const parts = [url.username, url.password, url.hostname, url.pathname, url.search].map(decoded)
  const [, password = '', , database = ''] = parts
  const { hostname, port, searchParams } = url
  const socket = searchParams.get('host')
  if (hostname === '' && socket === null) throw unreadable('names no host')
  if (hostname !== '' && !HOST.test(hostname)) throw unreadable()
  const mode = searchParams.get('sslmode')
  if (mode !== null && VERIFIED.includes(mode) && !searchParams.has('uselibpqcompat'))
    searchParams.set('sslmode', 'verify-full')
  const host = hostname === '' ? (socket ?? '') : hostname
  return {
    url: url.href,
    location: `postgres://${host}${port === '' ? '' : `:${port}`}${database}`,
    secrets: [password, url.password, searchParams.get('password') ?? ''].filter((secret) => secret !== ''),
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    // A percent sign that stands for itself.
    throw unreadable()
  }
}

function unreadable(what = 'cannot be read'): StateError {
  return new StateError('bad_state_location', `The address of the PostgreSQL state ${what}.`, {
    hint: 'Give postgres://USER:PASSWORD@HOST:PORT/DATABASE. In USER and PASSWORD a sign such as / # ? @ % must be percent-encoded: / is %2F, # is %23, ? is %3F, @ is %40, % is %25.',
  })
}
