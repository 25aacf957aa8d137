import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Context, Next } from 'hono'
import { getCookie } from 'hono/cookie'
import { Refused } from '../refused.js'

/** Who may use the console, and by which names it is reached. */
export interface Access {
  /** What the start address holds. */
  token: string
  /** Names of hosts besides those of this machine. */
  hosts: readonly string[]
}

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]']

const POLICY = [
  "default-src 'none'",
  ...["script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'", "font-src 'self'"],
  ...["manifest-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
].join('; ')

const HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
}

/** Says of every answer what a browser may do with it. */
export async function withHeaders(context: Context, next: Next): Promise<void> {
  await next()
  for (const [name, value] of Object.entries(HEADERS)) context.res.headers.set(name, value)
  if (!context.res.headers.has('cache-control')) context.res.headers.set('cache-control', 'no-store')
}

/**
 * Lets in who has the token. Another page that this browser shows is kept out whatever it knows: it has another origin, and a name
 * that it lets lead here is none of ours.
 */
export function guard({ token, hosts }: Access) {
  const allowed = new Set([...LOOPBACK, ...hosts].map((host) => host.toLowerCase()))
  const session = createHmac('sha256', token).update('session of the console').digest('base64url')
  return async (context: Context, next: Next): Promise<Response | undefined> => {
    const host = hostOf(context)
    if (!allowed.has(nameOf(host))) throw wrongHost(host)
    checkOrigin(context, host)
    const given = context.req.path === '/' ? context.req.query('token') : undefined
    const cookie = `hrflow_console_${portOf(host)}`
    if (given !== undefined && isSame(given, token)) {
      const kept = `${cookie}=${session}; Path=/; HttpOnly; SameSite=Strict`
      return new Response(null, { status: 303, headers: { location: '/', 'set-cookie': kept } })
    }
    if (!isSame(getCookie(context, cookie) ?? '', session)) throw notLetIn()
    await next()
    return undefined
  }
}

function hostOf(context: Context): string {
  return (context.req.header('host') ?? new URL(context.req.url).host).toLowerCase()
}

function nameOf(host: string): string {
  return host.replace(/:\d+$/, '')
}

/** Cookies know no ports: two consoles on one machine must not take each other's. */
function portOf(host: string): string {
  return /:(\d+)$/.exec(host)?.[1] ?? '0'
}

function checkOrigin(context: Context, host: string): void {
  const { method } = context.req
  const origin = context.req.header('origin')
  const site = context.req.header('sec-fetch-site')
  const isForeign = origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host)
  // To follow a link from elsewhere is no harm: it brings no cookie.
  const isPage = method === 'GET' && !context.req.path.startsWith('/api/')
  const isSent = site !== undefined && site !== 'same-origin' && site !== 'none' && !isPage
  if (isForeign || isSent) throw new Refused(403, 'foreign_origin', 'Another page may not use the console.')
  if (method === 'GET' || method === 'HEAD') return
  if (method !== 'POST') throw new Refused(403, 'bad_request', 'The console takes GET and POST alone.')
  if (context.req.header('x-requested-by') !== 'console')
    throw new Refused(403, 'not_requested', 'A change must say x-requested-by: console.')
  if (!/^application\/json(;|$)/.test(context.req.header('content-type') ?? ''))
    throw new Refused(400, 'bad_request', 'A change is sent as application/json.')
}

function isSame(given: string, wanted: string): boolean {
  const digest = (text: string) => createHmac('sha256', 'compared').update(text).digest()
  return timingSafeEqual(digest(given), digest(wanted))
}

function wrongHost(host: string): Refused {
  const said = `The console is not reached by the name ${host.slice(0, 100)}.`
  return new Refused(
    403,
    'wrong_host',
    said,
    'Name it by --allowed-host, or use the address that the command has shown.',
  )
}

function notLetIn(): Refused {
  const hint = 'Open the address that the command has shown: it holds a token.'
  return new Refused(401, 'no_token', 'Nobody is let in without a token.', hint)
}
