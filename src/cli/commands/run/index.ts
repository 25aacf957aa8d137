import type { Command } from 'commander'
import { allActions } from '../../../runtime/actions.js'
import { isOnlyOne } from '../../input/actions.js'
import {
  ALLOW_LEFT_FLAG,
  FILE_FLAG,
  JSON_FLAG,
  SHORT_TERMS,
  STANDARD_CONCURRENCY,
  WAIT_FLAG,
} from '../../input/shared-flags.js'
import type { CommandLine } from '../index.js'
import { runCommand } from './run-action.js'
import type { RunWorkflowOptions } from './run-workflows.js'

/** Adds `run`. */
export function registerRun(program: Command, { terminal, finish }: CommandLine): void {
  const run = program
    .command('run')
    .summary('run a workflow of a file, all of them, or an action')
    .description(
      'Runs a workflow of hrflow-connectors.yaml (or .yml, .ts, .mts, .js, .mjs), all of them, or an action, each pull and push parameter of which is a flag.',
    )
    .configureHelp(SHORT_TERMS)
    .usage('WORKFLOW | --all | ACTION [options]')
  for (const action of allActions()) {
    const command = runCommand(action, { terminal, finish })
    if (isOnlyOne(action)) command.alias(action.id)
    run.addCommand(command.copyInheritedSettings(program))
  }
  run
    .argument('[workflow]', 'of the workflow file')
    .option('--all', 'all workflows of the file: those of one account one after another, accounts side by side')
    .option('--concurrency <number>', `with --all: accounts at once (default: ${STANDARD_CONCURRENCY})`)
    .option(...FILE_FLAG)
    .option('--dry-run', 'read and map, write nothing')
    .option('--full', 'read everything this once, although the workflow is incremental')
    .option(...ALLOW_LEFT_FLAG)
    .option(...WAIT_FLAG)
    .option(...JSON_FLAG)
    .action(async (name: string | undefined, values: RunWorkflowOptions) =>
      finish(await (await import('./run-workflows.js')).runWorkflows(name, values, terminal)),
    )
}
