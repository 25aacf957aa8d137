import { RunError } from '../../../core/errors.js'
import type { Action } from '../../../core/model/flow.js'
import type { Explanation } from '../../../core/result/explanation.js'
import { sentencesOf } from '../../../core/result/explanation-sentences.js'
import { stateLocation } from '../../../runtime/environment.js'
import { explainAction } from '../../../runtime/preflight.js'
import { openWorkflow, resolveWorkflow } from '../../input/workflow-file.js'
import { hiding } from '../../input/without-secrets.js'
import { answer, colorsFor, printable, type Terminal, textWidth, UsageError, wrap } from '../../terminal.js'

export interface ExplainOptions {
  file?: string
  json?: boolean
}

/** `explain WORKFLOW REFERENCE`: what became of one item, and what the next run would do with it. */
export async function explainItem(
  workflow: string,
  reference: string,
  { file, json }: ExplainOptions,
  outside: Terminal,
): Promise<void> {
  const { execution, secrets } = await resolveWorkflow(await openWorkflow(workflow, file, outside))
  const terminal = hiding(secrets, outside)
  const { action, parameters } = execution
  try {
    const runtime = { state: stateLocation(terminal.env) }
    const explained = await explainAction(action, parameters, reference, runtime)
    answer(terminal.stdout, json, explained, () => drawExplanation(explained, action, terminal))
  } catch (error) {
    if (!(error instanceof RunError)) throw error
    throw new UsageError([error.message, error.hint ?? ''].join(' ').trim(), { cause: error })
  }
}

/** A line for each place that knows something of the item. */
export function drawExplanation(explained: Explanation, { flow }: Action, { stdout, env }: Terminal): string {
  const { bold } = colorsFor(stdout, env)
  const width = textWidth(stdout)
  const said = sentencesOf(explained)
  const lines: [string, string][] = [
    [flow.from.name, said.origin],
    ['Mapping', said.mapping],
    ['Record', said.record],
    ...(said.pending === null ? [] : [['Pending', said.pending] satisfies [string, string]]),
    ...said.leavings.map((leaving): [string, string] => ['Left', leaving]),
    [flow.to.name, said.target],
    ['Next run', said.next],
  ]
  const column = Math.max(...lines.map(([name]) => name.length)) + 2
  const indent = ' '.repeat(column + 2)
  const drawn = lines.map(([name, line]) => {
    return `  ${name.padEnd(column)}${wrap(printable(line), width, indent, indent.length)}`
  })
  return [bold(`${printable(explained.reference)} in ${printable(explained.workflow_id)}`), ...drawn].join('\n')
}
