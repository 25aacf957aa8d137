import { z } from 'zod'
import { ItemError } from '../../core/errors.js'
import type { AnyFlow } from '../../core/model/flow.js'
import { type Callable, WATCH, type Watch } from '../../core/model/parameters.js'
import { hashOf } from '../../core/state/scope.js'
import { EvaluationError, type Evaluator } from './evaluator.js'
import { ExpressionWatch, together } from './expression-watch.js'
import type { UnknownField } from './fields.js'
import type { Reads } from './names.js'
import { type Target, TargetError } from './targets.js'

/** A mapping as a file gives it: targets and expressions, on top of the connector's own format or in place of it. */
export interface Mapping {
  base: 'default' | 'none'
  fields: ({ target: Target } & Expression)[]
}

/** An expression, and the fields in it that the schema of the item does not know. */
export interface Expression {
  expression: string
  unknown: readonly UnknownField[]
  /** What it reads; null: it may be any field. */
  reads: Reads | null
}

const EFFECTS = { effect: 'what the target has there stays', empties: 'it empties the field on the target' }

/**
 * A function that says by `version` when it maps differently, by `details` whether the list entry of an item is enough for it,
 * and that notices what its expressions give.
 */
export type Versioned = Callable & { version: string; details?: 'list'; [WATCH]: Watch }

/**
 * The format that a mapping describes. Its expressions stand in the evaluator from `first` on, in their order. What goes
 * wrong is an `ItemError` that names the field.
 */
export function mappingFormat(mapping: Mapping, flow: AnyFlow, evaluator: Evaluator, first: number): Versioned {
  const { base, fields } = mapping
  const indexes = fields.map((_, index) => first + index)
  // The whole before its parts, whatever the order in the file.
  const order = fields
    .map(({ target }, index) => ({ target, index }))
    .sort((a, b) => a.target.depth - b.target.depth || a.index - b.index)
  const watches = fields.map(
    ({ target, ...read }) => new ExpressionWatch({ what: labelOf(target), ...EFFECTS, ...read }),
  )
  const format = async (item: never): Promise<unknown> => {
    const values = await evaluator.evaluate(indexes, item).catch((error: unknown) => {
      if (!(error instanceof EvaluationError)) throw error
      throw badField(fields[error.index - first]?.target, error.message)
    })
    for (const [index, watch] of watches.entries()) watch.see(item, values[index])
    let made: Record<string, unknown> = base === 'none' ? {} : record.parse(await flow.format(item))
    for (const { target, index } of order) {
      try {
        made = target.set(made, values[index])
      } catch (error) {
        if (!(error instanceof TargetError)) throw error
        throw badField(target, error.message)
      }
    }
    return made
  }
  const texts = fields.map(({ target, expression }) => [target.key, expression]).sort()
  const version = hashOf(['mapping', base, base === 'default' ? flow.format_version : null, texts])
  return Object.assign(format, { version, ...listIsEnough(fields, flow), [WATCH]: together(watches) })
}

const record = z.record(z.string(), z.unknown())

function badField(target: Target | undefined, sentence: string): ItemError {
  return new ItemError('mapping_failed', `${labelOf(target)}: ${sentence}`)
}

function labelOf(target: Target | undefined): string {
  return `format.fields.${target?.text ?? ''}`
}

/** A logic that discards the items for which the condition at `index` of the evaluator does not hold. */
export function conditionLogic(
  read: Expression,
  place: number,
  flow: AnyFlow,
  evaluator: Evaluator,
  index: number,
): Versioned {
  const what = `logics.${place}.if`
  const watch = new ExpressionWatch({ what, effect: 'it discards them', ...read })
  const logic = async (item: never): Promise<unknown> => {
    try {
      const [result] = await evaluator.evaluate([index], item)
      watch.see(item, result)
      return holds(result) ? item : null
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error
      throw new ItemError('condition_failed', `${what}: ${error.message}`)
    }
  }
  const version = hashOf(['condition', read.expression])
  return Object.assign(logic, { version, ...listIsEnough([read], flow), [WATCH]: together([watch]) })
}

/** Of the fields that only a load brings, one that an expression names; null: none, or it cannot be told. */
export function detailNamed({ reads }: Expression, { read }: AnyFlow): string | null {
  return read.partial?.lacks.find((field) => reads?.names.includes(field)) ?? null
}

function listIsEnough(expressions: readonly Expression[], { read }: AnyFlow): { details?: 'list' } {
  const lacks = read.partial?.lacks ?? []
  const waits = ({ reads }: Expression) =>
    reads === null || lacks.some((field) => reads.names.includes(field) || reads.texts.includes(field))
  return expressions.some(waits) ? {} : { details: 'list' }
}

/** As JSONata's $boolean: no result, null, false, 0, '', [] and {} do not hold, and a list holds if one entry does. */
function holds(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(holds)
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0
  return Boolean(value)
}
