import type { Command } from 'commander'
import { ALLOWED_HOST_FLAG, collect, FILE_FLAG, TOKEN_FILE_FLAG } from '../../input/shared-flags.js'
import type { CommandLine } from '../index.js'
import type { ConsoleFlags } from './until-stopped.js'

/** Adds `console`. */
export function registerConsole(program: Command, { terminal, finish }: CommandLine): void {
  program
    .command('console')
    .summary('see, run and mend workflows in a browser')
    .description(
      'Shows workflows in a browser of this machine until it is stopped: what runs, what is wrong and what to do about it. It runs nothing by itself: serve --console does.',
    )
    .option('-f, --file <path>', FILE_FLAG[1])
    .option('--demo', 'over the sandbox, with a history that real runs have made: no account needed')
    .option(
      '--host <address>',
      'where it is listened for; another than this machine alone needs a token and a name',
      '127.0.0.1',
    )
    .option('--port <number>', 'likewise; 0 is any free port', '4780')
    .option(ALLOWED_HOST_FLAG[0], ALLOWED_HOST_FLAG[1], collect)
    .option(...TOKEN_FILE_FLAG)
    .action(async (values: ConsoleFlags) => finish(await (await import('./console.js')).showConsole(values, terminal)))
}
