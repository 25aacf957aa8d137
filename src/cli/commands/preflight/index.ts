import type { Command } from 'commander'
import type { Values } from '../../input/action-flags.js'
import { FILE_FLAG, JSON_FLAG, SHORT_TERMS } from '../../input/shared-flags.js'
import { UsageCommand } from '../../input/usage.js'
import type { CommandLine } from '../index.js'
import type { ExplainOptions } from './explain.js'
import { addOptions, type Look } from './options.js'

const LOOKS: Look[] = [
  {
    name: 'check',
    summary: 'look at everything that a run would use, and say what to do',
    description:
      'Looks at parameters, state and both services, and says what to do. A few requests are sent, and nothing is written. Without a name: all workflows of the file.',
  },
  {
    name: 'plan',
    summary: 'show what a run would change, item by item',
    description:
      'Reads both sides and shows item by item and field by field what a run would change. Nothing is written.',
    limit: { said: 'read and compare so many items, and no more; without it all, of which 20 are shown' },
  },
  {
    name: 'preview',
    summary: 'show the first items, and what they are mapped to',
    description: 'Reads the first items and shows them beside what they are mapped to. The target is not asked.',
    limit: { standard: '3', said: 'items to read and show' },
  },
]

/** Adds `check`, `plan`, `preview` and `explain`. */
export function registerPreflight(program: Command, line: CommandLine): void {
  for (const look of LOOKS) register(program, look, line)
  program
    .command('explain <workflow> <reference>')
    .summary('tell what became of one item, and what the next run would do with it')
    .description(
      'Tells what became of one item under a workflow: what its origin says of it now, what the mapping makes of it, what is written down, what the target shows, and what the next run would do and why. Up to four requests are sent, and nothing is written.',
    )
    .option(...FILE_FLAG)
    .option(...JSON_FLAG)
    .action(async (workflow: string, reference: string, values: ExplainOptions) =>
      (await import('./explain.js')).explainItem(workflow, reference, values, line.terminal),
    )
}

/** A look at a workflow; those at actions are added when it is used. */
function register(program: Command, look: Look, line: CommandLine): void {
  const command = new UsageCommand(look.name)
    .summary(look.summary)
    .description(look.description)
    .whenUsed(async (used) => (await import('./looks.js')).addLooks(used, look, line))
  program.addCommand(command.copyInheritedSettings(program).configureHelp(SHORT_TERMS))
  command
    .usage(`${look.name === 'check' ? '[WORKFLOW]' : 'WORKFLOW'} | ACTION [options]`)
    .argument('[workflow]', 'of the workflow file')
    .option(...FILE_FLAG)
  if (look.name === 'plan') command.option('--full', 'plan a full run, even if the workflow is incremental')
  addOptions(command, look).action(async (name: string | undefined, values: Values) =>
    line.finish(await (await import('./looks.js')).lookAtWorkflow(name, look, values, line.terminal)),
  )
}
