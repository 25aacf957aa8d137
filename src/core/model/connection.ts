import { HttpError, messageOf } from '../errors.js'
import type { CheckLine } from './check.js'

const PROXY_CREDENTIALS = 'Give them with the address of the proxy: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT.'

const PROXY = 'Where the network asks for a proxy, name it in HTTPS_PROXY.'

/** Why a service cannot be reached, as a line; null for an answer of the service itself. */
export function connectionLine(error: unknown): CheckLine | null {
  if (!(error instanceof HttpError)) return null
  const bad = (said: string, todo: string): CheckLine => ({ what: 'reachable', verdict: 'bad', said, todo })
  switch (error.kind) {
    case 'network':
      return networkLine(codeOf(error.cause), bad)
    case 'timeout':
      return bad('No answer in time.', `Check the network and its firewall. ${PROXY}`)
    case 'blocked':
      return blockedLine(error, bad)
    case 'redirect':
    case 'not_json':
      return bad(
        `Something else answered: ${error.message}`,
        'Check the address. A proxy or a firewall may answer in place of the service.',
      )
    case 'status':
      return statusLine(error, bad)
    default:
      return bad(error.message, error.hint ?? '')
  }
}

type Bad = (said: string, todo: string) => CheckLine

/** The credentials were not looked at: nothing is said of them. */
function blockedLine(error: HttpError, bad: Bad): CheckLine {
  if (error.status === 407) return bad('A proxy asks for credentials (407).', PROXY_CREDENTIALS)
  return bad(
    `Something in between answered: ${error.message}`,
    'Check the network: a proxy, a firewall, a login page or a challenge of a CDN answers in place of the service. The credentials were not looked at.',
  )
}

function networkLine(code: string, bad: Bad): CheckLine {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return bad(
      `The host name of the service cannot be resolved (DNS, ${code}).`,
      'Check the address, and that this machine can resolve host names.',
    )
  }
  if (/CERT|SSL|TLS|SIGNATURE|EPROTO/.test(code)) {
    return bad(
      `A secure connection could not be made (TLS, ${code}).`,
      'Check the clock of this machine. Where a proxy opens connections, name its certificate in NODE_EXTRA_CA_CERTS.',
    )
  }
  if (code === 'ECONNREFUSED')
    return bad(`Nothing listens there (${code}).`, 'Check the address, and whether the service is up.')
  const shown = code === '' ? '' : ` (${code})`
  return bad(`The connection failed or broke${shown}.`, `Check the network and its firewall. ${PROXY}`)
}

function statusLine(error: HttpError, bad: Bad): CheckLine | null {
  const { status } = error
  if (status === 429) {
    return {
      what: 'rate limit',
      verdict: 'bad',
      said: 'The service refused request after request (429): others use up the limit of this account.',
      todo: 'Find the other programs that use a token of this account, then check again.',
    }
  }
  return status !== null && status >= 500 ? bad(error.message, error.hint ?? '') : null
}

/** The code of what lies at the bottom of a network error. */
function codeOf(cause: unknown): string {
  for (let at = cause, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'string' && at.code !== '') return at.code
  }
  return /certificate/i.test(messageOf(cause)) ? 'CERT' : ''
}
