import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nearest } from './did-you-mean.js'

const NAMES = [
  'workflow_id',
  'pull_parameters',
  'push_parameters',
  'logics',
  'format',
  'persist',
  'incremental',
  'state',
]

describe('nearest', () => {
  it.each([
    ['workflowId', 'workflow_id'],
    ['WORKFLOW-ID', 'workflow_id'],
    ['workflow id', 'workflow_id'],
    ['pull_paramters', 'pull_parameters'],
    ['pullparameter', 'pull_parameters'],
    ['puhs_parameters', 'push_parameters'],
    ['logic', 'logics'],
    ['formt', 'format'],
    ['presist', 'persist'],
    ['incramentel', 'incremental'],
    ['stat', 'state'],
    ['tsate', 'state'],
  ])('knows what %s was meant to be', (word, meant) => {
    expect(nearest(word, NAMES)).toBe(meant)
  })

  it.each(['board', 'token', 'xyzzy', 'unrelated_name', 'stop', 'foo'])('does not guess for %s', (word) => {
    expect(nearest(word, NAMES)).toBeUndefined()
  })

  it('takes the nearer of two', () => {
    expect(nearest('push_paramters', NAMES)).toBe('push_parameters')
    expect(nearest('created_aftr', ['updated_after', 'created_after'])).toBe('created_after')
    expect(nearest('updated_aftr', ['created_after', 'updated_after'])).toBe('updated_after')
  })

  it('has nothing to offer without candidates', () => {
    expect(nearest('state', [])).toBeUndefined()
  })

  const word = fc.stringMatching(/^[a-z]{4,20}$/)

  it('finds a word again after one slip of the finger', () => {
    const slips = [
      (text: string, at: number) => text.slice(0, at) + text.slice(at + 1),
      (text: string, at: number) => `${text.slice(0, at)}q${text.slice(at)}`,
      (text: string, at: number) => `${text.slice(0, at)}q${text.slice(at + 1)}`,
      (text: string, at: number) => text.slice(0, at) + (text[at + 1] ?? '') + (text[at] ?? '') + text.slice(at + 2),
    ]
    fc.assert(
      fc.property(word, fc.nat(), fc.constantFrom(...slips), (text, where, slip) => {
        expect(nearest(slip(text, where % text.length), [text])).toBe(text)
      }),
    )
  })

  it('finds a word again whatever its case and separators', () => {
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 3 }),
        fc.constantFrom('-', ' ', '_', ''),
        (words, between) => {
          expect(nearest(words.join(between).toUpperCase(), ['zzzzzzzz', words.join('_')])).toBe(words.join('_'))
        },
      ),
    )
  })

  it('answers with one of the candidates or nothing, for any text', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }))
    fc.assert(
      fc.property(text, fc.array(fc.string()), (text, candidates) => {
        const meant = nearest(text, candidates)
        expect(meant === undefined || candidates.includes(meant)).toBe(true)
      }),
    )
  })

  it('takes no time for a text of any length', () => {
    expect(nearest('state'.repeat(100_000), NAMES)).toBeUndefined()
    expect(nearest('state', ['state'.repeat(100_000)])).toBeUndefined()
  })
})
