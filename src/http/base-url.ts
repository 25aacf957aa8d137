import { RunError } from '../core/errors.js'
import type { HttpSession, ServiceOptions } from '../core/ports/http.js'

/** Tokens go over https, or stay on this machine. */
export function checkedBase(service: ServiceOptions, session: HttpSession): URL {
  const url = URL.canParse(service.base_url) ? new URL(service.base_url) : undefined
  const wrong = url === undefined ? 'it is not a URL' : refusalOf(url)
  if (url && wrong === undefined) return url
  const reason = session.side === 'origin' ? 'bad_origin_parameters' : 'bad_target_parameters'
  const said = `[${service.id}] The base URL cannot be used: ${wrong ?? 'it is not a URL'}.`
  throw new RunError(reason, 'bad_base_url', said, {
    hint: `Correct ${service.id.toUpperCase()}_API_URL in the environment, or base_urls.${service.id} of the call.`,
  })
}

/** Whether a URL leads to this machine. */
export function isLoopback({ hostname }: URL): boolean {
  return ['127.0.0.1', '[::1]', 'localhost'].includes(hostname)
}

/** What is wrong with a base URL; never the URL itself, which may hold credentials. */
function refusalOf(url: URL): string | undefined {
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url)))
    return 'it must begin with https://, or with http:// for this machine'
  if (url.username !== '' || url.password !== '') return 'it must not hold a user or a password'
  if (url.search !== '' || url.hash !== '') return 'it must not hold a query or a fragment'
  // A second slash would make a host of what follows it.
  return url.pathname.includes('//') ? 'its path must not hold two slashes in a row' : undefined
}
