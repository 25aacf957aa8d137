import type { Argument, Command, Option } from 'commander'
import { MADE, table } from './markdown.js'

/** The reference of the command line, from the program itself: every command, argument, flag and default. */
export function cliPage(program: Command): string {
  const run = program.commands.find((command) => command.name() === 'run')?.commands ?? []
  const known = new Map(run.map((command) => [command.name(), command]))
  const pages = program.commands.flatMap((command) => sections(command, [program.name()], known))
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
| 4 | not run: the workflow is running already |
| 130 | interrupted |

Several workflows end with the worst of their codes, in the order 130, 1, 2, 3, 4, 0.

What to do about each is in [operating](operating.md#exit-codes).

${pages.join('\n\n')}

${MADE}
`
}

function sections(command: Command, above: readonly string[], known: ReadonlyMap<string, Command>): string[] {
  const path = [...above, command.name()]
  const inner = command.commands.flatMap((child) => sections(child, path, known))
  const parts = [
    `${'#'.repeat(Math.min(path.length, 4))} \`${path.slice(1).join(' ')}\``,
    command.description() || sentence(command.summary()),
    `\`\`\`sh\n${path.join(' ')} ${command.usage()}`.trim() + '\n```',
    args(command),
    flags(command, path, known.get(command.name())),
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

/** Flags that an action has in `run` too are said there. */
function flags(command: Command, path: readonly string[] = [], first?: Command): string {
  const shown = command.options.filter(isShown)
  const others = first === undefined || first === command ? [] : first.options.filter(isShown)
  const same = (a: Option, b: Option) => a.flags === b.flags && a.description === b.description
  const own = shown.filter((option) => !others.some((other) => same(option, other)))
  const rows = own.map((option) => [`\`${option.flags}\``, standard(option), said(option)])
  const missing = others.filter((other) => !shown.some((option) => option.long === other.long))
  const without = missing.length === 0 ? '' : `, but ${missing.map(({ long }) => `\`${long ?? ''}\``).join(', ')}`
  const name = path.at(-1) ?? ''
  const more = others.length === 0 ? '' : `The flags of [\`run ${name}\`](#${slug(`run ${name}`)})${without}.`
  return [more, rows.length === 0 ? '' : table(['Flag', 'Default', 'Meaning'], rows)]
    .filter((part) => part !== '')
    .join('\n\n')
}

/** The anchor of a heading, as GitHub makes it. */
function slug(heading: string): string {
  return heading.replace(/[^\w -]/g, '').replaceAll(' ', '-')
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
