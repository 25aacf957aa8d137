import { describe, expect, test } from 'vitest'
import { checkExpression } from './expressions.js'

const FIELDS = ['title', 'department', 'location', 'experience']

test.each([
  ['title & (', 'Expected ")" before end of expression.', 9],
  ['title $$', 'Syntax error: "$".', 7],
  ['"abc', 'String literal must be terminated by a matching quote.', 4],
  ['title == "a"', 'The symbol "=" cannot be used as a unary operator. JSONata compares with a single =.', 7],
  ['title && "a"', 'The symbol "&" cannot be used as a unary operator. JSONata writes and.', 7],
  ['title || "a"', 'Syntax error: "|". JSONata writes or.', 6],
  ['!title', 'Unknown operator: "!". JSONata writes $not(...), and != for unequal.', 0],
  ['$match(title, /(a/)', 'No terminating / in regular expression.', 19],
  ['$match(title, /[b-a]/)', expect.stringContaining('Range out of order') as string, 0],
  ['', 'Unexpected end of expression.', 0],
  [' '.repeat(20_001), 'is longer than 20000 characters.', 0],
  [`${'('.repeat(9_000)}1${')'.repeat(9_000)}`, 'is nested too deeply.', 0],
  ['1 + $upercase(title)', 'there is no $upercase. Did you mean $uppercase?', 4],
  ['$x', 'there is no $x.', 0],
  ['($count1 := 1; $cuont1)', 'there is no $cuont1. Did you mean $count1?', 15],
  ['sum(title)', 'a function is called with a dollar: $sum(...).', 0],
])('%j is refused', async (text, message, offset) => {
  expect((await checkExpression(text, FIELDS)).problems).toEqual([{ message, offset }])
})

test.each([
  '$map(title, function($v, $i){ $v & $i })',
  '($x := 1; $f := function($y){ $x + $y }; $f(2))',
  'location@$l.title#$i.{"a": $l.city, "b": $i}',
  '$ ~> |$|{"a": 1}|',
  '$$.title ~> $uppercase',
  '$sort(location, function($a, $b){ $a.x > $b.x })[0]',
])('%j is taken', async (text) => {
  expect(await checkExpression(text, FIELDS)).toEqual({ problems: [], warnings: [] })
})

describe('warnings', () => {
  test.each([
    ['departement', 'the item has no field departement. Did you mean department?', 0],
    ['"a" & (titel = 1 ? 2)', 'the item has no field titel. Did you mean title?', 7],
    ['$uppercase(experiance)', 'the item has no field experiance. Did you mean experience?', 11],
    ['$now() & title', '$now gives something else each time: every full run writes every job.', 0],
  ])('%j', async (text, message, offset) => {
    expect(await checkExpression(text, FIELDS)).toEqual({ problems: [], warnings: [{ message, offset }] })
  })

  test.each([
    ['confidential != true', 'confidential', 0],
    ['$exists(title) and ("Sales" != department)', 'department', 31],
    ['location.city != "Paris"', 'location.city', 0],
  ])('%j discards what does not have the field', async (text, name, offset) => {
    const message = `an item without ${name} is discarded too, since != is false then. $not(${name} = ...) takes it.`
    const known = [...FIELDS, 'confidential']
    expect((await checkExpression(text, known, 'condition')).warnings).toEqual([{ message, offset }])
    expect((await checkExpression(text, known, 'mapping')).warnings).toEqual([])
  })

  test.each([
    '$type(title) != "null"',
    '$not(title != "a")',
    'title != "a" or $not($exists(title))',
    '$exists(title) and title != "a"',
    '(title != "a") = false',
    '$count(location[city != "Paris"]) > 0',
  ])('are not given where != decides nothing alone: %j', async (text) => {
    expect((await checkExpression(text, FIELDS, 'condition')).warnings).toEqual([])
  })

  test('name a variable that is not read, and say of a fickle condition what it does', async () => {
    const taken = '${REGION} is taken as it stands: variables are read in the four groups of parameters alone.'
    expect((await checkExpression('"${REGION}" & title', FIELDS)).warnings).toEqual([{ message: taken, offset: 1 }])
    const fickle = '$random gives something else each time: each run takes others.'
    expect((await checkExpression('$random() > 0.5', FIELDS, 'condition')).warnings).toEqual([
      { message: fickle, offset: 0 },
    ])
  })

  test('are not given for parts of parts, nor for fields of which nobody knows', async () => {
    for (const text of ['location.titel', 'location[titel = 1]', 'location.{"titel": titel}', 'customer_field'])
      expect(await checkExpression(text, FIELDS)).toEqual({ problems: [], warnings: [] })
  })
})
