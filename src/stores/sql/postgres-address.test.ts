import { expect, test } from 'vitest'
import { readAddress } from './postgres-address.js'

test.each([
  ['postgres://app:secret@db.example:6432/jobs', 'postgres://db.example:6432/jobs', ['secret']],
  ['postgresql://app:p%2Fw%23@[::1]/jobs', 'postgres://[::1]/jobs', ['p/w#', 'p%2Fw%23']],
  ['postgres://app:p@ss@db/jobs', 'postgres://db/jobs', ['p@ss', 'p%40ss']],
  ['postgres://app:a b@db/jobs', 'postgres://db/jobs', ['a b', 'a%20b']],
  ['postgres:///jobs?host=/run/postgresql&password=secret', 'postgres:///run/postgresql/jobs', ['secret']],
  ['postgres://db', 'postgres://db', []],
])('%s is read, and shown without what is secret', (text, location, secrets) => {
  const read = readAddress(text)
  expect(read.location).toBe(location)
  expect(new Set(read.secrets)).toEqual(new Set(secrets))
})

test.each([
  'postgres://app:/k3Yq@127.0.0.1:1/db',
  'postgres://app:k3Yq/12@127.0.0.1:1/db',
  'postgres://app:12/k3Yq/db',
  'postgres://app:12#k3Yq@h/db',
  'postgres://app:12?k3Yq@h/db',
  'postgres://ap@p:/k3Yq@h/db',
  'postgres://app:%zzk3Yq@h/db',
  'postgres://app:%ffk3Yq@h/db',
  'postgres://k3Yq+Z9:5432/db',
  'postgres://app:k3Yq@/db',
  'postgres:///db',
  'postgres://',
  'postgres://app:k3Yq@h:port/db',
])('%s is refused, and no part of it is told', (text) => {
  const read = () => readAddress(text)
  expect(read).toThrow(expect.objectContaining({ code: 'bad_state_location' }) as Error)
  expect(read).not.toThrow(/k3Yq|app|db/)
})

test.each(['prefer', 'require', 'verify-ca'])(
  'sslmode=%s is what the driver makes of it, without its warning',
  (mode) => {
    expect(readAddress(`postgres://db/jobs?sslmode=${mode}`).url).toBe('postgres://db/jobs?sslmode=verify-full')
    expect(readAddress('postgres://db/jobs?sslmode=no-verify').url).toContain('sslmode=no-verify')
  },
)
