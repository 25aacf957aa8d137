import { z } from 'zod'
import { type ParameterDescription, type ParameterGroup, parameterGroups } from '../../../core/model/describe.js'
import type { Action } from '../../../core/model/flow.js'
import { groupsOf } from '../../../core/model/request.js'
import { problemsOf } from '../../../core/text/validation.js'
import { flagOf, takesFunctions, variableOf } from '../../input/actions.js'

/** One thing that `init` wants to know. */
export interface Question {
  /** The flag that answers it. */
  flag: string
  message: string
  /** The answers there are; without it any text is one. */
  choices?: { value: string; label: string; hint?: string }[]
  /** What is taken when nothing is said; '' is none. Left out: an answer is needed. */
  standard?: string
  /** The variable that gives the standard answer where it is set. */
  variable?: string
  /** The answer before cannot be used, and is not offered again. */
  refused?: true
  /** What is wrong with an answer. */
  problem?(answer: string): string | undefined
}

/** A parameter of an action, and the question after it. */
export interface ParameterQuestion {
  group: GroupName
  parameter: ParameterDescription
  question: Question
  /** Whether a person is asked, or it is taken from its flag alone. */
  asked: boolean
  /** An answer as it goes into the file: of an address pasted from a browser the name that begins it, where that is what is asked for. */
  meant: (answer: string) => string
}

export type GroupName = Exclude<ParameterGroup['name'], 'other'>

/** `${NAME}` and `${file:PATH}`: read when the workflow is run. */
const PLACEHOLDER = /^\$\{[^{}]+\}$/

/** In capitals: what has small letters may be the secret itself. */
const VARIABLE = /^[A-Z_][A-Z0-9_]{0,99}$/

/** How HrFlow's keys begin. */
const SECRET = /^ask[rw]?_/i

/** What an action has to be told, group by group. Secrets are asked for by the name of a variable alone. */
export function parameterQuestions(action: Action, env: NodeJS.ProcessEnv): ParameterQuestion[] {
  return parameterGroups(action).flatMap(({ name: group, parameters }) => {
    if (group === 'other') return []
    return parameters.flatMap((parameter) => {
      if (takesFunctions(parameter)) return []
      const question = parameter.secret
        ? secretQuestion(action, group, parameter)
        : valueQuestion(action, group, parameter, env)
      const asked = parameter.required || parameter.suggested !== null
      const meant = (answer: string) => meantBy(action, group, parameter.name, answer)
      return [{ group, parameter, question, asked, meant }]
    })
  })
}

function secretQuestion(action: Action, group: GroupName, { name }: ParameterDescription): Question {
  const variable = variableOf(action, group, name) ?? name.toUpperCase()
  return {
    flag: `${flagOf(name)}-variable`,
    message: `Environment variable that holds ${name}`,
    standard: variable,
    problem: (answer) =>
      VARIABLE.test(answer) || PLACEHOLDER.test(answer)
        ? undefined
        : `expected the name of a variable in capitals, such as ${variable}, or \${file:/path}. The secret itself does not belong here.`,
  }
}

function valueQuestion(
  action: Action,
  group: GroupName,
  parameter: ParameterDescription,
  env: NodeJS.ProcessEnv,
): Question {
  const { name, description, values, required } = parameter
  const variable = variableOf(action, group, name)
  const known = knownAnswer(action, group, parameter, env)
  const given = typeof parameter.default === 'string' ? parameter.default : ''
  const question: Question = {
    flag: flagOf(name),
    message: `${name}: ${description}`,
    problem: (answer) => {
      if (SECRET.test(answer)) return 'this looks like a secret, which does not belong into the file.'
      if (PLACEHOLDER.test(answer)) return undefined
      return problemOf(action, group, name, meantBy(action, group, name, answer))
    },
    ...(variable === undefined ? {} : { variable }),
  }
  if (required) return known === undefined ? question : { ...question, standard: known }
  if (values.length === 0) return { ...question, standard: '' }
  const none = given === '' ? [{ value: '', label: 'any', hint: 'no filter' }] : []
  const standard = parameter.suggested ?? given
  return { ...question, standard, choices: [...none, ...values.map((value) => ({ value, label: value }))] }
}

/** What the environment says: as it is, but for what names a person, which stays there. */
function knownAnswer(
  action: Action,
  group: GroupName,
  { name }: ParameterDescription,
  env: NodeJS.ProcessEnv,
): string | undefined {
  const variable = variableOf(action, group, name)
  const value = variable === undefined ? '' : (env[variable] ?? '').trim()
  if (value === '' || variable === undefined) return undefined
  const field: unknown = schemaOf(action, group).shape[name]
  return field instanceof z.ZodType && field.meta()?.['personal'] === true ? `\${${variable}}` : value
}

/** By the parameter's own schema. Booleans come as text from a command line. */
function problemOf(action: Action, group: GroupName, name: string, answer: string): string | undefined {
  const field: unknown = schemaOf(action, group).shape[name]
  if (!(field instanceof z.ZodType) || answer === '') return undefined
  const schema = z.object({ [name]: field })
  const input = { [name]: valueOf(answer) }
  const [issue] = schema.safeParse(input).error?.issues ?? []
  return issue && problemsOf(issue, input, schema)[0]?.message
}

function meantBy(action: Action, group: GroupName, name: string, answer: string): string {
  if (problemOf(action, group, name, answer) === undefined) return answer
  const address = /^https?:\/\//.test(answer) ? answer : `https://${answer}`
  const [label = '', ...more] = URL.canParse(address) ? new URL(address).hostname.split('.') : []
  return more.length > 1 && problemOf(action, group, name, label) === undefined ? label : answer
}

function schemaOf({ flow, own }: Action, group: GroupName): z.ZodObject {
  if (group === 'pull_parameters') return flow.read.parameters
  if (group === 'push_parameters') return flow.write.parameters
  return groupsOf(flow, own).origin_auth === group ? flow.from.auth : flow.to.auth
}

/** As it stands in the file. */
export function valueOf(answer: string): string | boolean {
  return answer === 'true' || answer === 'false' ? answer === 'true' : answer
}

/** What stands in the file for a secret: where it is, never what it is. */
export function placeholderOf(answer: string): string {
  return PLACEHOLDER.test(answer) ? answer : `\${${answer}}`
}

/** The name of a new workflow. */
export function nameQuestion(wanted: string, taken: readonly string[]): Question {
  const free = [wanted, ...taken.map((_, at) => `${wanted}-${at + 2}`)].find((name) => !taken.includes(name))
  return {
    flag: '--workflow',
    message: 'Name of the workflow: it keeps its state under it',
    standard: free ?? wanted,
    problem(answer) {
      if (taken.includes(answer)) return `the file has a workflow ${answer} already.`
      return /^[a-zA-Z0-9][\w.-]{0,99}$/.test(answer)
        ? undefined
        : 'expected letters, digits, dots, dashes and underscores.'
    },
  }
}
