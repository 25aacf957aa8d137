import type { Command } from 'commander'
import { ALLOWED_HOST_FLAG, collect, FILE_FLAG, TOKEN_FILE_FLAG } from '../../input/shared-flags.js'
import type { CommandLine } from '../index.js'
import type { ServeFlags } from './serve.js'

/** Adds `serve`. */
export function registerServe(program: Command, { terminal, finish }: CommandLine): void {
  program
    .command('serve')
    .summary('run what has a schedule, until it is stopped')
    .description(
      'Runs what has a schedule, each workflow when it is due, accounts side by side, until it is stopped: one process the workflows of a file, or, with state in PostgreSQL, any number of processes what was pushed there.',
    )
    .option('-f, --file <path>', FILE_FLAG[1])
    .option('--concurrency <number>', 'runs at once in this process, each of another account', '50')
    .option('--host <address>', 'where /healthz, /readyz and /metrics are listened for', '127.0.0.1')
    .option('--port <number>', 'likewise; 0 is any free port', '9464')
    .option('--console', 'show the console there too: see hrflow-connectors console --help')
    .option(ALLOWED_HOST_FLAG[0], ALLOWED_HOST_FLAG[1], collect)
    .option(...TOKEN_FILE_FLAG)
    .action(async (values: ServeFlags) => finish(await (await import('./serve.js')).serve(values, terminal)))
}
