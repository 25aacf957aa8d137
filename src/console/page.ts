import { readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { Context, Hono } from 'hono'

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
}

/** A name that is safe to look for: parts of letters, digits, dashes, underscores and single dots. */
const PATH = /^(?:\/[\w-]+(?:\.[\w-]+)*)+$/

/** Their names hold a hash of what is in them. */
const HASHED = /^\/assets\//
const YEAR_S = 365 * 24 * 3_600

/** Serves the page that was built: its files, and for every other path itself, as it reads the path. */
export function addPage(app: Hono, folder: string): void {
  app.get('*', async (context) => (await fileAt(context, folder)) ?? (await indexOf(context, folder)))
}

async function fileAt(context: Context, folder: string): Promise<Response | null> {
  const { path } = context.req
  const type = TYPES[extname(path)]
  if (type === undefined || !PATH.test(path)) return null
  const file = join(folder, path)
  const found = await stat(file).catch(() => null)
  if (found?.isFile() !== true) return context.text('There is no such file.\n', 404)
  const cache = HASHED.test(path) ? `private, max-age=${YEAR_S}, immutable` : 'no-cache'
  return bytes(context, await readFile(file), { 'content-type': type, 'cache-control': cache })
}

async function indexOf(context: Context, folder: string): Promise<Response> {
  const text = await readFile(join(folder, 'index.html')).catch(() => null)
  if (text === null)
    return context.text(
      'The page of the console was not built. Build it: npm run build. Its answers are below /api.\n',
      503,
    )
  return bytes(context, text, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' })
}

function bytes(context: Context, buffer: Buffer, headers: Record<string, string>): Response {
  return context.body(new Uint8Array(buffer), 200, headers)
}
