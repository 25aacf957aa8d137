import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml'
import { frameOf, type Interval, visiblePart } from './code-frame.js'
import type { Found, Path, Position, Source } from './source.js'

/** What the parser says, by its codes: its own messages repeat parts of the file. */
const SENTENCES: Record<string, string> = {
  BAD_ALIAS: 'an anchor or an alias has no usable name.',
  BAD_DIRECTIVE: 'a line that begins with % is a directive, and this one does not exist.',
  BAD_DQ_ESCAPE: 'there is no such escape in double quotes. Single quotes take a backslash as it is.',
  BAD_INDENT: 'the indentation does not fit the lines before, or a bracket is not closed.',
  BAD_SCALAR_START: 'a value cannot begin with this sign. Put it in quotes.',
  BLOCK_AS_IMPLICIT_KEY:
    'a value that holds ": ", or a map that begins on the line of its key. Put the value in quotes.',
  BLOCK_IN_FLOW: 'within { } and [ ] all must be in brackets too.',
  DUPLICATE_KEY: 'this key is there already. Each may be given once.',
  KEY_OVER_1024_CHARS: 'a key is longer than 1,024 characters.',
  MISSING_CHAR: 'something is missing: a colon after a key, a closing quote or bracket, or a blank after a colon.',
  MULTILINE_IMPLICIT_KEY: 'a key goes over several lines: is a colon or an indentation wrong before?',
  MULTIPLE_DOCS: 'a second document begins. A workflow file is one.',
  NON_STRING_KEY: 'a key must be a plain name.',
  RESOURCE_EXHAUSTION: 'the file is nested too deeply.',
  TAB_AS_INDENT: 'a tab cannot indent. Use blanks.',
  UNEXPECTED_TOKEN: 'this is not expected here.',
}

const NO_ANCHORS =
  'anchors and aliases are not supported. Write the value out; what several workflows share can stand in a variable: ${NAME}.'
const NO_TAGS = 'tags are not supported. Remove the word that begins with an exclamation mark.'
const QUOTE_IT = 'Within { } and [ ] put ${...} in quotes.'

/** Brackets within brackets. A workflow file needs four. */
const DEEPEST = 200

/** A file that is not even YAML has its problems here, and no value to look at. */
export type ParsedYaml = { source: Source; problems: Found[] }

/** Reads YAML and keeps where everything stands. */
export function parseYaml(name: string, path: string, text: string): ParsedYaml {
  const lines = new LineCounter()
  const place = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const broken = { name, path, value: undefined, written: true, place: () => null }
  const shown = (at: Position) => frameOf(text, at, null)
  if (isTooDeep(text)) {
    const found = { message: SENTENCES['RESOURCE_EXHAUSTION'] ?? '', place: { line: 1, column: 1 } }
    return { source: { ...broken, frame: shown }, problems: [found] }
  }
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    logLevel: 'error',
  })
  const problems = syntaxProblems(document, text, place)
  if (problems.length > 0) return { source: { ...broken, frame: shown }, problems }
  const tree = new Tree(document, text, place)
  const visible = tree.visible()
  const source: Source = {
    name,
    path,
    value: tree.value(),
    written: true,
    place: (at, side = 'value', offset = null) => tree.place(at, side, offset),
    frame: (at) => frameOf(text, at, visible),
  }
  return { source, problems: [] }
}

/** The parser goes into itself for each bracket and dash, and thousands of them take the whole process down. */
function isTooDeep(text: string): boolean {
  let depth = 0
  for (const [sign] of text.matchAll(/[[\]{}]/g)) {
    depth = Math.max(0, depth + (sign === '[' || sign === '{' ? 1 : -1))
    if (depth > DEEPEST) return true
  }
  return new RegExp(`([-?][ \\t]+){${DEEPEST}}`).test(text)
}

/** One per line: what follows on a line is mostly the same mistake seen again. */
function syntaxProblems(document: Document.Parsed, text: string, place: (offset: number) => Position): Found[] {
  const found = document.errors.map(({ code, pos }) => {
    const at = place(Math.min(pos[0], text.length))
    const line = text.split('\n')[at.line - 1] ?? ''
    const hint = /[{[,].*\$\{/.test(line) && code !== 'DUPLICATE_KEY' ? ` ${QUOTE_IT}` : ''
    return { message: `${SENTENCES[code] ?? 'this is not YAML.'}${hint}`, place: at }
  })
  visit(document, {
    Node: (_, node) => {
      const at = place(node.range?.[0] ?? 0)
      if (isAlias(node) || Reflect.get(node, 'anchor') !== undefined) found.push({ message: NO_ANCHORS, place: at })
      // What YAML itself knows (!!str) changes how a value reads, and is refused alike.
      else if (node.tag !== undefined) found.push({ message: NO_TAGS, place: at })
    },
  })
  const first = new Map(found.toReversed().map((problem) => [problem.place.line, problem]))
  return [...first.values()].sort((a, b) => a.place.line - b.place.line)
}

/** A document by paths. */
class Tree {
  readonly #root: unknown
  readonly #text: string
  readonly #placeAt: (offset: number) => Position

  constructor(document: Document.Parsed, text: string, placeAt: (offset: number) => Position) {
    this.#root = document.contents
    this.#text = text
    this.#placeAt = placeAt
  }

  value(node: unknown = this.#root): unknown {
    if (isMap(node)) return Object.fromEntries(node.items.map((pair) => [keyOf(pair.key), this.value(pair.value)]))
    if (isSeq(node)) return node.items.map((item) => this.value(item))
    return isScalar(node) ? node.value : null
  }

  /** Of what is not there, the place of the last key that is. */
  place(path: Path, side: 'key' | 'value', offset: number | null): Position {
    let node = this.#root
    let [start] = rangeOf(node)
    let [key] = rangeOf(node)
    for (const name of path) {
      const next = step(node, name)
      if (next === undefined) return this.#placeAt(key)
      key = next.key[0]
      start = side === 'key' || isEmpty(next.value) ? key : rangeOf(next.value)[0]
      node = next.value
    }
    return this.#placeAt(offset === null ? start : this.#inText(node, start, offset))
  }

  /** What may be shown in a frame: keys, and the values of what is certain to be no secret. */
  visible(node: unknown = this.#root, path: Path = []): Interval[] {
    if (isMap(node)) {
      return node.items.flatMap((pair) => {
        const key = keyOf(pair.key)
        const inside = [...path, key]
        const shown = visiblePart(inside, null) ? [rangeOf(pair.key)] : []
        return [...shown, ...this.visible(pair.value, inside)]
      })
    }
    if (isSeq(node)) return node.items.flatMap((item, index) => this.visible(item, [...path, index]))
    return isScalar(node) && visiblePart(path, String(node.value)) ? [rangeOf(node)] : []
  }

  /** The character of a text, where the file has it as it is; else where the text begins. */
  #inText(node: unknown, start: number, offset: number): number {
    if (!isScalar(node) || typeof node.value !== 'string') return start
    const text = node.value
    const { type = '' } = node
    if (type === 'BLOCK_LITERAL') return this.#inBlock(start, text, offset)
    const from = type.startsWith('QUOTE') ? start + 1 : start
    return this.#text.startsWith(text, from) ? from + Math.min(offset, text.length) : start
  }

  #inBlock(start: number, text: string, offset: number): number {
    const before = text.slice(0, offset).split('\n')
    let at = start
    for (let line = 0; line < before.length; line += 1) at = this.#text.indexOf('\n', at) + 1
    const indent = /^ */.exec(this.#text.slice(this.#text.indexOf('\n', start) + 1))?.[0].length ?? 0
    return at + indent + (before.at(-1)?.length ?? 0)
  }
}

function step(node: unknown, name: string | number): { key: Interval; value: unknown } | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(name)]
    return item === undefined ? undefined : { key: rangeOf(item), value: item }
  }
  const pair = isMap(node) ? node.items.find(({ key }) => keyOf(key) === String(name)) : undefined
  return pair && { key: rangeOf(pair.key), value: pair.value }
}

/** `key:` with nothing after it. */
function isEmpty(node: unknown): boolean {
  const [start, end] = rangeOf(node)
  return start === end
}

function keyOf(key: unknown): string {
  return isScalar(key) ? String(key.value) : ''
}

function rangeOf(node: unknown): Interval {
  const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined
  return Array.isArray(range) ? [Number(range[0]), Number(range[1])] : [0, 0]
}
