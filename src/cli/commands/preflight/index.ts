import type { Command } from 'commander'
import { qualifiedName } from '../../../core/model/describe.js'
import { allActions } from '../../../runtime/actions.js'
import type { Execution, LookOptions } from '../../execution/execute.js'
import { actionCommand, refuseEarlyFlags, requestFrom, secretsNote, type Values } from '../../input/action-flags.js'
import { isOnlyOne } from '../../input/actions.js'
import { FILE_FLAG, JSON_FLAG, SHORT_TERMS } from '../../input/shared-flags.js'
import { hiding } from '../../input/usage.js'
import { type ExitCode, type Terminal, UsageError } from '../../terminal.js'
import type { CommandLine } from '../index.js'
import type { Checkable } from './check.js'
import type { ExplainOptions } from './explain.js'

/** One of the commands that look before a run: `check`, `plan`, `preview`. */
interface Look {
  name: 'check' | 'plan' | 'preview'
  summary: string
  description: string
  /** How many items are shown; left out where the command shows none. Without a standard it looks at all of them. */
  limit?: { standard?: string; said: string }
  /** An action with what flags and environment say; `missing` names what they leave out. */
  ofAction(execution: Execution, missing: string[], options: LookOptions, terminal: Terminal): Promise<ExitCode>
  /** A workflow of the file; without a name what the command does then. */
  ofWorkflow(name: string | undefined, values: Values, options: LookOptions, terminal: Terminal): Promise<ExitCode>
}

/** A look at one execution, and at nothing when something is missing. */
function lookAt(
  show: (execution: Execution, options: LookOptions, terminal: Terminal) => Promise<ExitCode>,
): Pick<Look, 'ofAction' | 'ofWorkflow'> {
  return {
    async ofAction(execution, missing, options, terminal) {
      if (missing.length > 0) throw new UsageError(missing.join('\n'))
      return show(execution, options, terminal)
    },
    async ofWorkflow(name, values, options, terminal) {
      if (name === undefined) throw new UsageError(`Which workflow or action? Actions: ${actionNames()}.`)
      const { openWorkflow, resolveWorkflow } = await import('../../input/workflow-file.js')
      const { execution, secrets } = await resolveWorkflow(await openWorkflow(name, fileOf(values), terminal))
      const full = values['full'] === true ? { incremental: false } : {}
      const parameters = { ...execution.parameters, ...full }
      return show({ ...execution, parameters }, options, hiding(secrets, terminal))
    },
  }
}

const LOOKS: Look[] = [
  {
    name: 'check',
    summary: 'look at everything that a run would use, and say what to do',
    description:
      'Looks at parameters, state and both services, and says what to do. A few requests are sent, and nothing is written. Without a name: all workflows of the file.',
    async ofAction({ action, parameters }, _missing, { json }, terminal) {
      const { showCheck } = await import('./check.js')
      return showCheck([{ workflow_id: null, action, parameters }], json, terminal)
    },
    async ofWorkflow(name, values, { json }, terminal) {
      const { showCheck } = await import('./check.js')
      const { checkables, secrets } = await workflowsToCheck(name, fileOf(values), terminal)
      return showCheck(checkables, json, hiding(secrets, terminal))
    },
  },
  {
    name: 'plan',
    summary: 'show what a run would change, job by job',
    description:
      'Reads both sides and shows job by job and field by field what a run would change. Nothing is written.',
    limit: { said: 'read and compare so many jobs, and no more; without it all, of which 20 are shown' },
    ...lookAt(async (execution, options, terminal) =>
      (await import('./plan.js')).showPlan(execution, options, terminal),
    ),
  },
  {
    name: 'preview',
    summary: 'show the first items, and what they are mapped to',
    description: 'Reads the first items and shows them beside what they are mapped to. The target is not asked.',
    limit: { standard: '3', said: 'items to read and show' },
    ...lookAt(async (execution, options, terminal) =>
      (await import('./preview.js')).showPreview(execution, options, terminal),
    ),
  },
]

/** Adds `check`, `plan` and `preview`. */
export function registerPreflight(program: Command, line: CommandLine): void {
  for (const look of LOOKS) register(program, look, line)
  program
    .command('explain <workflow> <reference>')
    .summary('tell what became of one job, and what the next run would do with it')
    .description(
      'Tells what became of one job under a workflow: what Workable says of it now, what the mapping makes of it, what is written down, what the board shows, and what the next run would do and why. Up to four requests are sent, and nothing is written.',
    )
    .option(...FILE_FLAG)
    .option(...JSON_FLAG)
    .action(async (workflow: string, reference: string, values: ExplainOptions) =>
      (await import('./explain.js')).explainItem(workflow, reference, values, line.terminal),
    )
}

function register(program: Command, look: Look, { terminal, finish }: CommandLine): void {
  const parent = program
    .command(look.name)
    .summary(look.summary)
    .description(look.description)
    .configureHelp(SHORT_TERMS)
    .usage(`${look.name === 'check' ? '[WORKFLOW]' : 'WORKFLOW'} | ACTION [options]`)
  for (const action of allActions()) {
    const command = actionCommand(action, (used) =>
      addOptions(used, look).description(`${look.description}\n\n${secretsNote(action)}`),
    )
    if (isOnlyOne(action)) command.alias(action.id)
    command.action(async (values: Values, self: Command) => {
      refuseEarlyFlags(self)
      const options = optionsOf(look, values)
      const { parameters, missing } = await requestFrom(action, values, terminal)
      finish(await look.ofAction({ action, parameters }, missing, options, terminal))
    })
    parent.addCommand(command.copyInheritedSettings(program))
  }
  parent.argument('[workflow]', 'of the workflow file').option(...FILE_FLAG)
  if (look.name === 'plan') parent.option('--full', 'plan a full run, even if the workflow is incremental')
  addOptions(parent, look).action(async (name: string | undefined, values: Values) =>
    finish(await look.ofWorkflow(name, values, optionsOf(look, values), terminal)),
  )
}

/** All of the file, or one. One whose secrets cannot be read is found out by the check. */
async function workflowsToCheck(name: string | undefined, file: string | undefined, terminal: Terminal) {
  const { openWorkflow, openWorkflowFile, resolveWorkflow } = await import('../../input/workflow-file.js')
  const workflows =
    name === undefined ? (await openWorkflowFile(file, terminal)).workflows : [await openWorkflow(name, file, terminal)]
  const checkables: Checkable[] = []
  const all: string[] = []
  for (const workflow of workflows) {
    const { id, action } = workflow
    try {
      const { execution, secrets } = await resolveWorkflow(workflow)
      checkables.push({ workflow_id: id, action, parameters: execution.parameters })
      all.push(...secrets)
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      checkables.push({ workflow_id: id, action, problem: error.message })
    }
  }
  return { checkables, secrets: all }
}

function addOptions<C extends Command>(command: C, { limit }: Look): C {
  if (limit) command.option('--limit <number>', limit.said, limit.standard)
  return command.option('--json', 'print one JSON document, and nothing else, to stdout')
}

const MOST = 100_000

function optionsOf({ limit }: Look, values: Values): LookOptions {
  const json = values['json'] === true
  const given = typeof values['limit'] === 'string' ? values['limit'] : limit?.standard
  if (given === undefined) return { limit: null, json }
  const count = /^\d{1,6}$/.test(given) ? Number(given) : 0
  if (count < 1 || count > MOST) throw new UsageError(`--limit: expected a whole number from 1 to ${MOST}.`)
  return { limit: count, json }
}

function fileOf({ file }: Values): string | undefined {
  return typeof file === 'string' ? file : undefined
}

function actionNames(): string {
  return allActions().map(qualifiedName).join(', ')
}
