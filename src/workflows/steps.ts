import { z } from 'zod'
import type { Action } from '../core/model/flow.js'
import type { Callable } from '../core/model/parameters.js'
import { nearest } from '../core/text/did-you-mean.js'
import { GROUPS, knownParameters } from './actions.js'
import type { Findings } from './file/findings.js'
import { mapOf, type Path } from './file/source.js'
import { checkReference, FunctionError, isCallable, loadFunction } from './functions.js'
import { Evaluator } from './mapping/evaluator.js'
import { checkExpression } from './mapping/expressions.js'
import { UnknownField } from './mapping/fields.js'
import { conditionLogic, detailNamed, type Expression, type Mapping, mappingFormat } from './mapping/mapping.js'
import { type Target, TargetError, targetOf } from './mapping/targets.js'

/** What a workflow does with an item, as the file gives it. */
export type Step =
  | { kind: 'function'; run: Callable }
  | { kind: 'reference'; text: string; path: Path }
  | ({ kind: 'condition' } & Expression)
  | { kind: 'mapping'; mapping: Mapping }

export interface Steps {
  logics: Step[]
  format: Step | null
  callback: Step | null
}

/** Where steps stand, and what they are for. Without an action only what needs none is checked. */
export interface StepFile {
  action: Action | undefined
  at: Path
  folder: string
  findings: Findings
  /** Functions come before: an item may have fields by then that nobody knows. */
  after_functions?: boolean
}

type Values = Record<string, unknown>

const REFERENCE = 'a function as ./functions.ts#name'
const constant = z.union([z.string(), z.number(), z.boolean(), z.null()])

/** Reads and checks logics, format and callback; expressions are parsed, functions looked for and not yet loaded. */
export async function readSteps(workflow: Values, file: StepFile): Promise<Steps> {
  const { logics, format, callback } = workflow
  const at = (...path: (string | number)[]): Path => [...file.at, ...path]
  const read = await readLogics(logics, at('logics'), file)
  return {
    logics: read,
    format: isGiven(format) ? await readFormat(format, at('format'), behind(read, file)) : null,
    callback: isGiven(callback) ? await readFunction(callback, at('callback'), REFERENCE, file) : null,
  }
}

function behind(logics: readonly Step[], file: StepFile): StepFile {
  return { ...file, after_functions: logics.some(({ kind }) => kind !== 'condition') }
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}

async function readLogics(given: unknown, path: Path, file: StepFile): Promise<Step[]> {
  if (!isGiven(given)) return []
  if (!Array.isArray(given)) {
    file.findings.add(path, `expected a list, each entry of which is ${REFERENCE} or a condition, if: EXPRESSION.`)
    return []
  }
  const read: Step[] = []
  for (const [index, logic] of given.entries()) {
    const step = await readLogic(logic, [...path, index], behind(read, file))
    if (step) read.push(step)
  }
  return read
}

async function readLogic(given: unknown, path: Path, file: StepFile): Promise<Step | null> {
  const condition = mapOf(given)
  if (!condition) return readFunction(given, path, `${REFERENCE} or a condition, if: EXPRESSION`, file)
  refuseOthers(condition, ['if'], path, file.findings)
  // A misspelt `if` was told.
  if (!('if' in condition) && Object.keys(condition).length > 0) return null
  const expression = await readExpression(condition['if'], [...path, 'if'], file, 'condition')
  return expression === null ? null : { kind: 'condition', ...expression }
}

async function readFormat(given: unknown, path: Path, file: StepFile): Promise<Step | null> {
  const mapping = mapOf(given)
  if (!mapping) return readFunction(given, path, `${REFERENCE} or a mapping of base and fields`, file)
  const { findings } = file
  refuseOthers(mapping, ['base', 'fields'], path, findings)
  const base = z.enum(['default', 'none']).optional().safeParse(mapping['base'])
  if (!base.success) {
    const said = `expected default, on top of the connector's own format, or none, in its place.`
    findings.add([...path, 'base'], said)
  }
  const fields = mapOf(mapping['fields'])
  if (!fields || Object.keys(fields).length === 0) {
    findings.add([...path, 'fields'], 'expected a map of targets and expressions, as name: title.')
    return null
  }
  const read = await readFields(fields, [...path, 'fields'], file)
  const kind = base.data ?? 'default'
  if (kind === 'none' && !read.some(({ target }) => target.text === 'reference'))
    findings.add([...path, 'base'], 'without a base the fields must give a reference, as reference: shortcode.')
  return { kind: 'mapping', mapping: { base: kind, fields: read } }
}

async function readFields(given: Values, path: Path, file: StepFile): Promise<Mapping['fields']> {
  const read: Mapping['fields'] = []
  const known = new Set<string>()
  for (const [name, value] of Object.entries(given)) {
    const target = readTarget(name, [...path, name], file)
    const expression = await readExpression(value, [...path, name], file, 'mapping')
    if (target && known.has(target.key))
      file.findings.add([...path, name], 'this target is given twice.', { side: 'key' })
    if (!target || expression === null) continue
    known.add(target.key)
    read.push({ target, ...expression })
  }
  return read
}

function readTarget(text: string, path: Path, { action, findings }: StepFile): Target | null {
  if (!action) return null
  try {
    return targetOf(text, action.flow.write.schema)
  } catch (error) {
    if (!(error instanceof TargetError)) throw error
    findings.add(path, error.message, { side: 'key' })
    return null
  }
}

/** An expression; numbers, true, false and null mean themselves. */
async function readExpression(
  given: unknown,
  path: Path,
  { action, findings, after_functions }: StepFile,
  use: 'mapping' | 'condition',
): Promise<Expression | null> {
  const value = constant.safeParse(given)
  // Without anything after its name, `if:` would discard everything.
  if (!value.success || (use === 'condition' && value.data === null)) {
    findings.add(path, 'expected an expression, as a text.')
    return null
  }
  const text = String(value.data)
  const schema = action?.flow.from.aisles[action.flow.entity]?.schema
  const { problems, warnings, reads } = await checkExpression(text, schema, use)
  for (const { message, offset } of problems) findings.add(path, message, { offset })
  const unknown: UnknownField[] = []
  for (const warning of warnings) {
    const { message, offset } = warning
    const isField = warning instanceof UnknownField
    if (isField) unknown.push(warning)
    if (!isField || (warning.isNear && after_functions !== true))
      findings.warn(path, message, { offset, open: isField })
  }
  return problems.length > 0 ? null : { expression: text, unknown, reads }
}

async function readFunction(given: unknown, path: Path, expected: string, file: StepFile): Promise<Step | null> {
  if (isCallable(given)) return { kind: 'function', run: given }
  if (typeof given !== 'string') {
    file.findings.add(path, `expected ${expected}.`)
    return null
  }
  try {
    await checkReference(given, file.folder)
    return { kind: 'reference', text: given, path }
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error
    file.findings.add(path, error.message)
    return null
  }
}

/** Keys that are not there, with the one that was probably meant. */
export function refuseOthers(given: Values, known: readonly string[], path: Path, findings: Findings): void {
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue
    const meant = nearest(key, known)
    const hint = meant === undefined ? `Known: ${known.join(', ')}.` : `Did you mean ${meant}?`
    findings.add([...path, key], `unknown key. ${whereOf(key) ?? hint}`, { side: 'key' })
  }
}

/** Where a parameter belongs that stands among other keys. One word has two meanings: the other is no part of the file. */
function whereOf(key: string): string | null {
  const group = GROUPS.find((known) => knownParameters(known).some(({ name }) => name === key))
  if (group === undefined) return null
  const place = key === 'state' ? ' The place where state is kept is named by HRFLOW_CONNECTORS_STATE.' : ''
  return `In a workflow it belongs under ${group}.${place}`
}

/** Tells of expressions that read what only a detail brings, where none is asked for: they would never find it. */
export function refuseUnread({ logics, format }: Steps, { action, at, findings }: StepFile & { action: Action }): void {
  const tell = (expression: Expression, path: Path) => {
    const field = detailNamed(expression, action.flow)
    if (field !== null)
      findings.add(path, `${field} comes with the details of an item alone, and details: without asks for none.`)
  }
  for (const [index, step] of logics.entries())
    if (step.kind === 'condition') tell(step, [...at, 'logics', index, 'if'])
  if (format?.kind !== 'mapping') return
  for (const { target, ...expression } of format.mapping.fields)
    tell(expression, [...at, 'format', 'fields', target.text])
}

/** The functions that steps stand for, as an action takes them. Loads what is referred to. */
export async function buildSteps(steps: Steps, file: StepFile & { action: Action }) {
  const mapped = steps.format?.kind === 'mapping' ? steps.format.mapping : undefined
  const conditions = steps.logics.flatMap((step) => (step.kind === 'condition' ? [step.expression] : []))
  const evaluator = new Evaluator([...conditions, ...(mapped?.fields ?? []).map(({ expression }) => expression)])
  let nextCondition = 0
  const build = async (step: Step, place: number): Promise<Callable | null> => {
    if (step.kind === 'function') return step.run
    if (step.kind === 'condition') return conditionLogic(step, place, file.action.flow, evaluator, nextCondition++)
    if (step.kind === 'mapping') return mappingFormat(step.mapping, file.action.flow, evaluator, conditions.length)
    return loadFunction(step.text, file.folder).catch((error: unknown) => {
      if (!(error instanceof FunctionError)) throw error
      file.findings.add(step.path, error.message)
      return null
    })
  }
  const logics: (Callable | null)[] = []
  for (const [place, step] of steps.logics.entries()) logics.push(await build(step, place))
  return {
    logics: logics.filter((logic) => logic !== null),
    format: steps.format ? await build(steps.format, 0) : null,
    callback: steps.callback ? await build(steps.callback, 0) : null,
  }
}
