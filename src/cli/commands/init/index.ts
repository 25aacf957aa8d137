import type { Command } from 'commander'
import { UsageCommand } from '../../input/usage.js'
import type { CommandLine } from '../index.js'

/** `init`, with a flag for everything that it asks. */
export function registerInit(program: Command, line: CommandLine): void {
  const command = new UsageCommand('init')
    .summary('ask what a workflow needs, try it, and write the workflow file')
    .description(
      'Asks what a workflow needs, tries the answers, and writes hrflow-connectors.yaml. Secrets are never written: the file names the variables that hold them. With --yes nothing is asked, and the flags are the answers.',
    )
    .whenUsed(async (used) => (await import('./flags.js')).addFlags(used, line))
  program.addCommand(command.copyInheritedSettings(program))
}
