import type { Command } from 'commander'
import { FILE_FLAG, JSON_FLAG } from '../../input/shared-flags.js'
import type { Terminal } from '../../terminal.js'
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
  registerWorkflows(program, terminal)
}

function registerWorkflows(program: Command, terminal: Terminal): void {
  const list = async (values: WorkflowsOptions) => (await import('./workflows.js')).listWorkflows(values, terminal)
  const says =
    'Lists the workflows of a file, when each is due next, and how it stands where serve runs it. Without --file, and with state in PostgreSQL, lists those that were pushed.'
  const workflows = program
    .command('workflows')
    .summary('list the workflows of a file, and when each runs next')
    .description(says)
    .option(...FILE_FLAG)
    .option(...JSON_FLAG)
    .action(list)
  workflows
    .command('list')
    .summary('likewise')
    .description(says)
    .option(...FILE_FLAG)
    .option(...JSON_FLAG)
    .action((_: unknown, command: Command) => list(command.optsWithGlobals()))
  registerStored(workflows, terminal)
  const load = () => import('./scheduled.js')
  workflows
    .command('pause <workflow>')
    .summary('keep serve from running one')
    .description('Keeps serve from running a workflow, until it is resumed. A run that is under way goes on.')
    .option(...JSON_FLAG)
    .action(async (id: string, _: unknown, command: Command) =>
      (await load()).pauseWorkflow(id, command.optsWithGlobals(), terminal),
    )
  workflows
    .command('resume <workflow>')
    .summary('let serve run it again, at once what waits for something to be mended')
    .description('Lets serve run a workflow again that was paused, or that waits after fatal runs.')
    .option(...JSON_FLAG)
    .action(async (id: string, _: unknown, command: Command) =>
      (await load()).resumeWorkflow(id, command.optsWithGlobals(), terminal),
    )
  workflows
    .command('run <workflow>')
    .summary('make it due now')
    .description('Makes a workflow due now: serve runs it as soon as its account is free.')
    .option('--full', 'read everything')
    .option(...JSON_FLAG)
    .action(async (id: string, _: unknown, command: Command) =>
      (await load()).askWorkflow(id, command.optsWithGlobals(), terminal),
    )
}

function registerStored(workflows: Command, terminal: Terminal): void {
  const load = () => import('./stored.js')
  workflows
    .command('push [file]')
    .summary('store the workflows of a file in PostgreSQL, for every process that serves')
    .description(
      'Stores the workflows of a file in PostgreSQL, in place of those of the same names. Each process that serves runs them, and fills in variables and files of its own machine.',
    )
    .option(...JSON_FLAG)
    .action(async (file: string | undefined, _: unknown, command: Command) =>
      (await load()).push(file, command.optsWithGlobals(), terminal),
    )
  workflows
    .command('remove <workflow>')
    .summary('take a stored workflow away')
    .description('Takes a stored workflow away. A run that is under way goes on; what is known of its items stays.')
    .option(...JSON_FLAG)
    .action(async (id: string, _: unknown, command: Command) =>
      (await load()).remove(id, command.optsWithGlobals(), terminal),
    )
}
