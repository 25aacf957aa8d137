import type { Argument, Command, Option } from 'commander'
import { MADE, table } from './markdown.js'

/** The reference of the command line, from the program itself: every command, argument, flag and default. */
export function cliPage(program: Command): string {
  const pages = program.commands.flatMap((command) => sections(command, [program.name()]))
  return `# Command line

${program.description()}

${flags(program)}

Results go to stdout, everything else to stderr. A flag belongs to the command that it follows. \`--json\` prints one JSON document, and nothing else, to stdout. Colours are left out when the output is no terminal or \`NO_COLOR\` is set.

| Exit code | Meaning |
| --- | --- |
| 0 | success |
| 1 | fatal: the run could not be done |
| 2 | wrong usage or configuration |
| 3 | success with failures: some items failed |
| 130 | interrupted |

What to do about each is in [operating](operating.md#exit-codes).

${pages.join('\n\n')}

${MADE}
`
}

function sections(command: Command, above: readonly string[]): string[] {
  const path = [...above, command.name()]
  const inner = command.commands.flatMap((child) => sections(child, path))
  const words = [...path, ...command.registeredArguments.map(shown)].join(' ')
  const parts = [
    `${'#'.repeat(Math.min(path.length, 4))} \`${path.slice(1).join(' ')}\``,
    command.description() || sentence(command.summary()),
    `\`\`\`sh\n${words}${command.options.some(isShown) ? ' [flags]' : ''}\n\`\`\``,
    args(command),
    flags(command),
  ]
  return [parts.filter((part) => part !== '').join('\n\n'), ...inner]
}

function args(command: Command): string {
  const described = command.registeredArguments.filter(({ description }) => description !== '')
  if (described.length === 0) return ''
  return table(
    ['Argument', 'Meaning'],
    described.map((argument) => [`\`${shown(argument)}\``, argument.description]),
  )
}

function flags(command: Command): string {
  const rows = command.options.filter(isShown).map((option) => [`\`${option.flags}\``, standard(option), said(option)])
  return rows.length === 0 ? '' : table(['Flag', 'Default', 'Meaning'], rows)
}

function isShown({ hidden }: Option): boolean {
  return !hidden
}

function said({ description, argChoices }: Option): string {
  return argChoices === undefined ? description : `${description} (${argChoices.join(', ')})`
}

/** Of a flag whose default the action has, the description names it. */
function standard({ defaultValue, description }: Option): string {
  const [, named] = /\bdefault: ([^;)]+)/.exec(description) ?? []
  const text: unknown = defaultValue ?? named
  return text === undefined ? '' : `\`${typeof text === 'string' ? text : JSON.stringify(text)}\``
}

function shown(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`
  return argument.required ? `<${name}>` : `[${name}]`
}

function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`
}
