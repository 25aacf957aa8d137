import { z } from 'zod'
import type { Action } from '../core/model/flow.js'
import type { Schedule } from '../core/ports/schedule.js'
import { nearest } from '../core/text/did-you-mean.js'
import { actionsByName, GROUPS } from './actions.js'
import { fillAddress, readAddress } from './addresses.js'
import { Findings } from './file/findings.js'
import { mapOf, type Path, type Source } from './file/source.js'
import { checkFilled, checkGroups, fillGroups, type GroupFile, type Groups, readGroups } from './parameters.js'
import { checkSchedule, ScheduleError } from './schedule.js'
import { buildSteps, readSteps, refuseOthers, refuseUnread, type Steps } from './steps.js'

/** A workflow of a file. */
export interface Workflow {
  id: string
  action: Action
  /** Whether a run reads only what has changed since the last one. */
  incremental: boolean
  /** Null: it runs only when it is told to. */
  schedule: Schedule | null
  /** When it reads everything, whatever was delivered before; null: only when it is told to. */
  full_schedule: Schedule | null
  /** The address that `serve` calls after each run that is not fatal, filled in; null: none. Throws as `resolve`. */
  resolveHeartbeat(env?: NodeJS.ProcessEnv): Promise<string | null>
  /**
   * Everything the action takes: variables and files read, functions loaded. `secrets` are the values to keep out of what
   * is shown. Throws `WorkflowFileError`, which names all that is missing or wrong, and no value.
   */
  resolve(env?: NodeJS.ProcessEnv): Promise<{ parameters: Record<string, unknown>; secrets: string[] }>
}

/** What all workflows of a file share. */
export interface FileContext {
  source: Source
  /** Of the file: what it refers to is found from there. */
  folder: string
  env: NodeJS.ProcessEnv
  findings: Findings
}

type Values = Record<string, unknown>

const KEYS = [
  'action',
  ...GROUPS,
  'incremental',
  'schedule',
  'full_schedule',
  'heartbeat',
  'logics',
  'format',
  'callback',
]

/** Parameters of an action that stand elsewhere. */
const ELSEWHERE: Record<string, string> = {
  workflow_id: 'the name of the workflow is its workflow_id.',
  persist: 'a dry run is asked for when it is run: run WORKFLOW --dry-run.',
}

/** Reads and checks one workflow; what is wrong is in the findings, and then there may be none. */
export async function readWorkflow(id: string, given: unknown, file: FileContext): Promise<Workflow | null> {
  const { findings } = file
  const at = ['workflows', id]
  const map = mapOf(given)
  if (!map) {
    findings.add(at, `expected a map of ${KEYS.join(', ')}.`)
    return null
  }
  const workflow = Object.fromEntries(Object.entries(map).filter(([, value]) => value !== undefined))
  refuseKeys(workflow, at, findings)
  const action = readAction(id, workflow['action'], at, findings)
  const group = groupFile(at, file)
  const groups = readGroups(workflow, group)
  const { incremental = false } = workflow
  const steps = await readSteps(workflow, { action, at, folder: file.folder, findings })
  const schedule = await readSchedule(workflow['schedule'], [...at, 'schedule'], findings)
  const full_schedule = await readSchedule(workflow['full_schedule'], [...at, 'full_schedule'], findings)
  if (full_schedule !== null && incremental !== true)
    findings.add([...at, 'full_schedule'], 'this workflow is not incremental: each of its runs is a full one.')
  const address = workflow['heartbeat'] ?? null
  const heartbeat = address === null ? null : readAddress(address, [...at, 'heartbeat'], group)
  if (!action) return null
  checkGroups(action, groups, { workflow_id: id, incremental }, group)
  const times = { schedule, full_schedule, heartbeat }
  return new FileWorkflow({ id, action, incremental: incremental === true, ...times, groups, steps }, file)
}

function groupFile(at: Path, { source, folder, findings }: FileContext): GroupFile {
  return { at, folder, written: source.written, findings }
}

function refuseKeys(workflow: Values, at: Path, findings: Findings): void {
  const others = Object.keys(workflow).filter((key) => !Object.hasOwn(ELSEWHERE, key))
  for (const [key, said] of Object.entries(ELSEWHERE))
    if (key in workflow) findings.add([...at, key], said, { side: 'key' })
  refuseOthers(Object.fromEntries(others.map((key) => [key, null])), KEYS, at, findings)
}

/** The action, or the one that was probably meant: the rest is checked for it. */
function readAction(id: string, given: unknown, at: Path, findings: Findings): Action | undefined {
  const actions = actionsByName()
  const names = [...actions.keys()]
  if (names.some((name) => name === id || name.endsWith(`.${id}`)))
    findings.add(at, 'this is the name of an action. Give the workflow another one.', { side: 'key' })
  if (given === undefined || given === null) {
    findings.add([...at, 'action'], `missing; expected one of ${names.join(', ')}.`)
    return undefined
  }
  const action = typeof given === 'string' ? actions.get(given) : undefined
  if (action) return action
  const meant = typeof given === 'string' ? nearestAction(given, names) : undefined
  const hint = meant === undefined ? `Actions: ${names.join(', ')}.` : `Did you mean ${meant}?`
  findings.add([...at, 'action'], `there is no such action. ${hint}`)
  return actions.get(meant ?? '')
}

/** Also without the connector's name. */
function nearestAction(given: string, names: string[]): string | undefined {
  const short = names.map((name) => name.slice(name.indexOf('.') + 1))
  const meant = nearest(given, short)
  return nearest(given, names) ?? names[meant === undefined ? -1 : short.indexOf(meant)]
}

async function readSchedule(given: unknown, path: Path, findings: Findings): Promise<Schedule | null> {
  if (given === undefined || given === null) return null
  const map = mapOf(given)
  if (map) refuseOthers(map, ['cron', 'time_zone'], path, findings)
  const parts = map ?? { cron: given }
  const schedule = z.object({ cron: z.string(), time_zone: z.string().default('UTC') }).safeParse(parts)
  if (!schedule.success) {
    findings.add(path, "expected a cron expression as '*/15 * * * *', or a map of cron and time_zone.")
    return null
  }
  try {
    await checkSchedule(schedule.data)
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error
    findings.add(map ? [...path, error.part] : path, error.message)
  }
  return schedule.data
}

interface Read extends Omit<Workflow, 'resolve' | 'resolveHeartbeat'> {
  /** As it is given. */
  heartbeat: string | null
  groups: Groups
  steps: Steps
}

class FileWorkflow implements Workflow {
  readonly id: string
  readonly action: Action
  readonly incremental: boolean
  readonly schedule: Schedule | null
  readonly full_schedule: Schedule | null
  readonly #heartbeat: string | null
  readonly #groups: Groups
  readonly #steps: Steps
  readonly #file: FileContext

  constructor(read: Read, file: FileContext) {
    this.id = read.id
    this.action = read.action
    this.incremental = read.incremental
    this.schedule = read.schedule
    this.full_schedule = read.full_schedule
    this.#heartbeat = read.heartbeat
    this.#groups = read.groups
    this.#steps = read.steps
    this.#file = file
  }

  async resolveHeartbeat(env: NodeJS.ProcessEnv = this.#file.env): Promise<string | null> {
    if (this.#heartbeat === null) return null
    const findings = new Findings(this.#file.source)
    const at = ['workflows', this.id]
    const file = groupFile(at, { ...this.#file, findings })
    const address = await fillAddress(this.#heartbeat, [...at, 'heartbeat'], file, env)
    findings.refuse()
    return address
  }

  async resolve(env: NodeJS.ProcessEnv = this.#file.env) {
    const { action, id, incremental } = this
    const findings = new Findings(this.#file.source)
    const at = ['workflows', id]
    const group = groupFile(at, { ...this.#file, findings })
    const { groups, secrets } = await fillGroups(action, this.#groups, group, env)
    findings.refuse()
    const details = action.flow.read.partial?.details(groups.pull_parameters)
    if (details === 'without') refuseUnread(this.#steps, { action, at, folder: this.#file.folder, findings })
    const functions = await buildSteps(this.#steps, { action, at, folder: this.#file.folder, findings })
    const parameters = { workflow_id: id, ...groups, ...functions, incremental }
    const more = checkFilled(action, this.#groups, parameters, group)
    findings.refuse()
    return { parameters, secrets: [...new Set([...secrets, ...more])] }
  }
}
