// The thread in which JSONata runs: plain JavaScript, so that it is the same file beside the sources and in the package.
// It gets items as JSON text and answers with JSON text; what goes wrong is told by a code, never by a message, since
// messages of JSONata and of JavaScript repeat values of the item.
import { parentPort, workerData } from 'node:worker_threads'
import jsonata from 'jsonata'

const { expressions, limits, progress } = workerData
const at = new Int32Array(progress)

class Refused extends Error {
  constructor(code) {
    super(code)
    this.code = code
  }
}

/** Every value on the way, so that a doubling text is stopped before it takes the memory of the process. */
function bounded(value) {
  const size = typeof value === 'string' || Array.isArray(value) ? value.length : 0
  if (size > limits.size) throw new Refused('TOO_LARGE')
}

const native = await jsonata('{"pad": [$pad], "join": [$join]}').evaluate(null)
const implementations = { pad: native.pad[0].implementation, join: native.join[0].implementation }

/** These two make a text of any length in one step, which nothing that looks at values on the way can stop. */
const guards = {
  pad(text, width, char) {
    if (Math.abs(width) > limits.size) throw new Refused('TOO_LARGE')
    return implementations.pad.call(this, text, width, char)
  },
  join(texts, separator = '') {
    const length = (texts ?? []).reduce((sum, text) => sum + text.length + separator.length, 0)
    if (length > limits.size) throw new Refused('TOO_LARGE')
    return implementations.join.call(this, texts, separator)
  },
}

const compiled = expressions.map((text) => {
  const expression = jsonata(text, { timeout: limits.deadline_ms, stack: limits.depth, sequence: limits.size })
  expression.assign(Symbol.for('jsonata.__evaluate_exit'), (_expr, _input, _environment, result) => bounded(result))
  expression.registerFunction('pad', guards.pad, '<s-ns?:s>')
  expression.registerFunction('join', guards.join, '<a<s>s?:s>')
  return expression
})

/** JSON text of a result, or null for none. Functions and numbers that JSON has no form for are refused. */
function serialise(result) {
  let size = 0
  const text = JSON.stringify(result, (key, value) => {
    size += key.length + (typeof value === 'string' ? value.length : 1)
    if (size > limits.size) throw new Refused('TOO_LARGE')
    const isFunction =
      typeof value === 'function' || value?._jsonata_function === true || value?._jsonata_lambda === true
    if (isFunction) throw new Refused('FUNCTION')
    if (typeof value === 'number' && !Number.isFinite(value)) throw new Refused('NO_NUMBER')
    return value
  })
  return text ?? null
}

parentPort.on('message', async ({ indexes, item }) => {
  let running = -1
  try {
    const input = JSON.parse(item)
    const results = []
    for (const [position, index] of indexes.entries()) {
      running = index
      Atomics.store(at, 0, position)
      results.push(serialise(await compiled[index].evaluate(input)))
    }
    parentPort.postMessage({ results })
  } catch (error) {
    const { code = null, token = null, index = null, message = null } = error ?? {}
    // What $error and $assert say may be made of the item: it is told only where it stands in the expression as it is.
    const said = ['D3137', 'D3141'].includes(code) && expressions[running].includes(message) ? message : null
    parentPort.postMessage({ failed: running, code, token, argument: index, said })
  }
})
