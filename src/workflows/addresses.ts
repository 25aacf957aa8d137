import type { Listener, Told } from '../core/ports/schedule.js'
import { hashOf } from '../core/state/scope.js'
import type { Findings } from './file/findings.js'
import { fillIn, isPlaceholder, literalOf, PlaceholderError, placeholdersIn } from './file/placeholders.js'
import { mapOf, type Path } from './file/source.js'
import { refuseOthers } from './steps.js'

// Whom `serve` tells: addresses of a workflow file, and what is told there.

/** All that may be told of. */
export const TOLD = ['fatal', 'failures', 'overdue', 'held', 'recovered'] as const satisfies Told[]

/** Who is told of what, as the file gives it: nothing is filled in yet. */
export interface Notify {
  url: string
  on: Told[]
  /** Signs what is sent; null: it is not signed. */
  secret: string | null
}

/** Where a message goes, filled in. */
export interface NotifyTarget {
  /** As its messages name it. */
  target: string
  url: string
  secret: string | null
}

/** Those that are told, as what is decided knows them. */
export function listenersOf(notify: readonly Notify[]): Listener[] {
  return notify.map(({ url, on }) => ({ target: hashOf(url), on }))
}

/** Where an address stands, and how its text is read. */
export interface AddressFile {
  findings: Findings
  folder: string
  /** Whether `${...}` may stand in a part of a text. */
  written: boolean
}

/** `notify` of a file; what is wrong is in the findings. */
export function readNotify(given: unknown, file: AddressFile): Notify[] {
  if (given === undefined || given === null) return []
  if (!Array.isArray(given)) {
    file.findings.add(['notify'], 'expected a list, each entry of which is a map of url, on and secret.')
    return []
  }
  return given.flatMap((target: unknown, index) => readTarget(target, ['notify', index], file) ?? [])
}

function readTarget(given: unknown, path: Path, file: AddressFile): Notify | null {
  const { findings } = file
  const map = mapOf(given)
  if (!map) {
    findings.add(path, 'expected a map of url, on and secret.')
    return null
  }
  refuseOthers(map, ['url', 'on', 'secret'], path, findings)
  const url = readAddress(map['url'], [...path, 'url'], file)
  const on = readTold(map['on'], [...path, 'on'], findings)
  const secret = readSecret(map['secret'], [...path, 'secret'], file)
  return url === null ? null : { url, on, secret }
}

function readTold(given: unknown, path: Path, findings: Findings): Told[] {
  if (given === undefined || given === null) return [...TOLD]
  const list: unknown[] = Array.isArray(given) ? given : []
  const on = TOLD.filter((told) => list.includes(told))
  if (on.length === 0 || on.length !== new Set(list).size)
    findings.add(path, `expected a list of some of ${TOLD.join(', ')}.`)
  return on
}

function readSecret(given: unknown, path: Path, file: AddressFile): string | null {
  if (given === undefined || given === null) return null
  if (typeof given !== 'string' || given === '') {
    file.findings.add(path, 'expected a text.')
    return null
  }
  const literal = plain(given, path, file)
  if (literal !== null && file.written)
    file.findings.warn(path, 'a secret is written out. Keep it in a variable, ${NAME}, or in a file, ${file:/path}.')
  return given
}

/** An address, as it is given; null where there is none that could be used. */
export function readAddress(given: unknown, path: Path, file: AddressFile): string | null {
  if (typeof given !== 'string') {
    file.findings.add(path, 'expected an address that begins with https:// or http://.')
    return null
  }
  const literal = plain(given, path, file)
  if (literal !== null) checkAddress(literal, path, file.findings)
  return given
}

/** The text itself; null where something is read from elsewhere, or cannot be read. */
function plain(text: string, path: Path, { written, findings }: AddressFile): string | null {
  try {
    return written ? literalOf(text) : isPlaceholder(text) ? null : text
  } catch (error) {
    if (!(error instanceof PlaceholderError)) throw error
    findings.add(path, error.message)
    return null
  }
}

function checkAddress(address: string, path: Path, findings: Findings, from = ''): void {
  const url = URL.canParse(address) ? new URL(address) : null
  if (url === null || !['https:', 'http:'].includes(url.protocol))
    findings.add(path, `expected an address that begins with https:// or http://.${from}`)
  else if (url.username !== '' || url.password !== '')
    findings.add(path, `expected an address without user and password.${from}`)
}

/** The targets with what stands elsewhere; what is wrong is in the findings. */
export async function fillNotify(notify: readonly Notify[], file: AddressFile, env: NodeJS.ProcessEnv) {
  const filled: NotifyTarget[] = []
  for (const [index, target] of notify.entries()) {
    const at = ['notify', index]
    const url = await fillAddress(target.url, [...at, 'url'], file, env)
    const secret = target.secret === null ? null : await fill(target.secret, [...at, 'secret'], file, env)
    filled.push({ target: hashOf(target.url), url, secret })
  }
  return filled
}

/** An address with what stands elsewhere. */
export async function fillAddress(
  given: string,
  path: Path,
  file: AddressFile,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const before = file.findings.count
  const address = await fill(given, path, file, env)
  const names = placeholdersIn(given)
  const from = names.length > 0 ? ` It is read from ${names.join(', ')}.` : ''
  if (file.findings.count === before) checkAddress(address, path, file.findings, from)
  return address
}

async function fill(text: string, path: Path, file: AddressFile, env: NodeJS.ProcessEnv): Promise<string> {
  if (!file.written && !isPlaceholder(text)) return text
  try {
    return (await fillIn(text, file.folder, env)).text
  } catch (error) {
    if (!(error instanceof PlaceholderError)) throw error
    file.findings.add(path, error.message)
    return text
  }
}
