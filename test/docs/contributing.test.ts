import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const root = new URL('../../', import.meta.url)
const text = readFileSync(new URL('CONTRIBUTING.md', root), 'utf8')

/** Folders below `src`, as the list names them: by their own names, in the line of the folder above or in one of their own. */
function folders(path: string): string[] {
  const found = readdirSync(new URL(path, root), { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return found.flatMap(({ name }) => [`${path}${name}/`, ...folders(`${path}${name}/`)])
}

describe('CONTRIBUTING', () => {
  it('lists every folder of src below the one it lies in', () => {
    const map = /```\nsrc\/\n([\s\S]*?)```/.exec(text)?.[1] ?? ''
    const listed: string[] = []
    const above: string[] = []
    for (const line of map.split('\n')) {
      const depth = line.search(/\S/) / 2
      if (depth < 1) continue
      const names = line
        .trim()
        .split(/\s{2,}/)[0]
        ?.split(' ')
        .filter((name) => name.endsWith('/'))
      for (const name of names ?? []) {
        above.splice(depth - 1, above.length, name)
        listed.push(`src/${above.join('')}`)
      }
    }
    expect(listed.sort()).toEqual(folders('src/').sort())
  })

  it('names files that are there', () => {
    const way = text.slice(text.indexOf('## The way of one job'), text.indexOf('## Adding a connector'))
    const files = [...way.matchAll(/`(src\/[^`]+)`/g)].map(([, file]) => file ?? '')
    expect(files.length).toBeGreaterThan(15)
    expect(files.filter((file) => !existsSync(new URL(file, root)))).toEqual([])
  })
})
