import { describe, expect, test } from 'vitest'
import { registry } from '../../connectors/index.js'
import { checkExpression } from './expressions.js'
import { UnknownField } from './fields.js'

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
  expect(await checkExpression(text, FIELDS)).toMatchObject({ problems: [], warnings: [] })
})

test.each<[string, string[] | null, string[]?]>([
  ['title & department', ['title', 'department']],
  ['$.title = "a"', ['title'], ['a']],
  ['location[city = "Lyon"].country', ['location', 'country', 'city'], ['Lyon']],
  ['$map(tags, function($v) { $v.name })', ['tags', 'name']],
  ['($x := experience; $x)', ['experience']],
  ['{"a": title}', ['title'], ['a']],
  ['$$.title', ['title']],
  ['$lookup(location, "city")', ['location'], ['city']],
  ['`full title`', ['full title']],
  ['*', null],
  ['**.name', null],
  ['$', null],
  ['$string($$)', null],
  ['$lookup($, "experience")', null],
  ['$lookup("experience")', null],
  ['$keys()', null],
  ['$each(function($v, $k) { $k })', null],
  ['$eval("title")', null],
  ['location.%.title', null],
  ['($f := $lookup; $f("ind" & "ustry"))', null],
  ['($e := $each; $e(function($v) { $v }))', null],
  ['$@$x.$lookup($x, "ind" & "ustry")', null],
  ['$$@$x.$keys($x)', null],
])('%j reads %j', async (text, names, texts = []) => {
  const { reads } = await checkExpression(text, FIELDS)
  expect(reads && [...reads.names].sort()).toEqual(names && names.sort())
  if (reads) expect(reads.texts).toEqual(texts)
})

describe('warnings', () => {
  test.each([
    ['departement', 'the item has no field departement. Did you mean department?', 0],
    ['"a" & (titel = 1 ? 2)', 'the item has no field titel. Did you mean title?', 7],
    ['$uppercase(experiance)', 'the item has no field experiance. Did you mean experience?', 11],
    ['$now() & title', '$now gives something else each time: every full run writes every item.', 0],
  ])('%j', async (text, message, offset) => {
    expect(await checkExpression(text, FIELDS)).toMatchObject({ problems: [], warnings: [{ message, offset }] })
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
      expect(await checkExpression(text, FIELDS)).toMatchObject({ problems: [], warnings: [] })
  })
})

// Held against the schema of Workable's jobs, as a workflow file's expressions are.
describe('fields that the schema of the item does not know', () => {
  const schema = registry.Workable.flows[1].from.aisles.job.schema
  const told = async (text: string, use?: 'condition') => {
    const { problems, warnings } = await checkExpression(text, schema, use)
    return [...problems, ...warnings].map(({ message }) => message)
  }

  test.each([
    ['titel', 'titel. Did you mean title?'],
    ['title ? titel : 1', 'titel. Did you mean title?'],
    ['[titel]', 'titel. Did you mean title?'],
    ['{"a": titel}', 'titel. Did you mean title?'],
    ['$.titel', 'titel. Did you mean title?'],
    ['locations.($$.titel)', 'titel. Did you mean title?'],
    ['$map(locations, function($l){ $l.city & titel })', 'titel. Did you mean title?'],
    ['location.contry', 'location.contry. Did you mean location.country?'],
    ['locations[0].citty', 'locations.citty. Did you mean locations.city?'],
    ['locations[citty = "Paris"].coords', 'locations.citty. Did you mean locations.city?'],
    ['locations[$.citty = "Paris"].coords', 'locations.citty. Did you mean locations.city?'],
    ['locations.{"c": citty}', 'locations.citty. Did you mean locations.city?'],
    ['locations{citty: 1}', 'locations.citty. Did you mean locations.city?'],
    ['locations^(citty).coords', 'locations.citty. Did you mean locations.city?'],
    ['($x := location; $x.contry)', 'location.contry. Did you mean location.country?'],
    ['salary.from', 'salary.from. Known: salary_from, salary_to, salary_currency.'],
    ['country', 'country. Did you mean location.country?'],
    ['title.text', 'title.text: title has nothing below it.'],
    ['keywords.first', 'keywords.first: keywords has nothing below it.'],
    ['title & ACME', 'ACME. A text stands in double quotes: "ACME".'],
    ['`first name`', '`first name`. A text stands in double quotes: "first name".'],
  ])('%j', async (text, said) => {
    expect(await told(text)).toEqual([`the item has no field ${said}`])
    expect(await told(text, 'condition')).toEqual([`the item has no field ${said}`])
  })

  test.each(['ACME', 'EUR', 'yes', 'Full-time', 'R&D', 'ACME-1'])(
    'are how the text %j reads: it is said how a text is given',
    async (text) => {
      expect((await told(text))[0]).toContain(
        `If the text itself is meant, it stands in two pairs of quotes: '"${text}"'.`,
      )
    },
  )

  test.each(['Acme Corp', 'Acme, Inc.', '2024-01-01', '50%', 'Acme (Paris)'])(
    'nor a mistake in what reads like the text %j',
    async (text) => {
      const { problems } = await checkExpression(text, schema)
      expect(problems[0]?.message).toContain(`it stands in two pairs of quotes: '"${text}"'.`)
    },
  )

  test.each([
    'locations[city = "Paris"][0].country_name',
    'locations[country_code in ["FR", "BE"]].city',
    'locations^(>city, <country_name).city',
    'locations.{"place": city & ", " & country_name}.place',
    '{"anything": title}.anything',
    '{"anything": title}.other',
    '[title, department].other',
    '*.other',
    '**.other',
    'locations.*.other',
    'locations.%.title',
    'locations#$i[$i = 0].city',
    'locations@$l.{"title": title, "city": $l.city}',
    'locations{city: country_name}',
    '$map(locations, function($l, $i) { $l.other & title })',
    '$filter(locations, function($l) { $l.hidden }).other',
    '$each(location, function($v, $k) { $k & $v.other })',
    '$merge([location, salary]).other',
    '$lookup(location, "other")',
    '$keys($)[0]',
    '$ ~> |location|{"other": other}|',
    '($x := location; $x := salary; $x.salary_from)',
    '($f := function($n) { $n <= 1 ? 1 : $n * $f($n - 1) }; $f(3))',
    'department_hierarchy[-1].name',
    '$join([keywords], ", ")',
    'title[$contains($, "x")]',
    '`title`.$uppercase($)',
    'title ~> $uppercase ~> $trim',
    '$number(salary.salary_from) > 1 ? "high" : "low"',
    'state in ["published", "closed"]',
    '"ACME"',
    "'ACME'",
    'null',
    '12',
  ])('are not seen in %j', async (text) => expect(await told(text)).toEqual([]))

  test('are known to be in an item, also as null, within lists, and not by what every object has', async () => {
    const unknown = async (text: string) => {
      const [found] = (await checkExpression(text, schema)).warnings
      if (!(found instanceof UnknownField)) throw new Error(`${text} names no unknown field.`)
      return found
    }
    const erp = await unknown('erp_id')
    expect([{ erp_id: 1 }, { erp_id: null }, {}, null, [{ erp_id: 1 }]].map((item) => erp.isIn(item))).toEqual([
      true,
      true,
      false,
      false,
      true,
    ])
    const deep = await unknown('locations.gate')
    expect(deep.isIn({ locations: [{ city: 'Paris' }, { gate: 'A' }] })).toBe(true)
    expect(deep.isIn({ locations: [{ city: 'Paris' }, null] })).toBe(false)
    expect((await unknown('toString')).isIn({})).toBe(false)
  })
})
