import { parameterGroups, qualifiedName } from '../../../core/model/describe.js'
import type { Action } from '../../../core/model/flow.js'
import type { CheckedLine } from '../../../core/preflight/check.js'
import { stateLocation } from '../../../runtime/environment.js'
import { checkAction } from '../../../runtime/preflight.js'
import { flagOf, variableOf } from '../../input/actions.js'
import { answer, colorsFor, type ExitCode, printable, type Terminal, textWidth, wrap } from '../../terminal.js'

/** What is checked: an action with its parameters, alone or as a workflow of the file. */
export type Checkable = {
  workflow_id: string | null
  action: Action
} & (
  | { parameters: Record<string, unknown> }
  /** Why it has none: what its file names cannot be read. */
  | { problem: string }
)

/** What was found of one of them. */
export interface Checked {
  workflow_id: string | null
  action: string
  verdict: CheckedLine['verdict']
  checks: CheckedLine[]
}

/** `check`: looks at everything that a run would use, and says what to do. Writes nothing. */
export async function showCheck(all: readonly Checkable[], json: boolean, terminal: Terminal): Promise<ExitCode> {
  const checked: Checked[] = []
  for (const one of all) {
    checked.push(json ? await checkOne(one, terminal, () => undefined) : await showOne(one, terminal))
  }
  const verdict = worst(checked.map((one) => one.verdict))
  if (json) answer(terminal.stdout, true, { verdict, checked }, () => '')
  else if (all.length > 1) terminal.stdout.write(`${sumOf(checked)}\n`)
  return verdict === 'bad' ? 1 : 0
}

/** Checks one for a person. */
export async function showOne(one: Checkable, terminal: Terminal): Promise<Checked> {
  const drawing = new CheckDrawing(one, terminal)
  const checked = await checkOne(one, terminal, (line) => drawing.line(line))
  drawing.end()
  return checked
}

/** Checks one, and shows each line as it comes. */
export async function checkOne(one: Checkable, terminal: Terminal, see: (line: CheckedLine) => void): Promise<Checked> {
  const { workflow_id, action } = one
  const checks: CheckedLine[] = []
  for await (const found of linesOf(one, terminal)) {
    const line = withSource(found, one)
    checks.push(line)
    see(line)
  }
  return { workflow_id, action: qualifiedName(action), verdict: worst(checks.map(({ verdict }) => verdict)), checks }
}

async function* linesOf(one: Checkable, { env }: Terminal): AsyncGenerator<CheckedLine> {
  if ('parameters' in one) yield* checkAction(one.action, one.parameters, { state: stateLocation(env) })
  else yield { about: 'Parameters', what: 'workflow file', verdict: 'bad', said: one.problem, todo: '' }
}

/** Of a parameter that is not right: where a command line takes it from. */
function withSource(line: CheckedLine, { workflow_id, action }: Checkable): CheckedLine {
  if (line.about !== 'Parameters' || line.verdict !== 'bad' || line.todo !== undefined) return line
  if (workflow_id !== null) return { ...line, todo: 'Correct it in the workflow file.' }
  const [name = '', path = ''] = line.what.split('.')
  const group = parameterGroups(action).find((known) => known.name === name)
  const parameter = group?.parameters.find((known) => known.name === path)
  if (!group || !parameter) return line
  const variable = variableOf(action, group.name, parameter.name)
  const flag = flagOf(parameter.name)
  if (variable === undefined) return { ...line, todo: `Give ${flag}.` }
  const todo = parameter.secret
    ? `Set ${variable} in the environment or in --secrets FILE.`
    : `Give ${flag} or set ${variable}.`
  return { ...line, todo }
}

const ORDER = ['good', 'unknown', 'warning', 'bad'] as const

function worst(verdicts: readonly CheckedLine['verdict'][]): CheckedLine['verdict'] {
  return ORDER.findLast((verdict) => verdicts.includes(verdict)) ?? 'good'
}

function sumOf(checked: readonly Checked[]): string {
  const bad = checked.filter(({ verdict }) => verdict === 'bad').map(({ workflow_id }) => printable(workflow_id ?? ''))
  return bad.length === 0
    ? `All ${checked.length} workflows can run.`
    : `${bad.length} of ${checked.length} workflows cannot run: ${bad.join(', ')}.`
}

/** Where texts begin. */
const BELOW = 13

/** Lines under the name of what they are about. */
class CheckDrawing {
  readonly #terminal: Terminal
  readonly #colors
  #about = ''
  #counts: Record<CheckedLine['verdict'], number> = { good: 0, unknown: 0, warning: 0, bad: 0 }

  constructor({ workflow_id, action }: Checkable, terminal: Terminal) {
    this.#terminal = terminal
    this.#colors = colorsFor(terminal.stdout, terminal.env)
    const name = workflow_id === null ? qualifiedName(action) : `${printable(workflow_id)}: ${qualifiedName(action)}`
    this.#write(this.#colors.bold(wrap(name, textWidth(terminal.stdout), '  ')))
  }

  line({ about, what, verdict, said, todo }: CheckedLine): void {
    const { bold, green, yellow, red, dim } = this.#colors
    if (about !== this.#about) this.#write(bold(`  ${printable(about)}`))
    this.#about = about
    this.#counts[verdict] += 1
    const paint = { good: green, unknown: dim, warning: yellow, bad: red }[verdict]
    this.#write(`    ${paint(verdict.padEnd(8))} ${this.#text(`${what}: ${said}`, BELOW)}`)
    if (todo !== undefined && todo !== '') this.#write(`${' '.repeat(BELOW)}-> ${this.#text(todo, BELOW + 3)}`)
  }

  /** In lines, the further ones below the first. A part of a file, which is indented, stays as it stands there. */
  #text(text: string, indent: number): string {
    const width = textWidth(this.#terminal.stdout)
    const below = ' '.repeat(indent)
    const lines = text.split('\n').map((line) => {
      const shown = printable(line)
      return shown.startsWith('  ') ? shown : wrap(shown, width, below, indent)
    })
    return lines.join(`\n${below}`)
  }

  end(): void {
    const { bad, warning, unknown } = this.#counts
    const parts = [`${bad} bad`, `${warning} ${warning === 1 ? 'warning' : 'warnings'}`, `${unknown} unknown`]
    const said = parts.filter((part) => !part.startsWith('0 '))
    this.#write(said.length === 0 ? 'All is good.\n' : `${said.join(', ')}.\n`)
  }

  #write(line: string): void {
    this.#terminal.stdout.write(`${line}\n`)
  }
}
