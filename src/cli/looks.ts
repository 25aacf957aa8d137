import type { Command } from 'commander'
import { summaryOf } from '../core/manifest.js'
import type { Action } from '../core/run.js'
import { actionCommand, requestFrom, secretsNote, type Values } from './action-flags.js'
import { allActions, findAction, isOnlyOne } from './actions.js'
import { UsageError, type ExitCode, type Terminal } from './terminal.js'

type Finish = (code: ExitCode) => void

/** One of the commands that look before a run: `check`, `plan`, `preview`. */
interface Look {
  name: 'check' | 'plan' | 'preview'
  summary: string
  description: string
  /** How many items are shown when nothing is said; left out where the command shows none. */
  limit?: { standard: string; said: string }
  /** Whether it says itself what is missing. */
  tells_missing: boolean
  show(action: Action, parameters: Record<string, unknown>, options: Options, terminal: Terminal): Promise<ExitCode>
}

interface Options {
  limit: number
  json: boolean
}

const LOOKS: Look[] = [
  {
    name: 'check',
    summary: 'look at everything that a run would use',
    description:
      'Looks at parameters, state and both services, and says what to do. A few requests are sent, and nothing is written.',
    tells_missing: true,
    show: async (action, parameters, { json }, terminal) =>
      (await import('./check.js')).showCheck([{ workflow_id: null, action, parameters }], json, terminal),
  },
  {
    name: 'plan',
    summary: 'show what a run would change',
    description:
      'Reads both sides and shows job by job and field by field what a run would change. Nothing is written.',
    limit: { standard: '20', said: 'jobs to show' },
    tells_missing: false,
    show: async (action, parameters, options, terminal) =>
      (await import('./plan.js')).showPlan({ action, parameters }, options, terminal),
  },
  {
    name: 'preview',
    summary: 'show the first items, and what they are mapped to',
    description: 'Reads the first items and shows them beside what they are mapped to. The target is not asked.',
    limit: { standard: '3', said: 'items to read and show, each of which is a request' },
    tells_missing: false,
    show: async (action, parameters, options, terminal) =>
      (await import('./preview.js')).showPreview({ action, parameters }, options, terminal),
  },
]

/** Adds `check`, `plan` and `preview`. */
export function addLooks(program: Command, terminal: Terminal, finish: Finish): void {
  for (const look of LOOKS) addLook(program, look, terminal, finish)
}

function addLook(program: Command, look: Look, terminal: Terminal, finish: Finish): void {
  const parent = program.command(look.name).summary(look.summary).description(look.description)
  for (const action of allActions()) {
    const command = actionCommand(action)
      .summary(`${look.summary}: ${summaryOf(action)}`)
      .description(`${look.description}\n\n${secretsNote(action)}`)
    if (isOnlyOne(action)) command.alias(action.id)
    addOptions(command, look).action(async (values: Values) => {
      const options = optionsOf(look, values)
      const { parameters, missing } = await requestFrom(action, values, terminal)
      if (missing.length > 0 && !look.tells_missing) throw new UsageError(missing.join('\n'))
      finish(await look.show(action, parameters, options, terminal))
    })
    parent.addCommand(command.copyInheritedSettings(program))
  }
  addOptions(parent.argument('[action]'), look).action((name: string | undefined) => {
    if (name !== undefined) findAction(name)
    const names = allActions().map(({ own, id }) => `${own.id}.${id}`)
    throw new UsageError(`Which action? ${names.join(', ')}.`)
  })
}

function addOptions<C extends Command>(command: C, { limit }: Look): C {
  if (limit) command.option('--limit <number>', limit.said, limit.standard)
  return command.option('--json', 'print one JSON document, and nothing else, to stdout')
}

const MOST = 100_000

function optionsOf({ limit }: Look, values: Values): Options {
  const given = typeof values['limit'] === 'string' ? values['limit'] : (limit?.standard ?? '1')
  const count = /^\d{1,6}$/.test(given) ? Number(given) : 0
  if (count < 1 || count > MOST) throw new UsageError(`--limit: expected a whole number from 1 to ${MOST}.`)
  return { limit: count, json: values['json'] === true }
}
