import type { Command } from 'commander'
import type { LookOptions } from '../../execution/execute.js'
import type { Values } from '../../input/action-flags.js'
import { JSON_FLAG } from '../../input/shared-flags.js'
import { UsageError } from '../../terminal.js'

/** One of the commands that look before a run. */
export interface Look {
  name: 'check' | 'plan' | 'preview'
  summary: string
  description: string
  /** How many items are shown; left out where the command shows none. Without a standard it looks at all of them. */
  limit?: { standard?: string; said: string }
}

/** Adds the flags that a look has for workflows and for actions. */
export function addOptions<C extends Command>(command: C, { limit }: Look): C {
  if (limit) command.option('--limit <number>', limit.said, limit.standard)
  return command.option(...JSON_FLAG)
}

const MOST = 100_000

/** What the flags say. Throws a `UsageError` when it is no number of items. */
export function optionsOf({ limit }: Look, values: Values): LookOptions {
  const json = values['json'] === true
  const given = typeof values['limit'] === 'string' ? values['limit'] : limit?.standard
  if (given === undefined) return { limit: null, json }
  const count = /^\d{1,6}$/.test(given) ? Number(given) : 0
  if (count < 1 || count > MOST) throw new UsageError(`--limit: expected a whole number from 1 to ${MOST}.`)
  return { limit: count, json }
}
