import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { registry } from '../../connectors/index.js'
import { scopeOf } from '../state/scope.js'
import type { Action } from './flow.js'
import { type Checked, checkRequest, groupsOf, type RunRequest, secretsIn } from './request.js'

type Fields = Record<string, unknown>

function actionOf(id: string): Action {
  return registry.Workable.actions.find((action) => action.id === id)!
}

const update = actionOf('update_jobs_in_hrflow')
const create = actionOf('create_jobs_in_hrflow')
const GROUPS = ['connector_auth', 'hrflow_auth', 'pull_parameters', 'push_parameters'] as const
const FILTERS = {
  state: 'published',
  since_id: '1a',
  max_id: 'ff',
  created_after: '2026-10-01',
  updated_after: '2026-11-01',
}

/** A call that is right. */
const good = {
  workflow_id: 'acme-jobs',
  connector_auth: { api_access_token: 'wrk_token_1', subdomain: 'acme' },
  hrflow_auth: { api_secret: 'ask_secret_1', api_user: 'someone@acme.example' },
  pull_parameters: {},
  push_parameters: { board_key: 'board_1' },
  logics: null,
}

function check(input: unknown, action: Action = update): Checked {
  return checkRequest(action.flow, groupsOf(action.flow, action.own), input)
}

/** The good call, with one group changed. */
function withGroup(group: (typeof GROUPS)[number], changes: Fields): Fields {
  return { ...good, [group]: { ...good[group], ...changes } }
}

function without(fields: Fields, name: string): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => key !== name))
}

function request(input: unknown, action: Action = update): RunRequest {
  const checked = check(input, action)
  if (!checked.ok) throw new Error(`Refused: ${JSON.stringify(checked.problems)}`)
  return checked.request
}

/** What is said of each path. */
function problems(input: unknown, action: Action = update): Record<string, string> {
  const checked = check(input, action)
  if (checked.ok) throw new Error('It was not refused.')
  const said = new Map<string, string>()
  for (const { path, message } of checked.problems) {
    const before = said.get(path)
    said.set(path, before === undefined ? message : `${before} ${message}`)
  }
  return Object.fromEntries(said)
}

function reason(input: unknown): string {
  const checked = check(input)
  return checked.ok ? 'none' : checked.reason
}

describe('checkRequest', () => {
  it('takes a call that is right, with the defaults', () => {
    expect(request(good)).toEqual({
      workflow_id: 'acme-jobs',
      origin_auth: good.connector_auth,
      target_auth: good.hrflow_auth,
      pull_parameters: {},
      push_parameters: { board_key: 'board_1', edit: 'merge', on_missing: 'skip', on_left: 'keep' },
      logics: [],
      format: null,
      callback: null,
      persist: true,
      incremental: false,
    })
  })

  it('takes everything that may be given', () => {
    const logic = () => null
    const all = {
      ...good,
      pull_parameters: FILTERS,
      push_parameters: { board_key: 'b', edit: 'replace', on_missing: 'create', on_left: 'keep' },
      logics: [logic, logic],
      format: logic,
      callback: logic,
      persist: false,
      incremental: true,
    }
    expect(request(all)).toEqual({
      workflow_id: 'acme-jobs',
      origin_auth: good.connector_auth,
      target_auth: good.hrflow_auth,
      pull_parameters: {
        ...FILTERS,
        created_after: '2026-10-01T00:00:00Z',
        updated_after: '2026-11-01T00:00:00Z',
      },
      push_parameters: all.push_parameters,
      logics: [logic, logic],
      format: logic,
      callback: logic,
      persist: false,
      incremental: true,
    })
  })

  it('leaves the input as it is', () => {
    const input = structuredClone({ ...good, pull_parameters: { updated_after: 0 } })
    const before = structuredClone(input)
    request(input)
    expect(input).toEqual(before)
  })

  it.each([null, undefined])('takes %s for what may be left out', (value) => {
    const optional = {
      pull_parameters: value,
      logics: value,
      format: value,
      callback: value,
    }
    expect(request({ ...good, ...optional })).toEqual(request(good))
    expect(
      request({ ...good, pull_parameters: { state: value, since_id: value, updated_after: value } }),
    ).toMatchObject({
      persist: true,
      incremental: false,
    })
  })

  it('takes undefined for a default, and refuses null where only a value makes sense', () => {
    expect(request({ ...good, persist: undefined, incremental: undefined })).toEqual(request(good))
    expect(problems({ ...good, persist: null, incremental: null })).toEqual({
      persist: 'expected boolean, received null.',
      incremental: 'expected boolean, received null.',
    })
    expect(reason(withGroup('push_parameters', { edit: null }))).toBe('bad_target_parameters')
  })

  it.each(['pull_parameters', 'logics'])('does not need %s', (name) => {
    expect(request(without(good, name))).toEqual(request(good))
  })

  it.each([undefined, null, 'text', 7, [], () => good])('refuses a call that is no object: %s', (input) => {
    expect(reason(input)).toBe('bad_origin_parameters')
    expect(Object.values(problems(input)).join()).toMatch(/expected object|missing/)
  })

  describe('names', () => {
    it.each([
      ['workflowId', 'workflow_id'],
      ['conector_auth', 'connector_auth'],
      ['hrflowAuth', 'hrflow_auth'],
      ['pull_paramters', 'pull_parameters'],
      ['push-parameters', 'push_parameters'],
      ['logic', 'logics'],
      ['formt', 'format'],
      ['callbak', 'callback'],
      ['presist', 'persist'],
      ['incrementel', 'incremental'],
    ])('refuses %s and asks whether %s was meant', (name, meant) => {
      expect(problems({ ...good, [name]: 'x' })).toEqual({ [name]: `unknown parameter. Did you mean ${meant}?` })
      expect(reason({ ...good, [name]: 'x' })).toBe('bad_origin_parameters')
    })

    it.each([
      ['connector_auth', 'subdomian', 'subdomain', 'bad_origin_parameters'],
      ['connector_auth', 'apiAccessToken', 'api_access_token', 'bad_origin_parameters'],
      ['pull_parameters', 'updated_aftr', 'updated_after', 'bad_origin_parameters'],
      ['pull_parameters', 'createdAfter', 'created_after', 'bad_origin_parameters'],
      ['pull_parameters', 'sinceid', 'since_id', 'bad_origin_parameters'],
      ['hrflow_auth', 'api-secret', 'api_secret', 'bad_target_parameters'],
      ['hrflow_auth', 'api_usr', 'api_user', 'bad_target_parameters'],
      ['push_parameters', 'boardKey', 'board_key', 'bad_target_parameters'],
      ['push_parameters', 'on_mising', 'on_missing', 'bad_target_parameters'],
    ] as const)('refuses %s.%s and asks whether %s was meant', (group, name, meant, because) => {
      const input = withGroup(group, { [name]: 'x' })
      expect(problems(input)).toEqual({ [`${group}.${name}`]: `unknown parameter. Did you mean ${meant}?` })
      expect(reason(input)).toBe(because)
    })

    it('says what is known where nothing is near', () => {
      expect(problems(withGroup('push_parameters', { xyzzy: 1 }))['push_parameters.xyzzy']).toBe(
        'unknown parameter. Known: board_key, edit, on_missing, on_left.',
      )
      expect(problems(withGroup('pull_parameters', { xyzzy: 1 }))['pull_parameters.xyzzy']).toBe(
        'unknown parameter. Known: state, since_id, max_id, created_after, updated_after, details.',
      )
      expect(problems({ ...good, xyzzy: 1 })['xyzzy']).toMatch(/Known: .*workflow_id.*pull_parameters/)
    })

    it('refuses any name that it does not know, in every group, whatever its value', () => {
      const known = new Set([...Object.keys(good), 'format', 'callback', 'persist', 'incremental'])
      for (const { flow } of registry.Workable.actions) {
        const schemas = [flow.from.auth, flow.to.auth, flow.read.parameters, flow.write.parameters]
        for (const schema of schemas) for (const name of Object.keys(schema.shape)) known.add(name)
      }
      const name = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', ''))
      const value = fc.constantFrom<unknown>(undefined, null, 'x', {})
      fc.assert(
        fc.property(fc.constantFrom(...GROUPS, null), name, value, (group, name, value) => {
          fc.pre(!known.has(name))
          const extra = Object.fromEntries([[name, value]])
          const input = group === null ? { ...good, ...extra } : withGroup(group, extra)
          // A spread copies `__proto__` as an own property, as JSON.parse makes it.
          expect(check(input).ok).toBe(false)
          const [problem] = Object.entries(problems(input))
          expect(problem?.[0]).toBe(group === null ? name : `${group}.${name}`)
          expect(problem?.[1]).toMatch(/^unknown parameter\./)
        }),
        { numRuns: 300 },
      )
    })

    it("knows each action's own parameters", () => {
      const enrich = withGroup('push_parameters', { enrich_with_parsing: true })
      expect(request(enrich, create).push_parameters).toMatchObject({ enrich_with_parsing: true })
      expect(problems(enrich)).toHaveProperty(['push_parameters.enrich_with_parsing'])
      expect(problems(withGroup('push_parameters', { edit: 'merge' }), create)).toHaveProperty(['push_parameters.edit'])
    })
  })

  describe('values', () => {
    it.each([
      ['publised', 'published'],
      ['Published', 'published'],
      ['drafts', 'draft'],
      ['close', 'closed'],
      ['archivd', 'archived'],
    ])('refuses the state %s and asks whether %s was meant', (state, meant) => {
      expect(problems(withGroup('pull_parameters', { state }))).toEqual({
        'pull_parameters.state': `expected one of archived, closed, draft, published. Did you mean ${meant}?`,
      })
    })

    it.each(['open', '', 7, true, ['published'], {}])('refuses the state %j and says what there is', (state) => {
      const said = problems(withGroup('pull_parameters', { state }))['pull_parameters.state']
      expect(said).toBe('expected one of archived, closed, draft, published.')
    })

    it.each([
      ['workflow_id', (value: unknown) => ({ ...good, workflow_id: value })],
      ['connector_auth.api_access_token', (value: unknown) => withGroup('connector_auth', { api_access_token: value })],
      ['connector_auth.subdomain', (value: unknown) => withGroup('connector_auth', { subdomain: value })],
      ['hrflow_auth.api_secret', (value: unknown) => withGroup('hrflow_auth', { api_secret: value })],
      ['hrflow_auth.api_user', (value: unknown) => withGroup('hrflow_auth', { api_user: value })],
      ['push_parameters.board_key', (value: unknown) => withGroup('push_parameters', { board_key: value })],
    ])('refuses %s where it is empty, missing or no text', (path, input) => {
      for (const empty of ['', '   ', '\n\t'])
        expect(problems(input(empty))[path]).toMatch(/must not be empty|expected/)
      expect(problems(input(''))[path]).toMatch(/must not be empty/)
      expect(problems(input(undefined))).toEqual({ [path]: 'missing; expected string.' })
      expect(problems(input(null))).toEqual({ [path]: 'expected string, received null.' })
      expect(problems(input(7))).toEqual({ [path]: 'expected string, received number.' })
      expect(problems(input(['x']))).toEqual({ [path]: 'expected string, received array.' })
    })

    it.each(['since_id', 'max_id'])('refuses an empty %s', (name) => {
      for (const empty of ['', ' ']) {
        expect(problems(withGroup('pull_parameters', { [name]: empty }))[`pull_parameters.${name}`]).toMatch(/empty/)
      }
    })

    it.each(['created_after', 'updated_after'])('takes a moment in any written form for %s', (name) => {
      for (const written of [
        '2026-11-01',
        '20261101T000000Z',
        '2026-11-01T01:00:00+01:00',
        1_793_491_200,
        '1793491200',
      ]) {
        const { pull_parameters } = request(withGroup('pull_parameters', { [name]: written }))
        expect(pull_parameters).toEqual({ [name]: '2026-11-01T00:00:00Z' })
      }
    })

    it.each(['created_after', 'updated_after'])('refuses what is no moment for %s, and says why', (name) => {
      const said = (value: unknown) =>
        problems(withGroup('pull_parameters', { [name]: value }))[`pull_parameters.${name}`]
      expect(said('yesterday')).toMatch(/ISO 8601.*Unix seconds/)
      expect(said('')).toMatch(/ISO 8601.*Unix seconds/)
      expect(said('2026-02-29')).toMatch(/does not exist/)
      expect(said(1_793_491_200_000)).toMatch(/milliseconds/)
      expect(said(true)).toMatch(/expected string or .*received boolean/)
      expect(said({})).toMatch(/expected string or .*received object/)
      expect(said(NaN)).toMatch(/expected/)
      expect(said(1.5)).toMatch(/expected/)
    })

    it.each([
      'acme.evil.example',
      'acme/',
      'acme.workable.com',
      'https://acme',
      'user@acme',
      'a b',
      'acme:443',
      '-acme',
      'acme-',
      'acmé',
      'a_b',
      'acme?x',
      'acme#',
      'acme%2e',
      '..',
      'a'.repeat(64),
    ])('refuses the subdomain %s: the token would go to another host', (subdomain) => {
      expect(problems(withGroup('connector_auth', { subdomain }))).toEqual({
        'connector_auth.subdomain': expect.stringMatching(/acme for https:\/\/acme\.workable\.com/) as string,
      })
    })

    it('takes a subdomain that is one DNS label, in lower case whatever its case', () => {
      for (const [given, taken] of [
        ['acme', 'acme'],
        ['ACME-2', 'acme-2'],
        ['a', 'a'],
        [' acme\n', 'acme'],
        ['a'.repeat(63), 'a'.repeat(63)],
      ]) {
        expect(request(withGroup('connector_auth', { subdomain: given })).origin_auth).toMatchObject({
          subdomain: taken,
        })
      }
    })

    it('never takes a subdomain that would change the host of its URL', () => {
      const subdomain = fc.oneof(
        fc.string(),
        fc.string({ unit: 'binary' }),
        fc.string({ unit: fc.constantFrom(...Array.from('aA0-._/@:?#%\\[]K')) }),
      )
      fc.assert(
        fc.property(subdomain, (given) => {
          const checked = check(withGroup('connector_auth', { subdomain: given }))
          if (!checked.ok) return
          const taken = String(checked.request.origin_auth['subdomain'])
          expect(new URL(`https://${taken}.workable.com/spi/v3`).host).toBe(`${taken}.workable.com`)
          expect(taken).not.toContain('.')
        }),
        { numRuns: 300 },
      )
    })

    it.each([
      ['connector_auth', 'api_access_token'],
      ['hrflow_auth', 'api_secret'],
      ['hrflow_auth', 'api_user'],
    ] as const)('refuses %s.%s with a blank or a line break inside: it would break the header', (group, name) => {
      for (const value of ['to ken', 'to\nken', 'to\r\nken: x', 'to\tken', 'tokén', 'to\u0000ken', '“token”']) {
        expect(problems(withGroup(group, { [name]: value }))).toEqual({
          [`${group}.${name}`]: expect.stringMatching(/^expected .*blanks/) as string,
        })
      }
    })

    it('takes a token with the line break that a file ends with', () => {
      const { origin_auth } = request(withGroup('connector_auth', { api_access_token: 'wrk_token\n' }))
      expect(origin_auth).toMatchObject({ api_access_token: 'wrk_token' })
    })

    it.each([{}, 'text', () => null, 7, true])('refuses logics that are no list: %s', (logics) => {
      expect(problems({ ...good, logics })['logics']).toMatch(/^expected array/)
    })

    it.each([null, undefined, 'text', 7, {}])('refuses a logic that is no function: %s', (logic) => {
      const input = { ...good, logics: [() => null, logic] }
      expect(problems(input)).toEqual({ 'logics.1': expect.stringMatching(/expected a function/) as string })
      expect(reason(input)).toBe('bad_origin_parameters')
    })

    it.each(['format', 'callback'])('refuses a %s that is no function', (name) => {
      for (const value of ['text', 7, {}, [], true]) {
        const input = { ...good, [name]: value }
        expect(problems(input)).toEqual({ [name]: 'expected a function.' })
        expect(reason(input)).toBe('bad_origin_parameters')
      }
    })

    it.each(['persist', 'incremental'])('refuses a %s that is neither true nor false', (name) => {
      for (const value of ['false', 'yes', 0, 1, {}, []]) {
        const input = { ...good, [name]: value }
        expect(problems(input)[name]).toMatch(/^expected boolean, received/)
        expect(reason(input)).toBe('bad_origin_parameters')
      }
    })

    it.each([
      ['edit', 'repalce', 'replace'],
      ['on_missing', 'skp', 'skip'],
    ])('refuses %s: %s', (name, value, meant) => {
      const input = withGroup('push_parameters', { [name]: value })
      expect(problems(input)[`push_parameters.${name}`]).toContain(`Did you mean ${meant}?`)
      expect(reason(input)).toBe('bad_target_parameters')
    })

    it('refuses a workflow_id that is too long', () => {
      expect(problems({ ...good, workflow_id: 'x'.repeat(201) })).toEqual({
        workflow_id: 'must be at most 200 characters.',
      })
    })
  })

  describe('sides', () => {
    it.each([
      ['connector_auth', 'bad_origin_parameters'],
      ['hrflow_auth', 'bad_target_parameters'],
      ['push_parameters', 'bad_target_parameters'],
    ])('refuses a call without %s: %s', (group, because) => {
      expect(problems(without(good, group))).toEqual({ [group]: 'missing; expected object.' })
      expect(problems({ ...good, [group]: null })).toEqual({ [group]: 'expected object, received null.' })
      expect(problems({ ...good, [group]: 'text' })).toEqual({ [group]: 'expected object, received string.' })
      expect(problems({ ...good, [group]: ['text'] })).toEqual({ [group]: 'expected object, received array.' })
      expect(reason(without(good, group))).toBe(because)
    })

    it('refuses pull_parameters of another kind as a fault of the origin', () => {
      for (const value of ['text', 7, [], false]) {
        expect(reason({ ...good, pull_parameters: value })).toBe('bad_origin_parameters')
      }
    })

    it('counts the parameters that are neither side’s as the origin’s', () => {
      expect(reason(without(good, 'workflow_id'))).toBe('bad_origin_parameters')
      expect(reason({ ...without(good, 'workflow_id'), push_parameters: {} })).toBe('bad_origin_parameters')
    })

    it('names everything that is wrong on both sides, and the reason is the origin’s', () => {
      const input = {
        workflow_id: '',
        connector_auth: { api_access_token: '', subdomian: 'acme' },
        hrflow_auth: { api_secret: 'a b' },
        pull_parameters: { state: 'publised', updated_after: 'yesterday', extra: 1 },
        push_parameters: { board_key: '', boardkey: 'x' },
        logics: ['x'],
        format: 1,
        callback: 2,
        persist: 'yes',
        incremental: 'no',
        extra: 1,
      }
      expect(reason(input)).toBe('bad_origin_parameters')
      expect(Object.keys(problems(input)).sort()).toEqual(
        [
          'callback',
          'connector_auth.api_access_token',
          'connector_auth.subdomain',
          'connector_auth.subdomian',
          'extra',
          'format',
          'hrflow_auth.api_secret',
          'hrflow_auth.api_user',
          'incremental',
          'logics.0',
          'persist',
          'pull_parameters.extra',
          'pull_parameters.state',
          'pull_parameters.updated_after',
          'push_parameters.board_key',
          'push_parameters.boardkey',
          'workflow_id',
        ].sort(),
      )
    })

    it('is the target’s fault only when everything that is wrong is the target’s', () => {
      const wrongOrigin = fc.constantFrom<Fields>(
        {},
        { workflow_id: '' },
        { connector_auth: {} },
        { pull_parameters: { x: 1 } },
        { persist: 1 },
        { x: 1 },
      )
      const wrongTarget = fc.constantFrom<Fields>(
        {},
        { hrflow_auth: {} },
        { push_parameters: { board_key: 1 } },
        { push_parameters: null },
      )
      fc.assert(
        fc.property(wrongOrigin, wrongTarget, (origin, target) => {
          const sides = [Object.keys(origin).length > 0, Object.keys(target).length > 0] as const
          const expected = sides[0] ? 'bad_origin_parameters' : sides[1] ? 'bad_target_parameters' : 'none'
          expect(reason({ ...good, ...origin, ...target })).toBe(expected)
        }),
      )
    })
  })

  describe('secrets', () => {
    /** Everywhere a value may be put by mistake. */
    const places: Record<string, (value: unknown) => unknown> = {
      'the call': (value) => value,
      workflow_id: (value) => ({ ...good, workflow_id: value }),
      connector_auth: (value) => ({ ...good, connector_auth: value }),
      hrflow_auth: (value) => ({ ...good, hrflow_auth: value }),
      pull_parameters: (value) => ({ ...good, pull_parameters: value }),
      push_parameters: (value) => ({ ...good, push_parameters: value }),
      logics: (value) => ({ ...good, logics: value }),
      'a logic': (value) => ({ ...good, logics: [value] }),
      format: (value) => ({ ...good, format: value }),
      persist: (value) => ({ ...good, persist: value }),
      'an unknown name': (value) => ({ ...good, extra: value }),
      'a token': (value) => withGroup('connector_auth', { api_access_token: value }),
      'a subdomain': (value) => withGroup('connector_auth', { subdomain: value }),
      'a key': (value) => withGroup('hrflow_auth', { api_secret: value }),
      'a user': (value) => withGroup('hrflow_auth', { api_user: value }),
      'a board': (value) => withGroup('push_parameters', { board_key: value }),
      'an option': (value) => withGroup('push_parameters', { edit: value }),
      'a state': (value) => withGroup('pull_parameters', { state: value }),
      'an id': (value) => withGroup('pull_parameters', { since_id: value }),
      'a moment': (value) => withGroup('pull_parameters', { updated_after: value }),
      'an unknown filter': (value) => withGroup('pull_parameters', { extra: value }),
    }

    function said(input: unknown): string {
      const checked = check(input)
      return checked.ok ? '' : checked.problems.map(({ path, message }) => `${path}: ${message}`).join('\n')
    }

    it('never repeats a value that was refused, wherever it was put', () => {
      const value = fc
        .oneof(
          fc.string({ minLength: 4 }),
          fc.string({ unit: 'binary', minLength: 4 }),
          fc.stringMatching(/^[!-~]{4,40}$/),
          fc.constantFrom(
            'publishe',
            'merg',
            'wrk\nline',
            'sk live key',
            'board_ke',
            '2026-02-30T00:00:00Z',
            '1793491200000',
          ),
        )
        .filter((value) => value.length >= 4)
      fc.assert(
        fc.property(fc.constantFrom(...Object.entries(places)), value, ([, put], value) => {
          const text = said(put(value))
          // Words of the messages themselves, such as "expected", are no secrets.
          const words = said(put('\u0001'))
          fc.pre(!words.includes(value) && !'expected a function. Did you mean published? merge'.includes(value))
          expect(text.replace(/Did you mean [a-z_]+\?/g, '')).not.toContain(value)
        }),
        { numRuns: 300 },
      )
    })

    it('never repeats a list or an object that was refused either', () => {
      const secret = 'wrk_0123456789'
      for (const [place, put] of Object.entries(places)) {
        for (const value of [[secret], { token: secret }, new Error(secret), { toString: () => secret }]) {
          expect([place, said(put(value)).includes(secret)]).toEqual([place, false])
        }
      }
    })

    it('knows the secrets of a call', () => {
      expect(secretsIn(update.flow, request(good)).sort()).toEqual([
        'ask_secret_1',
        'someone@acme.example',
        'wrk_token_1',
      ])
    })
  })
})

describe('scopeOf', () => {
  const full = {
    ...good,
    pull_parameters: FILTERS,
    push_parameters: { board_key: 'b', edit: 'merge', on_missing: 'skip', on_left: 'keep' },
  }
  const scope = (input: unknown, action: Action = update) => scopeOf(action, request(input, action)).scope

  it('differs by every pull and push parameter, the subdomain and the action', () => {
    const others = [
      full,
      ...Object.keys(FILTERS).map((name) => ({ ...full, pull_parameters: without(FILTERS, name) })),
      { ...full, pull_parameters: { ...FILTERS, state: 'draft' } },
      { ...full, pull_parameters: { ...FILTERS, since_id: '1b' } },
      { ...full, pull_parameters: { ...FILTERS, max_id: 'fe' } },
      { ...full, pull_parameters: { ...FILTERS, created_after: '2026-10-02' } },
      { ...full, pull_parameters: { ...FILTERS, updated_after: '2026-11-02' } },
      { ...full, pull_parameters: { ...FILTERS, since_id: 'ff', max_id: '1a' } },
      { ...full, push_parameters: { ...full.push_parameters, board_key: 'c' } },
      { ...full, push_parameters: { ...full.push_parameters, edit: 'replace' } },
      { ...full, push_parameters: { ...full.push_parameters, on_missing: 'create' } },
      { ...full, connector_auth: { ...good.connector_auth, subdomain: 'other' } },
    ]
    const scopes = others.map((input) => scope(input))
    scopes.push(scope(good, update), scope(good, create), scope(good, actionOf('archive_jobs_in_hrflow')))
    expect(new Set(scopes).size).toBe(scopes.length)
    const same = request(full)
    expect(scopeOf(create, same).scope).not.toBe(scopeOf(update, same).scope)
  })

  it('is the same for another token, key or user, workflow, logic, format and way to run', () => {
    const others = [
      { connector_auth: { ...good.connector_auth, api_access_token: 'renewed' } },
      { hrflow_auth: { api_secret: 'renewed', api_user: 'other@acme.example' } },
      { workflow_id: 'other' },
      { logics: [() => null] },
      { format: () => null },
      { callback: () => null },
      { persist: false },
      { incremental: true },
    ]
    for (const change of others) expect(scope({ ...full, ...change })).toBe(scope(full))
  })

  it('is the same in whatever order and form the parameters are written', () => {
    const shuffled = (fields: Fields) =>
      fc
        .shuffledSubarray(Object.entries(fields), { minLength: Object.keys(fields).length })
        .map((list) => Object.fromEntries(list))
    fc.assert(
      fc.property(
        shuffled(full),
        shuffled(full.pull_parameters),
        shuffled(full.push_parameters),
        (call, pull, push) => {
          expect(scope({ ...call, pull_parameters: pull, push_parameters: push })).toBe(scope(full))
        },
      ),
    )
    const moments = ['2026-11-01T00:00:00Z', '20261101', '2026-11-01T02:00:00+02:00', 1_793_491_200]
    const scopes = moments.map((updated_after) => scope({ ...full, pull_parameters: { ...FILTERS, updated_after } }))
    expect(new Set([...scopes, scope(full)]).size).toBe(1)
    expect(scope({ ...full, connector_auth: { ...good.connector_auth, subdomain: ' ACME ' } })).toBe(scope(full))
  })

  it.each(['state', 'since_id', 'max_id', 'created_after', 'updated_after'])(
    'is the same for a filter %s of null and none at all',
    (name) => {
      expect(scope({ ...good, pull_parameters: { [name]: null } })).toBe(scope(good))
      expect(scope({ ...good, pull_parameters: null })).toBe(scope(good))
    },
  )

  it.each([
    ['edit', 'merge'],
    ['on_missing', 'skip'],
  ])('is the same for %s left out and its default %s: they mean the same', (name, value) => {
    expect(scope(withGroup('push_parameters', { [name]: value }))).toBe(scope(good))
  })

  it('shows nothing of what it is made of', () => {
    expect(scope(full)).toMatch(/^[0-9a-f]{32}$/)
  })
})
