import type { Command } from 'commander'
import { qualifiedName } from '../../../core/model/describe.js'
import { allActions } from '../../../runtime/actions.js'
import type { Execution, LookOptions } from '../../execution/execute.js'
import {
  actionCommand,
  addActions,
  refuseEarlyFlags,
  requestFrom,
  secretsNote,
  type Values,
} from '../../input/action-flags.js'
import { hiding } from '../../input/without-secrets.js'
import { type ExitCode, type Terminal, UsageError } from '../../terminal.js'
import type { CommandLine } from '../index.js'
import type { Checkable } from './check.js'
import { addOptions, type Look, optionsOf } from './options.js'

/** What a look shows. */
interface Shown {
  /** Of an action with what flags and environment say; `missing` names what they leave out. */
  ofAction(execution: Execution, missing: string[], options: LookOptions, terminal: Terminal): Promise<ExitCode>
  /** Of a workflow of the file; without a name what the command shows then. */
  ofWorkflow(name: string | undefined, values: Values, options: LookOptions, terminal: Terminal): Promise<ExitCode>
}

const SHOWN: Record<Look['name'], Shown> = {
  check: {
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
  plan: lookAt(async (execution, options, terminal) =>
    (await import('./plan.js')).showPlan(execution, options, terminal),
  ),
  preview: lookAt(async (execution, options, terminal) =>
    (await import('./preview.js')).showPreview(execution, options, terminal),
  ),
}

/** Adds a look at each action. */
export function addLooks(parent: Command, look: Look, { terminal, finish }: CommandLine): void {
  addActions(parent, (action) =>
    actionCommand(action, (used) =>
      addOptions(used, look).description(`${look.description}\n\n${secretsNote(action)}`),
    ).action(async (values: Values, self: Command) => {
      refuseEarlyFlags(self)
      const options = optionsOf(look, values)
      const { parameters, missing } = await requestFrom(action, values, terminal)
      finish(await SHOWN[look.name].ofAction({ action, parameters }, missing, options, terminal))
    }),
  )
}

/** Looks at a workflow of the file. */
export async function lookAtWorkflow(
  name: string | undefined,
  look: Look,
  values: Values,
  terminal: Terminal,
): Promise<ExitCode> {
  return SHOWN[look.name].ofWorkflow(name, values, optionsOf(look, values), terminal)
}

/** A look at one execution, and at nothing when something is missing. */
function lookAt(show: (execution: Execution, options: LookOptions, terminal: Terminal) => Promise<ExitCode>): Shown {
  return {
    async ofAction(execution, missing, options, terminal) {
      if (missing.length > 0) throw new UsageError(missing.join('\n'))
      return show(execution, options, terminal)
    },
    async ofWorkflow(name, values, options, terminal) {
      if (name === undefined)
        throw new UsageError(`Which workflow or action? Actions: ${allActions().map(qualifiedName).join(', ')}.`)
      const { openWorkflow, resolveWorkflow } = await import('../../input/workflow-file.js')
      const { execution, secrets } = await resolveWorkflow(await openWorkflow(name, fileOf(values), terminal))
      const full = values['full'] === true ? { incremental: false } : {}
      const parameters = { ...execution.parameters, ...full }
      return show({ ...execution, parameters }, options, hiding(secrets, terminal))
    },
  }
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

function fileOf({ file }: Values): string | undefined {
  return typeof file === 'string' ? file : undefined
}
