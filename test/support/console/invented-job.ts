// A job, its mapping, a plan and a set-up, as the stand-in of the console's server shows them.
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { JobView, MappingView, SetupView } from '../../../src/console/contract.js'
import type { Plan } from '../../../src/core/result/plan.js'
import type { Json } from '../../../src/core/text/json.js'
import { ago, HOSTILE } from './invented.js'

const HOUR = 3_600_000
const BEFORE =
  '<p>We are looking for an <strong>Account Executive</strong> to find opportunities.</p><ul><li>Sell</li></ul>'
const AFTER =
  '<p>We are looking for a <strong>Senior Account Executive</strong> to find opportunities.</p><ul><li>Sell</li><li>Listen &amp; learn</li></ul>'

const items: Plan['items'] = [
  {
    ...{ reference: 'J9CD658', outcome: 'update', name: 'Account Executive' },
    changes: [
      { path: 'name', from: 'Account Executive', to: 'Senior Account Executive' },
      { path: 'summary', from: BEFORE, to: AFTER },
      { path: 'location.lat', from: null, to: 51.5073509 },
      { path: 'tags.department', from: 'Sales', to: null },
    ],
  },
  {
    ...{ reference: 'JHOST1L', outcome: 'create', name: HOSTILE },
    changes: [
      { path: 'name', from: null, to: HOSTILE },
      { path: 'summary', from: null, to: `<p>${HOSTILE} wanted</p>` },
    ],
  },
  ...Array.from({ length: 26 }, (_, at) => ({
    reference: `JB${(4_096 + at * 37).toString(16).toUpperCase()}`,
    outcome: at % 9 === 8 ? ('archive' as const) : ('update' as const),
    name: ['Data Engineer', 'Nurse', 'Backend Developer', 'Store Manager', 'Welder'][at % 5] ?? 'Cook',
    changes: at % 9 === 8 ? [] : [{ path: 'tags.experience', from: null, to: 'Mid-Senior level' }],
    ...(at % 9 === 8 ? { note: 'It closed in Workable two hours ago.' } : {}),
  })),
]

export const PLAN: Plan = {
  items,
  omitted: 12,
  totals: { create: 1, update: 36, archive: 3, unchanged: 911, not_found: 0, failed: 2, skipped: 0 },
}

const origin = {
  shortcode: 'J9CD658',
  title: 'Senior Account Executive',
  state: 'published',
  description: AFTER,
  department: null,
}

export const REFERENCES = ['J9CD658', 'JHOST1L', 'JB1000', 'JB1025', 'JB104A']

export function jobView(workflow_id: string, reference: string): JobView {
  return {
    explanation: {
      ...{ workflow_id, action: 'workable.update_jobs_in_hrflow', reference, failure: null, leavings: [] },
      origin: { id: '5b5ce9', version: ago(2 * HOUR), is_inside: true },
      mapping: { outcome: 'mapped', target: reference },
      record: {
        ...{
          outcome: 'delivered',
          version: ago(30 * HOUR),
          target: reference,
          at: ago(29 * HOUR),
          run_id: 'globex-jobs-0120',
        },
        details_due: false,
      },
      pending: {
        ...{ stage: 'write', code: 'http_422', attempts: 3, first_failed_at: ago(HOUR), next_attempt_at: ago(-HOUR) },
        message: '[hrflow] PUT /job/indexing: 422. ranges_float.0.value_min must be a number.',
      },
      target: { reference, shown: 'live', archived_at: null, by: null },
      next: { does: 'try_again', why: 'It changed in Workable since it was delivered, and its last delivery failed.' },
    },
    timeline: [
      {
        at: ago(29 * HOUR),
        what: 'Delivered to HrFlow.ai',
        detail: 'By run globex-jobs-0120, as created.',
        kind: 'good',
      },
      { at: ago(2 * HOUR), what: 'Changed in Workable', detail: 'Inside the filter.', kind: 'neutral' },
      {
        ...{ at: ago(HOUR), what: 'Could not be written', kind: 'bad' },
        detail: 'HrFlow.ai refused it three times: ranges_float.0.value_min must be a number.',
      },
      {
        at: null,
        what: 'Next run: try it again',
        detail: 'It changed in Workable since it was delivered.',
        kind: 'neutral',
      },
    ],
    sides: [
      side('name', 'Senior Account Executive', 'Senior Account Executive', 'Account Executive'),
      side('summary', AFTER, AFTER, BEFORE),
      side('reference', reference, reference, reference),
      side('title', HOSTILE, HOSTILE, HOSTILE),
      side('location.text', 'London, United Kingdom', 'London, United Kingdom', 'London, United Kingdom'),
      side('location.lat', '51.5073509', 51.5073509, 51.5073509),
      side('tags.department', null, null, 'Sales'),
      side('skills', null, null, [{ name: 'negotiation', type: 'soft' }]),
    ],
    notes: ['Skills were found by HrFlow.ai, and stay as they are.'],
  }
}

function side(path: string, from: Json, ours: Json, target: Json): JobView['sides'][number] {
  return { path, origin: from, ours, target, differs: JSON.stringify(ours) !== JSON.stringify(target) }
}

export function mappingView(reference: string | null): MappingView {
  return {
    mapping: { name: 'title & " (" & department & ")"', 'tags.seniority': 'experience' },
    conditions: ['department = "Sales" and $not(confidential = true)'],
    reference: reference ?? REFERENCES[0] ?? null,
    references: REFERENCES,
    origin,
    fields: [
      { path: 'title', type: 'string', description: 'Title of the job.', example: 'Senior Account Executive' },
      { path: 'shortcode', type: 'string', description: null, example: 'J9CD658' },
      { path: 'description', type: 'string', description: 'In HTML.', example: AFTER },
      { path: 'salary.salary_from', type: 'number', description: null, example: 42_000 },
      { path: 'department', type: 'string', description: null, example: null },
      { path: 'full_title', type: 'string', description: null, example: HOSTILE },
    ],
    targets: [
      { path: 'name', type: 'string', description: 'Name of the job.' },
      { path: 'summary', type: 'string', description: null },
      { path: 'location.text', type: 'string', description: null },
      { path: 'tags.seniority', type: 'string', description: null },
    ],
  }
}

const GROUPS = ['connector_auth', 'hrflow_auth', 'pull_parameters', 'push_parameters'] as const
const LABELS = ['Credentials of Workable', 'Credentials of HrFlow.ai', 'What is read', 'How it is written']

export function setupView(): SetupView {
  const file = new URL('../../../schemas/workable.update_jobs_in_hrflow.json', import.meta.url)
  const { properties } = z
    .object({ properties: z.record(z.string(), z.json()) })
    .parse(JSON.parse(readFileSync(file, 'utf8')))
  return {
    actions: [
      {
        action: 'workable.update_jobs_in_hrflow',
        label: 'Workable to HrFlow.ai: jobs, kept up to date',
        groups: GROUPS.map((group, at) => ({
          ...{ group, label: LABELS[at] ?? group, schema: properties[group] ?? {} },
          variables: VARIABLES[group] ?? {},
        })),
      },
    ],
    taken: ['acme-jobs'],
    targets: ['file', 'database'],
  }
}

const VARIABLES: Record<string, Record<string, string>> = {
  connector_auth: { api_access_token: 'WORKABLE_API_ACCESS_TOKEN', subdomain: 'WORKABLE_SUBDOMAIN' },
  hrflow_auth: { api_secret: 'HRFLOW_API_SECRET', api_user: 'HRFLOW_API_USER' },
  push_parameters: { board_key: 'HRFLOW_BOARD_KEY' },
}
