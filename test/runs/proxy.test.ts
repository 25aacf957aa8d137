// The built command behind a real proxy, with services that only the proxy can reach, over TLS.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer as createProxy, request as plainRequest, type Server } from 'node:http'
import { createServer as createTls } from 'node:https'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ACTION, cli, sandbox, temporary } from '../support/command.js'

async function listening(server: Server | ReturnType<typeof createTls>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

const HOSTS = ['workable.test', 'hrflow.test']
const folder = temporary()
const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
execFileSync(
  'openssl',
  [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert],
    ...['-subj', '/CN=workable.test', '-addext', `subjectAltName=${HOSTS.map((host) => `DNS:${host}`).join(',')}`],
  ],
  { stdio: 'ignore' },
)

// prettier-ignore

/** A sandbox behind TLS and a proxy that alone knows where the hosts are. */
async function behindProxy({ credentials, refuse }: { credentials?: string; refuse?: number } = {}) {
  const made = await sandbox(4)
  const tls = await listening(
    createTls({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
      const { method, headers, url } = request
      const forwarded = plainRequest(`${made.url}${url ?? ''}`, { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(response)
      })
      request.pipe(forwarded)
    }),
  )
  const asked: string[] = []
  const proxy = createProxy((_, response) => response.writeHead(405).end())
  proxy.on('connect', (request, socket) => {
    asked.push(request.url ?? '')
    const wanted = credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`
    const status = refuse ?? (request.headers['proxy-authorization'] === wanted ? 200 : 407)
    socket.write(`HTTP/1.1 ${status} X\r\n\r\n`)
    if (status !== 200) return void socket.end()
    const upstream = connect(tls, '127.0.0.1', () => upstream.pipe(socket).pipe(upstream))
    upstream.on('error', () => socket.destroy())
    socket.on('error', () => upstream.destroy())
  })
  const port = await listening(proxy)
  const env = {
    ...made.env,
    WORKABLE_API_URL: 'https://workable.test/workable/{subdomain}/spi/v3',
    HRFLOW_API_URL: 'https://hrflow.test/hrflow/v1',
    NODE_EXTRA_CA_CERTS: cert,
  }
  return { made, env, asked, port }
}

const RUN = ['run', ACTION, '--json', '--state', 'published']

describe('a proxy of the environment', () => {
  test.each(['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY'])('is used: %s', async (variable) => {
    const { env, asked, port } = await behindProxy()
    const { code, stdout } = await cli(RUN, { env: { ...env, [variable]: `http://127.0.0.1:${port}` } })
    expect(JSON.parse(stdout)).toMatchObject({ status: 'success', events: { read_failure: 0 } })
    expect(code).toBe(0)
    expect([...new Set(asked)].sort()).toEqual(['hrflow.test:443', 'workable.test:443'])
  })

  test('is given user and password, which are shown nowhere', async () => {
    const { env, port } = await behindProxy({ credentials: 'me:s3cr@t/word' })
    const HTTPS_PROXY = `127.0.0.1:${port}`
    const settings = {
      ...env,
      HTTPS_PROXY: `http://me:s3cr%40t%2Fword@${HTTPS_PROXY}`,
      HRFLOW_CONNECTORS_LOG_LEVEL: 'debug',
    }
    const run = await cli(RUN, { env: settings })
    expect(JSON.parse(run.stdout)).toMatchObject({ status: 'success' })
    const check = await cli(['check', ACTION], { env: settings })
    expect(check.stdout + check.stderr).toContain(`Requests go through the proxy ${HTTPS_PROXY} (HTTPS_PROXY)`)
    for (const { stdout, stderr } of [run, check]) expect(stdout + stderr).not.toMatch(/s3cr|%40t/)
  })

  test('that asks for credentials is told as that, by run and check', async () => {
    const { env, port } = await behindProxy({ credentials: 'me:right' })
    const settings = { ...env, HTTPS_PROXY: `http://me:wr0ng-one@127.0.0.1:${port}` }
    const run = await cli(RUN, { env: settings })
    expect(JSON.parse(run.stdout)).toMatchObject({ status: 'fatal', error: { code: 'blocked' } })
    expect(run.stdout).toContain('The proxy asks for user and password')
    const check = await cli(['check', ACTION], { env: settings })
    expect(check.stdout + check.stderr).toContain('A proxy asks for credentials (407)')
    for (const { stdout, stderr } of [run, check]) expect(stdout + stderr).not.toContain('wr0ng')
  })

  test('that refuses is something in between, and no word of the token', async () => {
    const { env, port } = await behindProxy({ refuse: 403 })
    const { stdout } = await cli(RUN, { env: { ...env, HTTPS_PROXY: `http://127.0.0.1:${port}` } })
    expect(JSON.parse(stdout)).toMatchObject({ status: 'fatal', error: { code: 'blocked' } })
    expect(stdout).not.toContain('api_access_token')
  })

  test('that is not there is named', async () => {
    const { env } = await behindProxy()
    const settings = { ...env, HTTPS_PROXY: 'http://127.0.0.1:9' }
    const { stdout } = await cli(RUN, { env: settings })
    expect(JSON.parse(stdout)).toMatchObject({ status: 'fatal', reason: 'read_failure' })
    expect(stdout).toContain('Check the proxy 127.0.0.1:9')
  })

  test.each([
    ...['socks5://127.0.0.1:1', 'http://', 'http://u:p4ss word@[::', 'http://127.0.0.1:99999'],
    ...['http://user:12/p4ss@127.0.0.1:1', 'http://user:p4ss%zz@127.0.0.1:1', 'http://user:1#p4ss@127.0.0.1:1'],
  ])('that cannot be used is refused with what to do: %s', async (value) => {
    const { env } = await behindProxy()
    const { stdout, stderr } = await cli(RUN, { env: { ...env, HTTPS_PROXY: value } })
    expect(JSON.parse(stdout)).toMatchObject({ status: 'fatal', error: { code: 'bad_proxy' } })
    expect(stdout).toContain('HTTPS_PROXY')
    expect(stdout + stderr).not.toContain('p4ss')
    const check = await cli(['check', ACTION], { env: { ...env, HTTPS_PROXY: value } })
    expect(check.code).not.toBe(0)
    expect(check.stdout + check.stderr).toContain('HTTPS_PROXY')
    expect(check.stdout + check.stderr).not.toContain('p4ss')
  })

  test('is not asked for hosts in NO_PROXY, nor for this machine', async () => {
    const { env, asked, port, made } = await behindProxy()
    const proxy = { HTTPS_PROXY: `http://127.0.0.1:${port}`, HTTP_PROXY: `http://127.0.0.1:${port}` }
    const direct = await cli(RUN, { env: { ...env, ...proxy, NO_PROXY: '.test' } })
    // Nobody knows these hosts.
    expect(JSON.parse(direct.stdout)).toMatchObject({ status: 'fatal', reason: 'read_failure' })
    await cli(RUN, { env: { ...env, ...proxy, no_proxy: '*' } })
    for (const settings of [proxy, { HTTPS_PROXY: 'no proxy at all' }]) {
      const local = await cli(RUN, { env: { ...made.env, ...settings } })
      expect(JSON.parse(local.stdout)).toMatchObject({ status: 'success' })
    }
    expect(asked).toEqual([])
  })
})
