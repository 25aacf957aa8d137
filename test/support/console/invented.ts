// What the stand-in of the console's server shows: invented, the same each time but for the hour.
import type {
  AuditEntry,
  Home,
  PendingItem,
  RunLine,
  RunView,
  WorkflowLine,
  WorkflowView,
} from '../../../src/console/contract.js'
import { emptyCounters, type EventCounters, listedCount } from '../../../src/core/result/counters.js'
import type { ItemFailure } from '../../../src/core/result/result.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
export const NOW = Math.floor(Date.now() / MINUTE) * MINUTE
export const ago = (ms: number) => new Date(NOW - ms).toISOString()

/** A title as somebody hostile writes it. */
export const HOSTILE = '<script>document.title = "taken"</script><img src=x onerror="document.title=\'taken\'">Engineer'

/** Numbers that look random and are the same each time. */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296
    return Math.floor((state / 4_294_967_296) * below)
  }
}

const counters = (some: Partial<EventCounters>): EventCounters => ({ ...emptyCounters(), ...some })

export const FAILURES: ItemFailure[] = Array.from({ length: 230 }, (_, at) => ({
  reference: `J${(0x9c_d6_58 + at * 7_919).toString(16).toUpperCase()}`,
  ...(at % 5 === 0
    ? {
        stage: 'load' as const,
        code: 'http_503',
        message: '[workable] GET /jobs/SHORTCODE: 503. The service is unwell; later runs try it again.',
        attempts: 5,
      }
    : at % 3 === 0
      ? {
          stage: 'format' as const,
          code: 'format_invalid',
          message: `location.lat: expected a number, got "${at % 2 === 0 ? 'n/a' : HOSTILE}". Mend the mapping, or the job.`,
          attempts: 1,
          at: 'logics.js:12:5',
        }
      : {
          stage: 'write' as const,
          code: 'http_422',
          message:
            '[hrflow] PUT /job/indexing: 422. ranges_float.0.value_min must be a number. Look at the salary of the job.',
          attempts: 1,
        }),
}))

export const PENDING: PendingItem[] = FAILURES.slice(0, 130).map((failure, at) => ({
  reference: failure.reference ?? '',
  stage: failure.stage,
  code: failure.code,
  message: failure.message,
  attempts: 1 + (at % 6),
  first_failed_at: ago((at + 2) * 3 * HOUR),
  next_attempt_at: failure.stage === 'format' ? null : new Date(NOW + (at + 1) * 7 * MINUTE).toISOString(),
}))

interface Past {
  run: RunLine
  events: EventCounters
}

/** Runs every 15 minutes; every so often something fails. */
function historyOf(
  workflow_id: string,
  { runs, jobs, failing }: { runs: number; jobs: number; failing: number },
): Past[] {
  const next = numbersFrom(workflow_id.length * 977)
  return Array.from({ length: runs }, (_, at) => {
    const isFull = at % 24 === 23
    const listed = isFull ? jobs : 3 + next(42)
    const failed = next(100) < failing ? 1 + next(6) : 0
    const archived = next(5) === 0 ? 1 + next(3) : 0
    const unchanged = isFull ? Math.floor(jobs * 0.93) : next(6)
    const written = Math.max(0, listed - failed - archived - unchanged)
    const events = counters({
      read_success: written + failed + archived,
      read_unchanged: unchanged,
      write_success: written,
      write_archived: archived,
      write_failure: failed,
    })
    return {
      events,
      run: lineOf(workflow_id, { at: runs - at, events, isFull, took: 4_000 + listed * 130 + next(3_000) }),
    }
  })
}

interface Ended {
  /** Of the last run 1. */
  at: number
  events: EventCounters
  isFull: boolean
  took: number
}

function lineOf(workflow_id: string, { at, events, isFull, took }: Ended): RunLine {
  const failed = events.read_failure + events.write_failure + events.format_failure
  return {
    run_id: `${workflow_id}-${String(at).padStart(4, '0')}`,
    workflow_id,
    started_at: ago(at * 15 * MINUTE - 3 * MINUTE),
    finished_at: ago(at * 15 * MINUTE - 3 * MINUTE - took),
    live: false,
    kind: isFull ? 'full' : 'run',
    status: failed > 0 ? 'success_with_failures' : 'success',
    reason: 'none',
    error: null,
    listed: listedCount(events),
    written: events.write_success,
    failed,
    duration_ms: took,
  }
}

function fatalOf({ run }: Past): Past {
  const error = '[workable] GET /jobs: 401. Check api_access_token: Workable no longer takes it.'
  const line: RunLine = { ...run, status: 'fatal', reason: 'read_failure', error, listed: 0, written: 0, failed: 0 }
  return { run: { ...line, duration_ms: 640 }, events: counters({ list_failure: 1 }) }
}

const RUNS: Record<string, Past[]> = {
  'acme-jobs': historyOf('acme-jobs', { runs: 100, jobs: 1_240, failing: 4 }),
  'globex-jobs': historyOf('globex-jobs', { runs: 100, jobs: 4_815, failing: 70 }),
  'initech-careers': historyOf('initech-careers', { runs: 60, jobs: 310, failing: 5 }).map((past, at) =>
    at > 54 ? fatalOf(past) : past,
  ),
  'umbrella-jobs': historyOf('umbrella-jobs', { runs: 48, jobs: 96, failing: 2 }),
  'hooli-import': historyOf('hooli-import', { runs: 12, jobs: 60, failing: 0 }),
  'stark-nightly': [],
}

/** One with everything that a picture of its way can show. */
const PICTURED = counters({
  ...{ read_success: 812, read_unchanged: 3_870, read_filtered: 96, read_gone: 3, read_failure: 34, read_skipped: 0 },
  ...{ write_success: 506, write_unarchived: 4, write_archived: 17, write_unchanged: 61, write_not_found: 12 },
  ...{ logics_discard: 140, format_failure: 20, write_failure: 52, details_due: 212, callback_executed: 1 },
})

export const runsOf = (workflow_id: string): RunLine[] => [...(RUNS[workflow_id] ?? [])].reverse().map(({ run }) => run)

function workflow(workflow_id: string, some: Partial<WorkflowLine>): WorkflowLine {
  const [last = null] = runsOf(workflow_id)
  return {
    ...{ workflow_id, action: 'workable.update_jobs_in_hrflow', from: 'Workable', to: 'HrFlow.ai' },
    ...{ condition: 'ok', said: null, since: null, paused: false, running: null, defined: true },
    last_run: last,
    lag_ms: last ? 12 * MINUTE : null,
    pending: 0,
    schedule: { cron: '*/15 * * * *', time_zone: 'Europe/Paris' },
    full_schedule: { cron: '30 2 * * 0', time_zone: 'Europe/Paris' },
    next_run_at: new Date(NOW + 3 * MINUTE).toISOString(),
    next_full_at: new Date(NOW + 52 * HOUR).toISOString(),
    sparkline: runsOf(workflow_id).slice(0, 20).reverse(),
    ...some,
  }
}

export const LINES: WorkflowLine[] = [
  workflow('initech-careers', {
    ...{ condition: 'fatal', since: ago(75 * MINUTE), lag_ms: 92 * MINUTE },
    said: 'The last 5 runs could not read Workable: the token is refused (401).',
  }),
  workflow('umbrella-jobs', {
    ...{ condition: 'held', since: ago(5 * HOUR) },
    said: '41 of 96 jobs left at once. They are held back and still live on the board.',
  }),
  workflow('globex-jobs', {
    ...{ condition: 'failures', since: ago(26 * HOUR), pending: PENDING.length },
    said: '130 jobs are pending; most are refused by HrFlow.ai for their salary.',
  }),
  workflow('acme-jobs', {}),
  workflow('hooli-import', { paused: true, lag_ms: 26 * HOUR, next_run_at: null }),
  workflow('stark-nightly', {
    schedule: null,
    full_schedule: null,
    next_run_at: null,
    next_full_at: null,
    sparkline: [],
  }),
]

export const HOME: Home = {
  about: {
    version: '0.1.0',
    demo: true,
    state: 'sqlite:~/.local/state/hrflow-connectors/state.db',
    workflows: { kind: 'file', path: '/srv/connectors/hrflow-connectors.yaml' },
    served_by: 'this',
    now: ago(0),
  },
  attention: [
    {
      ...{ workflow_id: 'initech-careers', condition: 'fatal', since: ago(75 * MINUTE) },
      said: 'The last 5 runs could not read Workable: the token is refused (401).',
      todo: 'Make a new token in the settings of Workable, and put it where the workflow reads it.',
    },
    {
      ...{ workflow_id: 'umbrella-jobs', condition: 'held', since: ago(5 * HOUR) },
      said: '41 of 96 jobs left at once. They are held back and still live on the board.',
      todo: 'Look at the plan. If they are meant to go, run it with what left allowed.',
    },
    {
      ...{ workflow_id: 'globex-jobs', condition: 'failures', since: ago(26 * HOUR) },
      said: '130 jobs are pending; most are refused by HrFlow.ai for their salary.',
      todo: 'Look at the pending jobs: mend them in Workable, or the mapping, or dismiss them.',
    },
  ],
  workflows: LINES,
}

export const AUDIT: AuditEntry[] = Array.from({ length: 63 }, (_, at) => {
  const kinds = ['run', 'retry', 'pause', 'resume', 'plan', 'dismiss', 'full_run', 'save_workflow']
  const what = kinds[at % kinds.length] ?? 'run'
  const details: Record<string, string> = {
    retry: '12 items',
    dismiss: `J9CD658: ${HOSTILE}`,
    save_workflow: 'to the file',
  }
  const { workflow_id } = LINES[at % LINES.length] ?? { workflow_id: null }
  return { at: ago((at + 1) * 97 * MINUTE), who: 'deploy@console-1', what, workflow_id, detail: details[what] ?? '' }
})

export function workflowView(line: WorkflowLine): WorkflowView {
  const past = RUNS[line.workflow_id] ?? []
  const set = (group: string, name: string, value: WorkflowView['parameters'][number]['value'], description = '') => ({
    ...{ group, name, value },
    description: description === '' ? null : description,
  })
  return {
    line,
    incremental: true,
    cursor: past.length > 0 ? ago(12 * MINUTE) : null,
    problem: null,
    audit: AUDIT.filter(({ workflow_id }) => workflow_id === line.workflow_id).slice(0, 5),
    parameters: [
      set('connector_auth', 'api_access_token', { secret: true }, 'The API access token of the Workable account.'),
      set(
        'connector_auth',
        'subdomain',
        line.workflow_id.split('-')[0] ?? '',
        'The subdomain of the Workable account.',
      ),
      set('hrflow_auth', 'api_secret', { secret: true }),
      set('hrflow_auth', 'api_user', { secret: true }),
      set('pull_parameters', 'state', 'published', 'Only jobs in this state.'),
      set('pull_parameters', 'details', 'after'),
      set('push_parameters', 'board_key', 'b0a7d2f5c1e94a6d8f3b'),
      set('push_parameters', 'on_missing', 'create'),
      set('push_parameters', 'on_left', 'archive'),
    ],
    history: past.map(({ run, events }, at) => ({
      ...{ run_id: run.run_id, started_at: run.started_at, duration_ms: run.duration_ms ?? 0, kind: run.kind, events },
      status: run.status ?? 'success',
      budget_share: at % 11 === 7 ? null : Math.min(1, run.listed / 50),
    })),
  }
}

export function runView(run_id: string): RunView | null {
  const past = Object.values(RUNS)
    .flat()
    .find(({ run }) => run.run_id === run_id)
  if (!past) return null
  const isPictured = run_id === 'globex-jobs-0001'
  const run: RunLine = isPictured
    ? {
        ...past.run,
        kind: 'full',
        listed: 4_815,
        written: 506,
        failed: 106,
        duration_ms: 1_284_000,
        status: 'success_with_failures',
      }
    : past.run
  const groups = isPictured
    ? ([
        { stage: 'write', code: 'http_422', count: 123 },
        { stage: 'format', code: 'format_invalid', count: 61 },
        { stage: 'load', code: 'http_503', count: 46 },
      ] satisfies RunView['groups'])
    : []
  return {
    ...{ run, action: 'workable.update_jobs_in_hrflow', incremental: run.kind === 'run', groups, plan: null },
    incremental_token: run.status === 'fatal' ? null : run.started_at,
    events: isPictured ? PICTURED : past.events,
    notes: isPictured ? ['experience could not be read in 3 jobs: what the board has of it stays.'] : [],
    error: run.error
      ? { code: 'http_401', message: run.error, hint: 'Make a new token in the settings of Workable.' }
      : null,
    requests: {
      origin: { sent: 40 + run.listed, retried: 3, waited_ms: 61_000 },
      target: { sent: 2 * run.written, retried: 0, waited_ms: 0 },
    },
    ...{ from: 'Workable', to: 'HrFlow.ai', entity: 'job', failures_total: isPictured ? FAILURES.length : 0 },
  }
}
