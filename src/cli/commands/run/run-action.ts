import type { Command } from 'commander'
import { qualifiedName, summaryOf } from '../../../core/model/describe.js'
import type { Action } from '../../../core/model/flow.js'
import { execute } from '../../execution/execute.js'
import { waitOf } from '../../execution/waiting.js'
import {
  actionCommand,
  addActions,
  refuseEarlyFlags,
  requestFrom,
  secretsNote,
  type Values,
} from '../../input/action-flags.js'
import { ALLOW_LEFT_FLAG, WAIT_FLAG } from '../../input/shared-flags.js'
import { complain } from '../../input/usage.js'
import { UsageError } from '../../terminal.js'
import type { CommandLine } from '../index.js'

/** Adds `run ACTION` for every action. */
export function addRunActions(run: Command, line: CommandLine): void {
  addActions(run, (action) => runCommand(action, line))
}

/** `run ACTION`, with a flag for each pull and push parameter. */
function runCommand(action: Action, { terminal, finish }: CommandLine): Command {
  return actionCommand(action, (command) =>
    command
      .description(`${summaryOf(action)}\n\n${secretsNote(action)}`)
      .addHelpText('after', examples(action))
      .option('--dry-run', 'read and map, write nothing')
      .option(...ALLOW_LEFT_FLAG)
      .option(...WAIT_FLAG)
      .option('--json', 'print the result as one JSON document, and nothing else, to stdout'),
  ).action(async (values: Values, self: Command) => {
    refuseEarlyFlags(self)
    const json = values['json'] === true
    const { parameters, missing } = await requestFrom(action, values, terminal)
    if (missing.length > 0 && !json) throw new UsageError(missing.join('\n'))
    for (const sentence of missing) complain(sentence, terminal)
    const asked = { ...parameters, persist: values['dryRun'] !== true }
    finish(
      await execute(
        { action, parameters: asked, wait_ms: waitOf(values['wait']), allow_left: values['allowLeft'] === true },
        json,
        terminal,
      ),
    )
  })
}

/** Not wrapped by commander: they are there to be copied. */
function examples(action: Action): string {
  const run = `  hrflow-connectors run ${qualifiedName(action)} \\`
  return ['', 'Examples:', run, '    --board-key KEY --dry-run', run, '    --board-key KEY --incremental --json'].join(
    '\n',
  )
}
