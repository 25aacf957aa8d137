import { StateError } from '../../core/errors.js'
import { redactor } from '../../core/text/redact.js'

/** What went wrong with a place, as a person is told, and what a program may do about it. */
interface Trouble {
  said: string
  todo: string
  /** `clash`: others were writing the same; `away`: the database is not there at present. Both may pass. */
  passes?: 'clash' | 'away'
}

/** Told by the code of an error and its message, `CODE: message`. The first that fits counts. */
type Known = readonly (readonly [what: RegExp, trouble: Trouble])[]

const WITHOUT_IT = 'Nothing in it is needed to be correct: without it the next run reads everything once.'
const ELSEWHERE = `Or name another one in HRFLOW_CONNECTORS_STATE. ${WITHOUT_IT}`

const FILE: Known = [
  [/^(SQLITE_FULL|ENOSPC|EDQUOT)|is full/, { said: 'the disk is full', todo: 'Make room on it.' }],
  [
    /^EROFS|^SQLITE_READONLY|readonly database/,
    { said: 'it is read-only: the file, its folder or the file system', todo: 'Let this user write there.' },
  ],
  [
    /^(EACCES|EPERM|SQLITE_PERM|SQLITE_AUTH)/,
    {
      said: 'this user may not read and write there',
      todo: 'Correct the owner or the permissions of the file and its folder.',
    },
  ],
  [
    /^SQLITE_(BUSY|LOCKED)|is locked/,
    { said: 'the database is locked: another program has been writing to it for too long', todo: 'End that program.' },
  ],
  [
    /^SQLITE_NOTADB|not a database/,
    { said: 'the file is not a database', todo: 'Name another file, or move this one away.' },
  ],
  [/^SQLITE_CORRUPT|malformed/, { said: 'the database is damaged', todo: 'Move the file away.' }],
  [
    /^SQLITE_IOERR|disk I\/O error/,
    { said: 'the disk cannot be read or written', todo: 'Check it: it may be full or broken.' },
  ],
  [/^EISDIR/, { said: 'this is a folder', todo: 'Name a file in it: sqlite:/FOLDER/state.db.' }],
  [/^(ENOTDIR|EEXIST)/, { said: 'a part of the path is a file, where a folder is needed', todo: 'Correct the path.' }],
  [
    /^(ENOENT|SQLITE_CANTOPEN)|unable to open/i,
    { said: 'there is no such place, and it cannot be made', todo: 'Correct the path, or make its folder.' },
  ],
]

const ESCAPE = 'A sign such as / # ? @ % in a password must be percent-encoded.'

const SERVER: Known = [
  [/^40(001|P01):/, { said: 'others were writing the same rows again and again', todo: 'Run again.', passes: 'clash' }],
  [/^28P01:|SASL|password must be/, { said: 'the user or its password is refused', todo: `Check both. ${ESCAPE}` }],
  [
    /^28000:/,
    {
      said: 'this user is not let in from here',
      todo: 'Check the user and pg_hba.conf; a server may also ask for sslmode=require.',
    },
  ],
  [/^3D000:/, { said: 'there is no such database on the server', todo: 'Make it (createdb), or correct its name.' }],
  [
    /^53300:/,
    {
      said: 'the server has no connection left',
      todo: 'Raise max_connections or put a pooler such as PgBouncer before it; a process takes 5 at most.',
      passes: 'away',
    },
  ],
  [/^53100:/, { said: 'the disk of the server is full', todo: 'Make room on it.' }],
  [
    /^(42501|3F000):/,
    {
      said: 'the role may not do this',
      todo: 'Let it use the schema hrflow_connectors and its tables, or make it (create on the database).',
    },
  ],
  [/^25006:/, { said: 'the server is read-only', todo: 'Name the primary, not a standby.' }],
  [
    /^(42P01|42703):/,
    { said: 'its tables are not as they were made', todo: 'Drop the schema hrflow_connectors: it is made anew.' },
  ],
  [
    /does not support SSL/,
    {
      said: 'the server does not support SSL',
      todo: 'Set ssl = on there, or say sslmode=disable where the network is trusted.',
    },
  ],
  [
    /^(\w*_CERT\w*|UNABLE_TO_\w+|CERT_\w+|ERR_TLS_CERT_\w+):/,
    {
      said: 'the certificate of the server cannot be verified',
      todo: 'Name the certificate that signed it, sslrootcert=/PATH/ca.pem, or say sslmode=no-verify, which encrypts but does not verify the server.',
    },
  ],
  [
    /^(EPROTO|ERR_SSL_\w+|ERR_TLS\w*):|SSL connection/,
    { said: 'no secure connection can be made', todo: 'Check sslmode.' },
  ],
  [
    /unsupported startup parameter/,
    { said: 'the pooler refuses a setting in the address', todo: 'Leave options out of the address.' },
  ],
  [
    /^(ENOTFOUND|EAI_AGAIN|EAI_\w+):/,
    {
      said: 'the name of its host cannot be resolved',
      todo: 'Check the host, and that this machine can look names up.',
      passes: 'away',
    },
  ],
  [
    /, open '/,
    { said: 'a file that the address names cannot be read', todo: 'Check sslrootcert, sslcert and sslkey.' },
  ],
  [
    /^(ECONN\w+|EPIPE|ETIMEDOUT|EHOST\w+|ENET\w+|EADDRNOTAVAIL|ENOENT|EACCES|57P0[1235]|25P03|08\w{3}):|timeout exceeded|Connection terminated|Query read timeout|not queryable/,
    {
      said: 'the server cannot be reached, or left',
      todo: 'Check its host and port, and that it runs.',
      passes: 'away',
    },
  ],
]

const TABLES = { sqlite: FILE, postgres: SERVER }

export type Kind = keyof typeof TABLES

/** Whether an error may pass by itself, and how. */
export function passing(kind: Kind, error: unknown): Trouble['passes'] {
  return known(kind, error)?.passes
}

/**
 * A driver's error in words of our own: what drivers say, and what they throw, may repeat parts of an address. Of what is
 * not known their message is told, without `secrets`.
 */
export function stateError(kind: Kind, location: string, error: unknown, secrets: readonly string[] = []): StateError {
  const code = codeOf(error)
  const trouble = known(kind, error)
  const said = trouble?.said ?? redactor(secrets)(messageIn(error) || 'it failed without a word')
  const shown = code === '' ? '' : ` (${code})`
  const todo = trouble?.todo ?? 'Check that the place exists and can be read and written.'
  return new StateError('state_unusable', `${location}: ${said}${shown}.`, { hint: `${todo} ${ELSEWHERE}` })
}

function known(kind: Kind, error: unknown): Trouble | undefined {
  const [code, message] = [codeOf(error), messageIn(error)]
  const text = code === '' ? message : `${code}: ${message}`
  return TABLES[kind].find(([what]) => what.test(text))?.[1]
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

function messageIn(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
