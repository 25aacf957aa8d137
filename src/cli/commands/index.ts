import type { ExitCode, Terminal } from '../terminal.js'

/** What a command is given: where it reads and writes, and whom it tells how it ended. */
export interface CommandLine {
  terminal: Terminal
  finish: (code: ExitCode) => void
}
