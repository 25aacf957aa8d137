import { type Dispatcher, request } from 'undici'
import { messageOf } from '../core/errors.js'

/** How long a receiver may take to answer. */
const TIMEOUT_MS = 10_000

export interface Post {
  url: string
  method: 'GET' | 'POST'
  headers?: Record<string, string>
  body?: string
}

/**
 * Sends something once. Returns what went wrong in a few words without the address, which may be a secret; null: it was
 * taken. Redirects are not followed.
 */
export async function send(post: Post, dispatcher: Dispatcher, signal: AbortSignal): Promise<string | null> {
  try {
    const { statusCode, body } = await request(post.url, {
      method: post.method,
      headers: post.headers ?? {},
      body: post.body ?? null,
      dispatcher,
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    })
    await body.dump()
    return statusCode >= 200 && statusCode < 300 ? null : `it answered ${statusCode}`
  } catch (error) {
    return wordsOf(error)
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'it did not answer in time'
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return code === ''
    ? `it cannot be reached (${messageOf(error).split(' ')[0] ?? ''})`
    : `it cannot be reached (${code})`
}
