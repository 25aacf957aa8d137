import type { Command } from 'commander'
import {
  ALLOW_LEFT_FLAG,
  FILE_FLAG,
  JSON_FLAG,
  SHORT_TERMS,
  STANDARD_CONCURRENCY,
  WAIT_FLAG,
} from '../../input/shared-flags.js'
import { UsageCommand } from '../../input/usage.js'
import type { CommandLine } from '../index.js'
import type { RunWorkflowOptions } from './run-workflows.js'

/** Adds `run`; its actions are added when it is used. */
export function registerRun(program: Command, line: CommandLine): void {
  const { terminal, finish } = line
  const run = new UsageCommand('run')
    .summary('run a workflow of a file, all of them, or an action')
    .description(
      'Runs a workflow of hrflow-connectors.yaml (or .yml, .ts, .mts, .js, .mjs), all of them, or an action, each pull and push parameter of which is a flag.',
    )
    .whenUsed(async (used) => (await import('./run-action.js')).addRunActions(used, line))
  program.addCommand(run.copyInheritedSettings(program).configureHelp(SHORT_TERMS))
  run
    .usage('WORKFLOW | --all | ACTION [options]')
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
