import type { Command } from 'commander'
import type { CommandLine } from '../index.js'

/** Adds `sandbox` and `demo`. */
export function registerSandbox(program: Command, { terminal, finish }: CommandLine): void {
  program
    .command('sandbox')
    .summary('serve stand-ins of Workable and HrFlow on this machine')
    .description(
      'Serves stand-ins of Workable and HrFlow on this machine until it is stopped, and prints the environment to use.',
    )
    .option('--jobs <number>', 'jobs of the Workable account', '200')
    .option('--port <number>', 'port; 0 is any free one', '0')
    .option('--limit <number>', 'requests per 10 s that Workable allows', '10')
    .option('--latency <ms>', 'how long each request takes', '0')
    .action(async (values: Record<string, string>) => (await import('./serve.js')).serveSandbox(values, terminal))
  program
    .command('demo')
    .summary('show the main job on the sandbox: no account needed')
    .option('--real-limit', "30 jobs under Workable's real limit of 10 requests per 10 s: about half a minute")
    .action(async (values: { realLimit?: boolean }) =>
      finish(await (await import('./demo.js')).demo(values.realLimit === true, terminal)),
    )
}
