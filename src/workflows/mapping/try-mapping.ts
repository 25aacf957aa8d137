import type { Action } from '../../core/model/flow.js'
import type { Callable } from '../../core/model/parameters.js'
import { messageOf } from '../../core/errors.js'
import { problemsOf } from '../../core/text/validation.js'
import { isRecord } from '../../core/text/json.js'
import { EvaluationError, Evaluator } from './evaluator.js'
import { checkExpression } from './expressions.js'
import { type Target, TargetError, targetOf } from './targets.js'

/** A mapping as it is being written: targets and expressions. */
export interface TriedMapping {
  base: 'default' | 'none'
  fields: Readonly<Record<string, string>>
}

/** What it makes of one item. */
export interface Tried {
  results: { target: string; value: unknown; problem: string | null }[]
  /** The item that would be written; undefined: it fails, or is discarded. */
  item: unknown
  problems: string[]
}

interface Field {
  name: string
  expression: string
  target: Target | null
  problem: string | null
}

/**
 * What a mapping makes of an item, expression by expression, as a run would make it. Nothing of it is kept, and no function of a file
 * is called but the logics that are given.
 */
export async function tryMapping(
  action: Action,
  { base, fields }: TriedMapping,
  item: unknown,
  logics: readonly Callable[],
): Promise<Tried> {
  const read = await Promise.all(Object.entries(fields).map(([name, text]) => readField(action, name, text)))
  const results = await evaluated(read, item)
  const problems: string[] = []
  for (const { target, problem } of results) if (problem !== null) problems.push(`${target}: ${problem}`)
  if (problems.length > 0) return { results, item: undefined, problems }
  const kept = await passing(item, logics)
  if ('problem' in kept) return { results, item: undefined, problems: [kept.problem] }
  return { results, ...(await madeOf(action, base, kept.item, { read, results })) }
}

async function readField({ flow }: Action, name: string, expression: string): Promise<Field> {
  try {
    const target = targetOf(name, flow.write.schema)
    const schema = flow.from.aisles[flow.entity]?.schema
    const { problems } = await checkExpression(expression, schema)
    return { name, expression, target, problem: problems[0]?.message ?? null }
  } catch (error) {
    if (!(error instanceof TargetError)) throw error
    return { name, expression, target: null, problem: error.message }
  }
}

async function evaluated(read: readonly Field[], item: unknown): Promise<Tried['results']> {
  const evaluator = new Evaluator(read.map(({ expression, problem }) => (problem === null ? expression : 'null')))
  const results: Tried['results'] = []
  for (const [index, { name, problem }] of read.entries()) {
    if (problem !== null) results.push({ target: name, value: undefined, problem })
    else results.push({ target: name, ...(await evaluate(evaluator, index, item)) })
  }
  return results
}

async function evaluate(evaluator: Evaluator, index: number, item: unknown) {
  try {
    const [value] = await evaluator.evaluate([index], item)
    return { value, problem: null }
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error
    return { value: undefined, problem: error.message }
  }
}

async function passing(item: unknown, logics: readonly Callable[]): Promise<{ item: unknown } | { problem: string }> {
  let passed: unknown = structuredClone(item)
  try {
    for (const logic of logics) {
      passed = await Reflect.apply(logic, undefined, [passed])
      if (passed === null) return { problem: 'Logics discard it.' }
    }
    return { item: passed }
  } catch (error) {
    return { problem: `Logics fail: ${messageOf(error)}` }
  }
}

async function madeOf(
  { flow }: Action,
  base: TriedMapping['base'],
  item: unknown,
  { read, results }: { read: readonly Field[]; results: Tried['results'] },
): Promise<Pick<Tried, 'item' | 'problems'>> {
  try {
    const formatted: unknown = base === 'none' ? {} : await flow.format(item)
    let made: Record<string, unknown> = isRecord(formatted) ? formatted : {}
    const given = read.map(({ target }, index) => ({ target, value: results[index]?.value }))
    // The whole before its parts, as a run does it.
    const ordered = given.sort((a, b) => (a.target?.depth ?? 0) - (b.target?.depth ?? 0))
    for (const { target, value } of ordered) made = target?.set(made, value) ?? made
    const parsed = flow.write.schema.safeParse(made)
    if (parsed.success) return { item: parsed.data, problems: [] }
    const found = parsed.error.issues.flatMap((issue) => problemsOf(issue, made, flow.write.schema))
    return { item: undefined, problems: found.map(({ path, message }) => `${path}: ${message}`) }
  } catch (error) {
    return { item: undefined, problems: [messageOf(error)] }
  }
}
