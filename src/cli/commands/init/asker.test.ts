import type * as clack from '@clack/prompts'
import { describe, expect, it } from 'vitest'
import { PersonAsker, ReadingAsker } from './asker.js'

/** Prompts that are answered from a list, and keep what was asked. */
function prompts(answers: string[]) {
  const asked: string[] = []
  const answer = ({ message }: { message: string }) => {
    asked.push(message)
    return Promise.resolve(answers.shift() ?? '')
  }
  return { asked, prompts: { text: answer, select: answer } as unknown as typeof clack }
}

const questions = [
  { flag: '--subdomain', message: 'Which account?' },
  { flag: '--board-key', message: 'Which board?' },
  { flag: '--schedule', message: 'When?', standard: '' },
]

describe('a person who is asked again', () => {
  it('corrects the one answer that was wrong, and the others stay', async () => {
    const { asked, prompts: fake } = prompts(['acme', 'wrong', '', 'right'])
    const asker = new PersonAsker(fake, new Map())
    const all = async () => {
      const answers: string[] = []
      for (const question of questions) answers.push(await asker.ask(question))
      return answers
    }
    expect(await all()).toEqual(['acme', 'wrong', ''])
    asker.mend(new Set(['--board-key']))
    expect(await all()).toEqual(['acme', 'right', ''])
    expect(asked).toEqual(['Which account?', 'Which board?', 'When?', 'Which board?'])
  })

  it('has the workflow named after the account as corrected, where the proposed name was taken', async () => {
    const { prompts: fake } = prompts(['wrong', 'wrong-jobs', 'acme'])
    const asker = new PersonAsker(fake, new Map())
    const name = async () => {
      const account = await asker.ask({ flag: '--subdomain', message: 'Which account?' })
      return asker.ask({ flag: '--workflow', message: 'Which name?', standard: `${account}-jobs` })
    }
    expect(await name()).toBe('wrong-jobs')
    asker.mend(new Set(['--subdomain']))
    expect(await name()).toBe('acme-jobs')
  })

  it('reads questions and refusals in lines that end at a word', async () => {
    const shown: string[] = []
    const text = ({ message, validate }: { message: string; validate: (answer: string) => string | undefined }) => {
      shown.push(message, validate('acme') ?? '')
      return Promise.resolve('acme')
    }
    const asker = new PersonAsker({ text } as unknown as typeof clack, new Map(), 40)
    const long = 'the name of the account, as it stands in its address'
    await asker.ask({ flag: '--subdomain', message: `Subdomain: ${long}`, problem: () => `expected ${long}.` })
    expect(shown).toEqual([
      'Subdomain: the name of the account,\n   as it stands in its address',
      'expected the name of the account, as\n   it stands in its address.',
    ])
  })

  it('is asked at once for another file where one cannot be read', async () => {
    const { asked, prompts: fake } = prompts(['${file:./no-such-file}', '${NAME}'])
    const asker = new ReadingAsker(new PersonAsker(fake, new Map()), '/', {})
    expect(await asker.ask({ flag: '--token', message: 'Where is it?' })).toBe('${NAME}')
    expect(asked[1]).toBe('The file ./no-such-file cannot be read (ENOENT). Where is it?')
  })

  it('is offered what was proposed at first, not the answer that was refused', async () => {
    const offered: (string | undefined)[] = []
    const text = ({ defaultValue }: { defaultValue?: string }) => {
      offered.push(defaultValue)
      return Promise.resolve(offered.length === 1 ? '${file:./no-such-file}' : (defaultValue ?? ''))
    }
    const asker = new PersonAsker({ text } as unknown as typeof clack, new Map())
    const question = { flag: '--token', message: 'Where is it?', standard: '${TOKEN}' }
    expect(await new ReadingAsker(asker, '/', {}).ask(question)).toBe('${TOKEN}')
    expect(offered).toEqual(['${TOKEN}', '${TOKEN}'])
  })
})
