// `plan` and `preview` as they stand on a terminal, at the widths people have.
import { describe, expect, it } from 'vitest'
import type { PreviewedItem } from '../../core/preflight/preview.js'
import { emptyCounters } from '../../core/result/counters.js'
import type { Plan, PlannedItem } from '../../core/result/plan.js'
import type { RunResult } from '../../core/result/result.js'
import { PlanDrawing } from '../commands/preflight/plan.js'
import { drawPreview } from '../commands/preflight/preview.js'
import type { Terminal } from '../terminal.js'
import { columnsOf } from './width.js'

const tally = { sent: 1, retried: 0, waited_ms: 0 }
const totals = { create: 0, update: 0, archive: 0, unchanged: 0, not_found: 0, failed: 0, skipped: 0 }

function resultOf(plan?: Plan): RunResult {
  const read = Object.values(plan?.totals ?? {}).reduce((sum, count) => sum + count, 0)
  return {
    status: 'success',
    reason: 'none',
    run_id: 'r',
    workflow_id: 'w',
    action: 'update_jobs_in_hrflow',
    events: { ...emptyCounters(), read_success: read },
    incremental: false,
    incremental_token: null,
    started_at: '2026-11-01T00:00:00.000Z',
    finished_at: '2026-11-01T00:00:01.000Z',
    error: null,
    failures: [],
    notes: [],
    requests: { origin: tally, target: tally },
    ...(plan ? { plan } : {}),
  }
}

function terminal(columns: number, colours = false): Terminal {
  const output = { write: () => undefined, isTTY: true, columns }
  const stdin = { async *[Symbol.asyncIterator]() {} }
  return { stdout: output, stderr: output, stdin, env: colours ? {} : { NO_COLOR: '1' } }
}

function draw(items: PlannedItem[], columns: number, limit = 20, more: Partial<Plan> = {}): string[] {
  const plan = { items, omitted: 0, totals: { ...totals, update: items.length }, ...more }
  return new PlanDrawing(terminal(columns), 'job').draw(resultOf(plan), limit, []).split('\n')
}

const text = (word: string) =>
  `<p>${'We look for somebody who likes it here. '.repeat(6)}<b>${word}</b> and on it goes.</p>`

const items: PlannedItem[] = [
  {
    reference: 'A1',
    name: '開発エンジニア（東京）',
    outcome: 'update',
    changes: [
      { path: 'name', from: '開発エンジニア（東京）', to: '主任開発エンジニア（東京）' },
      { path: 'tags.department', from: 'Sales', to: null },
      { path: 'summary', from: text('Old'), to: text('New') },
      { path: 'benefits', from: '<p>Same</p>', to: '<p class="x">Same</p>' },
    ],
    note: 'A note.',
  },
  { reference: 'B2', outcome: 'create', changes: [{ path: 'summary', from: null, to: text('x') }] },
]

describe.each([80, 200])('a plan at %i columns', (columns) => {
  const lines = draw(items, columns)
  const whole = lines.join('\n')

  it('fits', () => expect(Math.max(...lines.map(columnsOf))).toBeLessThanOrEqual(columns))

  it('says old and new, and the readable part of a text that differs', () => {
    expect(lines).toContain('update A1  開発エンジニア（東京）')
    expect(lines).toContain('  tags.department  Sales -> none')
    expect(whole).toMatch(/- … \S+ \S+ \S+ here\. Old and on it goes\./)
    expect(whole).toMatch(/\+ … \S+ \S+ \S+ here\. New and on it goes\./)
    expect(whole).not.toContain('<p>We')
  })

  it('shows the form where only that differs', () => {
    expect(whole).toContain('benefits  the text is the same, its form differs')
    expect(whole).toContain('class="x"')
  })

  it('sums up and says that nothing was written', () => {
    expect(whole).toContain('read        2 = 2 to update')
    expect(lines.at(-1)).toBe('Nothing was written. A run would write 2 jobs.')
  })
})

describe('a plan', () => {
  it('shows as many items as are asked for, and says where the others are', () => {
    expect(draw(items, 80, 1).join('\n')).toContain('and 1 more: --limit NUMBER shows more, --json shows all.')
    expect(draw(items, 80, 2, { omitted: 7 }).join('\n')).toContain(
      'and 7 more: --limit NUMBER shows more, --json shows 2.',
    )
  })

  it('lists what is not on the board in one sentence', () => {
    const missing = ['C', 'D', 'E'].map((reference): PlannedItem => ({ reference, outcome: 'not_found', changes: [] }))
    const drawn = draw(missing, 80, 2, { totals: { ...totals, not_found: 3 } })
    expect(drawn).toContain('Not on the target: C, D, and 1 more.')
    expect(drawn.at(-1)).toBe('Nothing was written. A run would write nothing.')
  })

  it('that is not whole says so, whatever it found', () => {
    const failed = resultOf({ items: [], omitted: 0, totals: { ...totals, unchanged: 2, failed: 2 } })
    const last = (result: RunResult) => new PlanDrawing(terminal(120), 'job').draw(result, 9, []).split('\n').at(-1)
    expect(last(failed)).toBe(
      'Nothing was written. A run would write at least 0 jobs. The plan is incomplete: 2 could not be looked at.',
    )
    const plan = { items, omitted: 0, totals: { ...totals, update: 2 } }
    const unread = { ...resultOf(plan), events: { ...emptyCounters(), read_success: 2, read_failure: 1 } }
    expect(last(unread)).toContain('at least 2 jobs. The plan is incomplete: 1 could not be looked at.')
    expect(last({ ...resultOf(plan), reason: 'interrupted' })).toContain(
      'at least 2 jobs. The plan is incomplete: it was',
    )
  })

  it('lets nothing through that moves the cursor, from a reference, a name, a path, a value or a note', () => {
    const evil = 'x\u001b[2J\u009b1m\u202ey'
    const item: PlannedItem = {
      reference: evil,
      name: evil,
      outcome: 'update',
      changes: [
        { path: `tags.${evil}`, from: evil, to: `<p>${evil}</p>` },
        { path: 'summary', from: `<p>&#27;[2J ${'long '.repeat(60)}</p>`, to: `<p>${'long '.repeat(60)}${evil}</p>` },
      ],
      note: evil,
    }
    expect(draw([item], 80).join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
  })

  it('is coloured on a terminal that shows colours', () => {
    const drawn = new PlanDrawing(terminal(80, true), 'job').draw(resultOf({ items, omitted: 0, totals }), 9, [])
    expect(drawn).toContain('\u001b[31mSales\u001b[39m -> \u001b[32mnone\u001b[39m')
  })
})

const previewed: PreviewedItem[] = [
  {
    reference: 'A1',
    outcome: 'mapped',
    origin: { title: '開発エンジニア', keywords: null, location: { city: '東京' }, description: text('x').repeat(4) },
    target: {
      name: '開発エンジニア',
      tags: [
        { name: 'department', value: 'Sales' },
        { name: 'code', value: null },
      ],
    },
  },
  {
    reference: 'B2',
    outcome: 'failed',
    origin: { title: 'Two' },
    target: null,
    failure: { reference: 'B2', stage: 'format', code: 'x', message: 'name: no such \u001b[31mfunction', attempts: 1 },
  },
]

describe('a preview', () => {
  it('that was interrupted before the first item does not say that there is none', () => {
    const interrupted: RunResult = { ...resultOf(), reason: 'interrupted' }
    const drawn = (result: RunResult) => drawPreview([], result, ['Workable', 'HrFlow'], terminal(80))
    expect(drawn(interrupted)).toContain('Interrupted before the first item.')
    expect(drawn(resultOf())).toContain('nothing passes the filter')
  })

  const drawn = (columns: number) =>
    drawPreview(previewed, resultOf(), ['Workable', 'HrFlow'], terminal(columns)).split('\n')

  it('stands in two columns where there is room', () => {
    const wide = drawn(200)
    expect(wide.find((line) => line.startsWith('Workable'))).toMatch(/^Workable {2,}HrFlow$/)
    const [title] = wide.filter((line) => line.includes('title') && line.includes('name'))
    expect(columnsOf((title ?? '').slice(0, title?.indexOf('name')))).toBe(99 + 2 + 2)
    expect(Math.max(...wide.map(columnsOf))).toBeLessThanOrEqual(200)
  })

  it('stands one below the other at 80 columns', () => {
    const narrow = drawn(80)
    expect(narrow.filter((line) => ['Workable', 'HrFlow'].includes(line))).toEqual(['Workable', 'HrFlow', 'Workable'])
    expect(Math.max(...narrow.map(columnsOf))).toBeLessThanOrEqual(80)
    expect(narrow).toContain('  location.city  東京')
    expect(narrow).toContain('  tags.department  Sales')
    expect(narrow).toContain('  empty: tags.code')
    expect(narrow.join('\n')).toMatch(/… \(\d+ characters\)/)
  })

  it('shows the error of a mapping with its item', () => {
    const narrow = drawn(80)
    expect(narrow).toContain('2 of 2  B2  failed in format')
    expect(narrow).toContain('  name: no such \ufffd[31mfunction')
    expect(narrow.at(-1)).toBe('Nothing was sent to the target.')
  })
})
