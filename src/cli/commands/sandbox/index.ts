import type { Command } from 'commander'
import { collect, JSON_FLAG } from '../../input/shared-flags.js'
import type { Terminal } from '../../terminal.js'
import type { CommandLine } from '../index.js'
import type { ControlOptions, FieldOptions } from './jobs.js'

/** Adds `sandbox` and `demo`. */
export function registerSandbox(program: Command, { terminal, finish }: CommandLine): void {
  const sandbox = program
    .command('sandbox')
    .summary('serve stand-ins of Workable and HrFlow on this machine')
    .description(
      'Serves stand-ins of Workable and HrFlow on this machine until it is stopped, and prints the environment to use. With it, the commands below change jobs while it runs, in another terminal.',
    )
    .option('--jobs <number>', 'jobs of each Workable account', '200')
    .option('--accounts <number>', 'Workable accounts, each with a token, jobs and a limit of its own', '1')
    .option('--boards <number>', 'boards of the HrFlow workspace', '1')
    .option('--port <number>', 'port of both services; 0 is any free one', '0')
    .option('--control-port <number>', 'port of the control address; 0 is any free one', '0')
    .option('--limit <number>', 'requests per 10 s that Workable allows', '10')
    .option('--latency <ms>', 'how long each request takes', '0')
    .action(async (values: Record<string, string>) => (await import('./serve.js')).serveSandbox(values, terminal))
  for (const register of [registerJobs, registerLeaving, registerBoard]) register(sandbox, terminal)
  program
    .command('demo')
    .summary('show the main job on the sandbox: no account needed')
    .option(
      '--real-limit',
      "under Workable's real limit of 10 requests per 10 s: the board in seconds, all details in four minutes",
    )
    .action(async (values: { realLimit?: boolean }) =>
      finish(await (await import('./demo.js')).demo(values.realLimit === true, terminal)),
    )
}

const URL_FLAG = ['--url <url>', 'control address of the sandbox; default: HRFLOW_CONNECTORS_SANDBOX'] as const
const ACCOUNT_FLAG = ['--account <subdomain>', 'the account; needed when several have the job'] as const
const TITLE_FLAG = ['--title <title>', 'its title'] as const
const SET_FLAG = ['--set <field=value>', 'another field, such as department=Sales or location.city=Lyon'] as const

const load = () => import('./jobs.js')

/** A command that talks to a running sandbox. */
function control(parent: Command, usage: string, { summary, description }: { summary: string; description: string }) {
  return parent
    .command(usage)
    .summary(summary)
    .description(description)
    .option(...URL_FLAG)
    .option(...JSON_FLAG)
}

function registerJobs(sandbox: Command, terminal: Terminal): void {
  control(sandbox, 'jobs', {
    summary: 'list its jobs, and how they are on the boards',
    description:
      'Lists the jobs of a running sandbox, and how they are on the boards. A job that only a board has is deleted in Workable.',
  })
    .option('--account <subdomain>', 'show only jobs of this account')
    .option('--state <state>', 'show only jobs in this state: draft, published, closed, archived; none: deleted')
    .action(async (options: ControlOptions & { state?: string }) => (await load()).listJobs(options, terminal))
  control(sandbox, 'edit <reference>', {
    summary: 'change fields of a job in Workable',
    description:
      'Changes fields of a job in the Workable of a running sandbox. The job gets a new updated_at, unless nothing differs.',
  })
    .option(...ACCOUNT_FLAG)
    .option(...TITLE_FLAG)
    .option(...SET_FLAG, collect)
    .action(async (reference: string, options: FieldOptions) => (await load()).editJob(reference, options, terminal))
  control(sandbox, 'add', {
    summary: 'add a job in Workable',
    description: 'Adds a published job to the Workable of a running sandbox. What is not given is made up.',
  })
    .option('--account <subdomain>', 'the account; default: the first')
    .option(...TITLE_FLAG)
    .option(...SET_FLAG, collect)
    .action(async (options: FieldOptions) => (await load()).addJob(options, terminal))
}

/** How a job leaves what an update keeps up to date, and comes back. */
function registerLeaving(sandbox: Command, terminal: Terminal): void {
  for (const [name, state] of [
    ['close', 'closed'],
    ['reopen', 'published'],
  ] as const)
    control(sandbox, `${name} <reference>`, {
      summary: `${name} a job in Workable`,
      description: `Gives a job in the Workable of a running sandbox the state ${state}.`,
    })
      .option(...ACCOUNT_FLAG)
      .action(async (reference: string, options: ControlOptions) =>
        (await load()).changeJob(reference, { state }, options, terminal),
      )
  control(sandbox, 'delete <reference>', {
    summary: 'delete a job in Workable',
    description:
      'Deletes a job in the Workable of a running sandbox. As with the real one, nothing tells of it afterwards.',
  })
    .option(...ACCOUNT_FLAG)
    .action(async (reference: string, options: ControlOptions) =>
      (await load()).deleteJob(reference, options, terminal),
    )
}

function registerBoard(sandbox: Command, terminal: Terminal): void {
  const board = sandbox
    .command('board')
    .summary('archive jobs on a board, as a person does')
    .description('Changes jobs on the boards of a running sandbox, as a person does in HrFlow.')
  for (const [name, archived, description] of [
    ['archive', true, 'Archives a job on a board by hand.'],
    ['unarchive', false, 'Makes a job that is archived on a board live again, by hand.'],
  ] as const)
    control(board, `${name} <reference>`, { summary: `${name} a job on a board by hand`, description })
      .option('--board <key>', 'the board; needed when several have the job')
      .action(async (reference: string, options: ControlOptions & { board?: string }) =>
        (await load()).archiveOnBoard(reference, archived, options, terminal),
      )
}
