import type { Dispatcher } from 'undici'
import { RunError } from '../core/errors.js'
import { openAgent, openProxyAgent } from './dispatchers.js'

/** What the environment says of proxies. */
export interface ProxySettings {
  /** For `https://`: the variable and its value. */
  https?: Setting
  /** For `http://`, and for `https://` where that has none. */
  http?: Setting
  /** Hosts that are asked directly, separated by commas; `*`: all. */
  none?: string
}

interface Setting {
  variable: string
  value: string
}

/** A proxy as it may be shown. */
export interface ShownProxy {
  variable: string
  /** Host and port, without user and password. */
  host: string
}

/** At most 32 requests are in flight per side of a run; idle connections do not keep the process alive. */
const CONNECTIONS = { connections: 64, keepAliveTimeout: 10_000 }

/** Never asked of a proxy: what is meant is this machine. */
const LOOPBACK = 'localhost,127.0.0.1,[::1]'

/** Where requests go out. Throws `RunError` for a proxy that cannot be used. */
export function openDispatcher(settings: ProxySettings): Dispatcher {
  if (shownProxy(settings) === null) return openAgent(CONNECTIONS)
  const { https, http, none = '' } = settings
  return openProxyAgent({
    ...CONNECTIONS,
    // Empty, not left out: the environment is read in one place.
    httpsProxy: https === undefined ? '' : urlOf(https).href,
    httpProxy: http === undefined ? '' : urlOf(http).href,
    noProxy: none === '' ? LOOPBACK : `${none},${LOOPBACK}`,
  })
}

/** The proxy that `https://` goes through; null for none. Throws as `openDispatcher` does. */
export function shownProxy({ https, http, none = '' }: ProxySettings): ShownProxy | null {
  const setting = https ?? http
  if (setting === undefined || none.split(/[,\s]+/).includes('*')) return null
  return { variable: setting.variable, host: urlOf(setting).host }
}

/** What must never be shown of proxies: their passwords, as they stand there and as they are meant. */
export function proxySecrets({ https, http }: ProxySettings): string[] {
  return [https, http].flatMap((setting) => {
    const url = setting === undefined ? null : parsed(setting.value)
    return url === null ? [] : [url.password, decoded(url.password) ?? '']
  })
}

/** Null: it is not percent-encoded. */
function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

function urlOf({ variable, value }: Setting): URL {
  const url = parsed(value)
  if (url !== null && isProxy(url)) return url
  throw new RunError('bad_origin_parameters', 'bad_proxy', `The proxy that ${variable} names cannot be used.`, {
    hint: `Give it as http://HOST:PORT, or http://USER:PASSWORD@HOST:PORT with user and password percent-encoded, or unset ${variable}.`,
  })
}

/** A path is most often the rest of a password with a slash in it. */
function isProxy({ protocol, hostname, pathname, search, hash, username, password }: URL): boolean {
  const isPlain = ['', '/'].includes(pathname) && search === '' && hash === ''
  const isEncoded = [username, password].every((text) => decoded(text) !== null)
  return ['http:', 'https:'].includes(protocol) && hostname !== '' && isPlain && isEncoded
}

/** As other programs read it: HOST:PORT alone is http. */
function parsed(value: string): URL | null {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`
  return URL.canParse(text) ? new URL(text) : null
}
