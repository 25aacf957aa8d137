import { describe, expect, test } from 'vitest'
import { registry } from '../../connectors/index.js'
import { ExpressionWatch } from './expression-watch.js'
import { checkExpression } from './expressions.js'
import { UnknownField } from './fields.js'

async function watchOf(expression: string): Promise<ExpressionWatch> {
  const { warnings } = await checkExpression(expression, registry.Workable.flows[1].from.aisles.job.schema)
  const unknown = warnings.filter((warning) => warning instanceof UnknownField)
  return new ExpressionWatch({ what: 'format.fields.x', effect: 'it empties the field', expression, unknown })
}

const said = (watch: ExpressionWatch, least = 1) => watch.told(least).map((told) => told.said)

describe('an expression that names a field which the schema does not know', () => {
  test('is told of with the number of items, until one of them has it', async () => {
    const watch = await watchOf('erp_id')
    expect(said(watch)).toEqual([])
    watch.see({ title: 'a' }, null)
    expect(said(watch)[0]).toMatch(/no field erp_id\. .* It is not in the one item seen\.$/)
    watch.see({ title: 'b' }, null)
    expect(said(watch, 10)[0]).toMatch(/It is not in any of the 2 items seen\.$/)
    watch.see({ erp_id: 'E1' }, 'E1')
    expect(said(watch)).toEqual([])
  })

  test('is not told of where an item that was only listed has it, nor is that the others gave nothing', async () => {
    const watch = await watchOf('erp_id')
    watch.see({ title: 'a' }, null)
    watch.look({ erp_id: 'E1' })
    expect(said(watch)).toEqual([])
  })

  test('is told of before any item was seen only to whoever asks for that', async () => {
    const watch = await watchOf('titel')
    expect(said(watch)).toEqual([])
    expect(said(watch, 0)).toEqual(['the item has no field titel. Did you mean title?'])
  })
})

describe('an expression that gave nothing', () => {
  test.each([[null], [''], [[]]])('as %j, is told of when enough items were seen', async (nothing) => {
    const watch = await watchOf('experience')
    watch.see({}, nothing)
    expect(said(watch, 2)).toEqual([])
    watch.see({}, nothing)
    expect(said(watch, 2)).toEqual(['the expression gave nothing for any of the 2 items seen: it empties the field.'])
  })

  test('is told with what becomes of the field: it is emptied where the expression gave what is empty', () => {
    const effects = { effect: 'it stays', empties: 'it is emptied' }
    const watch = new ExpressionWatch({ what: 'format.fields.x', expression: 'a', unknown: [], ...effects })
    watch.see({}, undefined)
    expect(said(watch)).toEqual(['the expression gave nothing for the one item seen: it stays.'])
    watch.see({}, null)
    expect(said(watch)).toEqual(['the expression gave nothing for any of the 2 items seen: it is emptied.'])
  })

  test.each([[0], [false], ['a'], [{}]])('is not one that gave %j once', async (value) => {
    const watch = await watchOf('experience')
    for (const result of [null, value, null]) watch.see({}, result)
    expect(said(watch)).toEqual([])
  })

  test('is not null, which means it', async () => {
    const watch = await watchOf('null')
    watch.see({}, null)
    expect(said(watch, 0)).toEqual([])
  })
})
