import { spawnSync } from 'node:child_process'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Evaluator } from './evaluator.js'
import { FUNCTIONS } from './jsonata-functions.js'

const ITEM = { title: 'Engineer', secret: 'content of the item', tags: ['a', 'b'], n: 3, nothing: null }

/** Ten times what a busy machine takes for what ends. */
const LONG_MS = 3_000

/** The result of an expression, or why it has none. */
async function evaluate(expression: string, item: unknown = ITEM, deadline_ms = LONG_MS): Promise<unknown> {
  return new Evaluator([expression], { deadline_ms }).evaluate([0], item).then(
    ([result]) => result,
    (error: unknown) => (error instanceof Error ? error.message : error),
  )
}

afterEach(() => vi.useRealTimers())

test.each([
  ['title & " " & n', 'Engineer 3'],
  ['$uppercase(title)', 'ENGINEER'],
  ['tags', ['a', 'b']],
  ['tags[0]', 'a'],
  ['nowhere', undefined],
  ['nothing', null],
  ['{ "a": n, "b": nowhere }', { a: 3 }],
  ['$pad(title, 10, "-")', 'Engineer--'],
  ['$join(tags, "+")', 'a+b'],
  ['$join(nowhere)', undefined],
  ['$map(tags, $uppercase)', ['A', 'B']],
])('%s', async (expression, expected) => {
  expect(await evaluate(expression)).toEqual(expected)
})

test('every function that the check knows is there', async () => {
  const names = FUNCTIONS.map((name) => `$exists($${name})`)
  expect(await new Evaluator(names).evaluate([...names.keys()], {})).toEqual(names.map(() => true))
})

describe('an expression that fails says why, and nothing of the item', () => {
  const long = 'makes a text or a list of more than 1,000,000 characters or entries.'
  const slow = 'took longer than 300 ms. Look for a recursion or a pattern that does not end.'
  const deep = 'calls itself more than 200 levels deep. Look for a recursion that does not end.'
  const memory = 'needs more than 256 MB of memory.'
  test.each([
    ['($f := function(){ $f() }; $f())', slow],
    ['($f := function($n){ 1 + $f($n + 1) }; $f(1))', deep],
    ['$match("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", /^(a+)+$/)', slow],
    ['$eval("($f := function(){ $f() }; $f())")', 'the text that $eval is given cannot be evaluated.'],
    ['($f := function($s){ $f($s & $s) }; $f("xxxxxxxx"))', long],
    ['$pad("x", 600000000)', long],
    ['$pad("x", -100000000)', long],
    ['[1..9999999]', long],
    ['$join([1..90000].("0123456789abcdef"))', long],
    ['($s := $pad("x", 900000); $replace($s, "x", $s))', long],
    ['($s := $pad("x", 900000); [$s, $s])', long],
    [
      '($f := function($a){ $f([[1..90000], $a]) }; $f([]))',
      expect.stringMatching(new RegExp(`^(took longer than .*|${memory})$`)),
    ],
    ['($s := $pad("x", 900000); [1..90000].$uppercase($s & $))', expect.stringMatching(/^(took|needs)/)],
    ['$number(secret)', '$number is given something that is not a number.'],
    ['secret + 1', 'the left side of the operator + is not a number. $number(...) makes one of a text.'],
    ['n - secret', 'the right side of the operator - is not a number. $number(...) makes one of a text.'],
    ['n < secret', 'the two sides of the operator < are of different types.'],
    ['tags < n', 'the two sides of the operator < must be numbers or texts.'],
    ['-secret', 'the sign - stands before something that is not a number.'],
    ['$uppercase(n)', '$uppercase: argument 1 is of the wrong type.'],
    ['{ n: 1 }', 'the key of an object is not a text.'],
    ['{ secret: 1, secret: 2 }', 'makes an object in which two keys are the same.'],
    ['title(1)', expect.stringContaining('calls something that is not a function')],
    ['$toMillis(secret)', '$toMillis is given something that is not an ISO 8601 date.'],
    ['n / 0', 'computes a number that does not exist, as a division by zero does.'],
    ['$single(tags)', '$single does not find exactly one entry.'],
    ['$error(secret)', 'ends by $error or $assert.'],
    ['$error("no department")', 'says: no department'],
    ['$assert(false, secret)', 'ends by $error or $assert.'],
    ['$sum', 'returns a function: call it.'],
    ['[function($x){ $x }]', 'returns a function: call it.'],
    ['$formatBase(n, 99)', 'cannot be evaluated for this item (D3100).'],
  ])('%s', async (expression, expected) => {
    const said = await evaluate(expression, ITEM, expected === slow ? 300 : LONG_MS)
    expect(said).toEqual(expected)
    expect(said).not.toContain(ITEM.secret)
  })

  test('an item that JSON has no form for', async () => {
    const cycle: Record<string, unknown> = {}
    cycle['self'] = cycle
    for (const item of [
      cycle,
      { n: 1n },
      {
        toJSON: () => {
          throw new Error('x')
        },
      },
    ])
      expect(await evaluate('title', item)).toBe('the item holds something that JSON has no form for.')
    expect(await evaluate('title', null)).toBe(undefined)
  })
})

describe('nothing outside of the item can be reached', () => {
  test.each([
    ['__proto__'],
    ['constructor'],
    ['title.constructor'],
    ['$lookup($, "__proto__")'],
    ['$string.constructor'],
    ['$.constructor.constructor("return process")()'],
    ['$$.toString'],
  ])('%s', async (expression) => {
    expect([undefined, 'calls something that is not a function: constructor.']).toContain(await evaluate(expression))
  })

  test('a result does not change what objects are', async () => {
    expect(await evaluate('$merge([{"__proto__": {"polluted": true}}]).a')).toBe(undefined)
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })

  test('the thread has no environment', async () => {
    expect(await evaluate('$keys($eval("process"))')).toBe(undefined)
  })
})

test('one that takes too much fails alone: the others go on, in a new thread', { timeout: 60_000 }, async () => {
  const evaluator = new Evaluator(
    ['title', 'endless = 1 and $match("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab" & endless, /^(a+)+$/)'],
    {
      deadline_ms: 100,
    },
  )
  const asked = [
    { title: 'a', endless: 2 },
    { title: 'b', endless: 1 },
    { title: 'c', endless: 2 },
  ]
  const settled = await Promise.allSettled(asked.map((item) => evaluator.evaluate([0, 1], item)))
  expect(settled).toMatchObject([
    { status: 'fulfilled', value: ['a', false] },
    {
      status: 'rejected',
      reason: { index: 1, message: expect.stringContaining('took longer than 100 ms') as unknown },
    },
    { status: 'fulfilled', value: ['c', false] },
  ])
})

test('one that takes too much for five items in a row is not tried again', async () => {
  const evaluator = new Evaluator(['($f := function(){ $f() }; slow ? $f())', 'title'], { deadline_ms: 20 })
  const fail = (slow: boolean) => evaluator.evaluate([0], { slow }).catch((error: unknown) => String(error))
  for (let item = 0; item < 4; item += 1) expect(await fail(true)).toContain('took longer than 20 ms')
  expect(await fail(false)).toEqual([undefined])
  for (let item = 0; item < 5; item += 1) expect(await fail(true)).toContain('took longer than 20 ms')
  expect(await fail(false)).toContain(
    'took too long, or too much memory, for 5 items in a row, and is not tried again.',
  )
  expect(await evaluator.evaluate([1], { title: 'x' })).toEqual(['x'])
})

test('nothing keeps a process alive once its items are done', () => {
  const built = new URL('../../../dist/workflows/mapping/evaluator.js', import.meta.url).href
  const program = `import { Evaluator } from '${built}'
    console.log(JSON.stringify(await new Evaluator(['1 + n']).evaluate([0], { n: 1 })))`
  const started = Date.now()
  const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
  expect({ stdout, status }).toEqual({ stdout: '[2]\n', status: 0 })
  // The thread would end by itself after five seconds.
  expect(Date.now() - started).toBeLessThan(4_500)
})
