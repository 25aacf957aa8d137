import type { Problem } from '../core/text/validation.js'
import type { Action } from '../core/model/flow.js'
import { checkRequest, groupsOf, secretsIn } from '../core/model/request.js'
import { environmentParameters, type EnvironmentVariable, environmentVariables } from '../runtime/environment.js'
import { type GroupName, GROUPS, parametersOf } from './actions.js'
import { isParameter } from './file/code-frame.js'
import type { Findings } from './file/findings.js'
import { fillIn, isPlaceholder, literalOf, PlaceholderError, placeholdersIn } from './file/placeholders.js'
import { mapOf, type Path } from './file/source.js'

type Values = Record<string, unknown>

/** The four groups of parameters as the file gives them. */
export type Groups = Record<GroupName, Values>

/** Where a workflow's parameters stand, and how their texts are read. */
export interface GroupFile {
  /** Of the workflow. */
  at: Path
  folder: string
  /** Whether `${...}` may stand in a part of a text. */
  written: boolean
  findings: Findings
}

/** The groups as they are given; one without content is as one that is not there. */
export function readGroups(workflow: Values, { at, findings }: GroupFile): Groups {
  const read = (name: GroupName): Values => {
    const given = mapOf(workflow[name] ?? {})
    if (!given) findings.add([...at, name], 'expected a map of parameters and values.')
    return given ?? {}
  }
  return {
    connector_auth: read('connector_auth'),
    hrflow_auth: read('hrflow_auth'),
    pull_parameters: read('pull_parameters'),
    push_parameters: read('push_parameters'),
  }
}

/** Checks what can be checked before anything is read from elsewhere, by the action's own schemas. */
export function checkGroups(action: Action, groups: Groups, other: Values, file: GroupFile): void {
  const { at, findings, written } = file
  const open = new Set<string>()
  const literal = mapTexts(groups, (text, group, name) => {
    try {
      const plain = written ? literalOf(text) : isPlaceholder(text) ? null : text
      if (plain === null) open.add(`${group}.${name}`)
      else if (written) warnOfSecret(action, group, name, file)
      return plain ?? text
    } catch (error) {
      if (!(error instanceof PlaceholderError)) throw error
      open.add(`${group}.${name}`)
      findings.add([...at, group, name], error.message)
      return text
    }
  })
  const fillable = environmentVariables(action).map(({ group, parameter }) => `${group}.${parameter}`)
  const checked = checkRequest(action.flow, groupsOf(action.flow, action.own), { ...other, ...literal })
  for (const problem of checked.ok ? [] : checked.problems) {
    const missing = problem.message.startsWith('missing') && fillable.includes(problem.path)
    if (!missing && !open.has(problem.path)) report(problem, groups, file)
  }
}

/** The groups with everything that stands elsewhere, and what was read for secrets. */
export async function fillGroups(
  action: Action,
  groups: Groups,
  file: GroupFile,
  env: NodeJS.ProcessEnv,
): Promise<{ groups: Groups; secrets: string[] }> {
  const { at, findings, folder, written } = file
  const secrets: string[] = []
  const filled: Groups = { connector_auth: {}, hrflow_auth: {}, pull_parameters: {}, push_parameters: {} }
  for (const group of GROUPS) {
    const found: Values = { ...environmentParameters(action, env)[group] }
    for (const [name, value] of Object.entries(groups[group])) {
      // In a program an undefined variable leaves a parameter out.
      if (value === undefined) continue
      found[name] = value
      if (typeof value !== 'string' || (!written && !isPlaceholder(value))) continue
      try {
        const { text, values: read } = await fillIn(value, folder, env)
        found[name] = text
        if (isSecret(action, group, name)) secrets.push(...read)
      } catch (error) {
        if (!(error instanceof PlaceholderError)) throw error
        findings.add([...at, group, name], error.message)
      }
    }
    filled[group] = found
  }
  return { groups: filled, secrets }
}

/** Checks the whole call, and tells the secrets in it. */
export function checkFilled(action: Action, groups: Groups, filled: Values, file: GroupFile): string[] {
  const variables = environmentVariables(action)
  const checked = checkRequest(action.flow, groupsOf(action.flow, action.own), filled)
  if (checked.ok) return secretsIn(action.flow, checked.request)
  for (const problem of checked.problems) {
    const variable = variables.find(({ group, parameter }) => `${group}.${parameter}` === problem.path)
    report(problem, groups, file, variable)
  }
  return []
}

/** One problem of the schemas, at its place and in the words of a file. */
function report(problem: Problem, groups: Groups, file: GroupFile, variable?: EnvironmentVariable): void {
  const { at, findings, written } = file
  const [section = '', ...names] = problem.path.split('.')
  if (section === 'workflow_id') {
    findings.add(at, `the name of the workflow ${problem.message}`, { side: 'key' })
    return
  }
  const group = GROUPS.find((known) => known === section)
  const name = names.join('.')
  const given: unknown = group === undefined ? undefined : groups[group][name]
  const path = [...at, section, ...(name === '' ? [] : [name])]
  if (problem.message.startsWith('unknown parameter')) {
    // What stands in the place of a name may be a secret: `api_secret:ask_...` without a blank is one word.
    const shown = group === undefined || isParameter(group, name)
    findings.add(shown ? path : [...at, section], problem.message, { side: 'key' })
    return
  }
  findings.add(path, [problem.message, ...advice(problem.message, given, written, variable)].join(' '))
}

function advice(message: string, given: unknown, written: boolean, variable?: EnvironmentVariable): string[] {
  if (given === undefined && variable !== undefined) {
    const name = variable.variable
    return [`Give it here, a secret as \${NAME} or \${file:/path}, or set ${name} in the environment.`]
  }
  if (typeof given === 'string' && placeholdersIn(given).length > 0)
    return [`It is read from ${placeholdersIn(given).join(', ')}.`]
  return written && /expected string, received (number|boolean)/.test(message) ? ['Put it in quotes.'] : []
}

function warnOfSecret(action: Action, group: GroupName, name: string, { at, findings }: GroupFile): void {
  if (!isSecret(action, group, name)) return
  const known = environmentVariables(action).find((found) => found.group === group && found.parameter === name)
  findings.warn(
    [...at, group, name],
    `a secret is written out. Keep it in a variable, \${${known?.variable ?? 'NAME'}}, or in a file, \${file:/path}.`,
  )
}

export function isSecret(action: Action, group: GroupName, name: string): boolean {
  return parametersOf(action, group).some((parameter) => parameter.secret && parameter.name === name)
}

function mapTexts(groups: Groups, change: (text: string, group: GroupName, name: string) => string): Groups {
  const changed = (group: GroupName): Values =>
    Object.fromEntries(
      Object.entries(groups[group]).map(([name, value]) => [
        name,
        typeof value === 'string' ? change(value, group, name) : value,
      ]),
    )
  return {
    connector_auth: changed('connector_auth'),
    hrflow_auth: changed('hrflow_auth'),
    pull_parameters: changed('pull_parameters'),
    push_parameters: changed('push_parameters'),
  }
}
