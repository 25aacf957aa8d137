import type { Command } from 'commander'
import { FILE_FLAG, JSON_FLAG } from '../../input/shared-flags.js'
import type { CommandLine } from '../index.js'
import type { WorkflowsOptions } from './workflows.js'

/** Adds `actions`, `describe` and `workflows`. */
export function registerCatalog(program: Command, { terminal }: CommandLine): void {
  program
    .command('actions')
    .summary('list the actions')
    .option(...JSON_FLAG)
    .action(async (values: { json?: boolean }) => (await import('./actions.js')).listActions(values, terminal))
  program
    .command('describe <action>')
    .summary('show every parameter of an action')
    .option(...JSON_FLAG)
    .action(async (name: string, values: { json?: boolean }) =>
      (await import('./actions.js')).describeAction(name, values, terminal),
    )
  program
    .command('workflows')
    .summary('list the workflows of a file, and when each runs next')
    .description('Lists the workflows of a file, and when each is due next by its schedule.')
    .option(...FILE_FLAG)
    .option(...JSON_FLAG)
    .action(async (values: WorkflowsOptions) => (await import('./workflows.js')).listWorkflows(values, terminal))
}
