// Every link of every page leads somewhere, and every command line that a page shows is one that there is.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { program } from '../../scripts/docs/files.js'
import { blocksOf, pages, root } from './blocks.js'

const all = pages()

/** A page without what is code. */
function prose(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '``')
}

function linksOf(text: string): string[] {
  return [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
}

/** The anchors of a page, as GitHub makes them of headings. */
function anchorsOf(text: string): string[] {
  const seen = new Map<string, number>()
  return [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#{1,6} +(.+)$/gm)].map(([, heading = '']) => {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
    const slug = plain
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-')
    const count = seen.get(slug) ?? 0
    seen.set(slug, count + 1)
    return count === 0 ? slug : `${slug}-${count}`
  })
}

/** What is wrong with a link of a page; null when it leads somewhere. Links to the web are not followed. */
function problemOf(page: { path: string; text: string }, target: string): string | null {
  if (/^(https?|mailto):/.test(target)) return null
  const [file = '', anchor] = target.split('#')
  const path = file === '' ? page.path : normalize(join(dirname(page.path), decodeURIComponent(file)))
  if (!existsSync(join(root, path))) return `${page.path}: ${target} does not exist`
  if (anchor === undefined || statSync(join(root, path)).isDirectory()) return null
  const known = anchorsOf(readFileSync(join(root, path), 'utf8'))
  return known.includes(anchor) ? null : `${page.path}: ${target} has no such heading`
}

test('every link leads to a file and a heading that exist', () => {
  const links = all.flatMap((page) => linksOf(page.text).map((target) => ({ page, target })))
  expect(links.length).toBeGreaterThan(20)
  expect(links.flatMap(({ page, target }) => problemOf(page, target) ?? [])).toEqual([])
})

test('a link that leads nowhere is found', () => {
  const page = { path: 'docs/README.md', text: '' }
  expect(problemOf(page, 'nowhere.md')).toContain('does not exist')
  expect(problemOf(page, '../README.md#nowhere')).toContain('no such heading')
  expect(problemOf(page, '../README.md#try-it')).toBeNull()
})

test('every link of every packed page leads to something that is packed', () => {
  const words = ['pack', '--dry-run', '--json', '--ignore-scripts']
  const output = execFileSync('npm', words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  const packed = z.array(z.object({ files: z.array(z.object({ path: z.string() })) })).parse(JSON.parse(output))
  const files = packed.flatMap((tarball) => tarball.files.map(({ path }) => path))
  const shown = all.filter(({ path }) => files.includes(path))
  const links = shown.flatMap((page) => linksOf(page.text).map((target) => ({ page, target })))
  const relative = links.filter(({ target }) => !/^(https?|mailto):|^#/.test(target))
  expect(shown.map(({ path }) => path)).toEqual(expect.arrayContaining(['README.md', 'docs/README.md', 'docs/cli.md']))
  expect(relative.length).toBeGreaterThan(40)
  const missing = relative.filter(({ page, target }) => {
    const path = normalize(join(dirname(page.path), target.split('#')[0] ?? ''))
    return !files.some((file) => file === path || file.startsWith(`${path}/`))
  })
  expect(missing.map(({ page, target }) => `${page.path}: ${target}`)).toEqual([])
})

test('every page of the docs is in their index', () => {
  const index = readFileSync(join(root, 'docs/README.md'), 'utf8')
  const own = all.filter(({ path }) => /^docs\/[\w-]+\.md$/.test(path) && path !== 'docs/README.md')
  expect(own.map(({ path }) => path.slice('docs/'.length)).filter((name) => !index.includes(`](${name})`))).toEqual([])
})

/** Command lines in a page: in code between backticks, and in blocks for a shell. */
function commandsOf(text: string): string[] {
  const shell = blocksOf(text)
    .filter(({ language }) => ['sh', 'text', 'yaml', 'ini', ''].includes(language))
    .flatMap((block) => block.text.replaceAll('\\\n', ' ').split('\n'))
  const inline = [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)
  return [...shell, ...inline].flatMap((line) => {
    const [, words] = /(?:^|[\s/;&|])hrflow-connectors((?: +[^\s;|&#()]+)+)/.exec(line) ?? []
    return words === undefined || /^ *[=:]/.test(words) ? [] : [words.trim()]
  })
}

/** What of a command line the program does not know. Words in capitals and brackets stand for what a person gives. */
function unknownIn(line: string, root: Command): string[] {
  let command = root
  const unknown: string[] = []
  for (const raw of line.split(/ +/)) {
    const word = raw.replace(/^\[|\]$/g, '').replace(/[.,:]$/, '')
    if (word.startsWith('--')) {
      const [flag = ''] = word.split('=')
      const known = command === root ? optionsOf(root) : [...optionsOf(command), ...command.commands.flatMap(optionsOf)]
      if (!known.includes(flag) && flag !== '--help') unknown.push(`${command.name()} ${flag}`)
      continue
    }
    const child = command.commands.find((known) => known.name() === word || known.aliases().includes(word))
    if (child) command = child
    else if (command.registeredArguments.length === 0 && command === root) unknown.push(word)
  }
  return unknown
}

function optionsOf(command: Command): string[] {
  return command.options.flatMap(({ long, short }) => [long ?? '', short ?? ''])
}

describe('command lines', async () => {
  const known = await program()
  const commands = all
    .filter(({ path }) => path !== 'docs/cli.md')
    .flatMap(({ path, text }) => commandsOf(text).map((line) => ({ path, line })))

  test('of the pages are ones that the program takes', () => {
    expect(commands.length).toBeGreaterThan(10)
    const wrong = commands.flatMap(({ path, line }) => unknownIn(line, known).map((word) => `${path}: ${word}`))
    expect(wrong).toEqual([])
  })

  test('with a word that the program does not know are found', () => {
    expect(commandsOf('`hrflow-connectors rnu`')).toEqual(['rnu'])
    expect(unknownIn('rnu', known)).toEqual(['rnu'])
    expect(unknownIn('runs --limits 5', known)).toEqual(['runs --limits'])
    expect(unknownIn('runs ID --limit 5', known)).toEqual([])
  })
})
