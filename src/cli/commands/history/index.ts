import type { Command } from 'commander'
import { JSON_FLAG } from '../../input/shared-flags.js'
import type { Terminal } from '../../terminal.js'
import type { CommandLine } from '../index.js'

/** What the runs before have left. Each command brings its own code: a run needs none of it. */
export function registerHistory(program: Command, { terminal }: CommandLine): void {
  program
    .command('runs [id]')
    .summary('list past runs, or show one in full')
    .description(
      'Lists past runs, newest first, with their requests to the origin and to the target. With an id, or the beginning of one, shows that run with all its failures. Dry runs are not kept.',
    )
    .option('--workflow <id>', 'show only runs of this workflow')
    .option('--limit <number>', 'how many', '20')
    .option(...JSON_FLAG)
    .action(async (id: string | undefined, values: { workflow?: string; limit?: string; json?: boolean }) => {
      const { listRuns, showRun } = await import('./runs.js')
      await (id === undefined ? listRuns(values, terminal) : showRun(id, values, terminal))
    })
  registerPending(program, terminal)
  const state = program
    .command('state')
    .summary('show where state is kept, and what is known of each workflow')
    .description('Shows where state is kept, and what is known of each workflow.')
    .option(...JSON_FLAG)
    .action(async (values: { json?: boolean }) => (await import('./state.js')).showState(values, terminal))
  state
    .command('reset <workflow>')
    .summary('forget what is known of a workflow')
    .description(
      'Forgets the cursor, the delivery records and the pending items of a workflow; run history is kept. The next run reads everything.',
    )
    .option('--yes', 'do not ask')
    .option(...JSON_FLAG)
    .action(async (workflow: string, _: unknown, command: Command) =>
      (await import('./state.js')).resetState(workflow, command.optsWithGlobals(), terminal),
    )
  state
    .command('migrate')
    .summary('bring the state, and the engine of serve in PostgreSQL, to the version of this program')
    .description(
      'Brings the state to the version of this program. In PostgreSQL it makes the tables of the engine that serve works with, or brings them to the version of the pg-boss that is installed here.',
    )
    .option(...JSON_FLAG)
    .action(async (_: unknown, command: Command) =>
      (await import('./migrate.js')).migrateState(command.optsWithGlobals(), terminal),
    )
}

function registerPending(program: Command, terminal: Terminal): void {
  const load = () => import('./pending.js')
  const pending = program
    .command('pending [workflow]')
    .summary('list items that failed and are tried again')
    .description('Lists the items that failed and are tried again by later runs.')
    .option(...JSON_FLAG)
    .action(async (workflow: string | undefined, values: { json?: boolean }) =>
      (await load()).listPending({ ...values, ...(workflow === undefined ? {} : { workflow }) }, terminal),
    )
  pending
    .command('retry [references...]')
    .summary('make them due now')
    .description(
      'Makes pending items due now, so that the next run tries them. Without a reference: all of the workflow.',
    )
    .option('--workflow <id>', 'the workflow they belong to; needed when several have pending items')
    .option(...JSON_FLAG)
    .action(async (references: string[], _: unknown, command: Command) =>
      (await load()).retryPending(references, command.optsWithGlobals(), terminal),
    )
  pending
    .command('dismiss <references...>')
    .summary('stop trying pending items until they change')
    .description('Stops trying pending items. Each is read again when it changes.')
    .option('--workflow <id>', 'the workflow they belong to; needed when several have pending items')
    .option(...JSON_FLAG)
    .action(async (references: string[], _: unknown, command: Command) =>
      (await load()).dismissPending(references, command.optsWithGlobals(), terminal),
    )
}
