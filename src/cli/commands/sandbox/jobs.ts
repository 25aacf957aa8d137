import { changedJob, type ControlJob, type JobChange, jobList } from '../../../sandbox/control/messages.js'
import { unknownName } from '../../input/usage.js'
import { drawTable } from '../../output/table.js'
import { answer, moment, printable, type Terminal, UsageError } from '../../terminal.js'
import { Control } from './control.js'
import { changeFrom } from './fields.js'

export interface ControlOptions {
  url?: string
  account?: string
  json?: boolean
}

export interface FieldOptions extends ControlOptions {
  title?: string
  set?: string[]
}

/** Enough of a board's key to tell it from others. */
const SHORT_KEY = 8

/** `sandbox jobs`: what Workable has, and how it is on the boards. */
export async function listJobs(options: ControlOptions & { state?: string }, terminal: Terminal): Promise<void> {
  const query = new URLSearchParams()
  if (options.state !== undefined) query.set('state', options.state)
  const path = `/jobs${asked({ ...options, query })}`
  const { jobs } = await new Control(options.url, terminal).ask(jobList, 'GET', path)
  answer(terminal.stdout, options.json, jobs, () => (jobs.length === 0 ? 'No jobs.' : drawJobs(jobs, terminal)))
}

/** `sandbox edit`. */
export async function editJob(reference: string, options: FieldOptions, terminal: Terminal): Promise<void> {
  const change = changeFrom(options)
  if (Object.keys(change).length === 0)
    throw new UsageError('What is to change? Give --title TITLE, or --set FIELD=VALUE.')
  await changeJob(reference, change, options, terminal)
}

/** `sandbox close` and `sandbox reopen`, and what `edit` does. */
export async function changeJob(
  reference: string,
  change: JobChange,
  options: ControlOptions,
  terminal: Terminal,
): Promise<void> {
  const path = `/jobs/${encodeURIComponent(reference)}${asked(options)}`
  tell(await new Control(options.url, terminal).ask(changedJob, 'PATCH', path, change), options, terminal)
}

/** `sandbox delete`. */
export async function deleteJob(reference: string, options: ControlOptions, terminal: Terminal): Promise<void> {
  const path = `/jobs/${encodeURIComponent(reference)}${asked(options)}`
  tell(await new Control(options.url, terminal).ask(changedJob, 'DELETE', path), options, terminal)
}

/** `sandbox add`. */
export async function addJob(options: FieldOptions, terminal: Terminal): Promise<void> {
  const change = changeFrom(options)
  tell(
    await new Control(options.url, terminal).ask(changedJob, 'POST', `/jobs${asked(options)}`, change),
    options,
    terminal,
  )
}

/** `sandbox board archive` and `unarchive`: what a person does in HrFlow. */
export async function archiveOnBoard(
  reference: string,
  archived: boolean,
  options: ControlOptions & { board?: string },
  terminal: Terminal,
): Promise<void> {
  const control = new Control(options.url, terminal)
  const board = options.board ?? (await onlyBoardOf(control, reference))
  const path = `/boards/${encodeURIComponent(board)}/jobs/${encodeURIComponent(reference)}`
  tell(await control.ask(changedJob, 'PATCH', path, { archived }), options, terminal)
}

async function onlyBoardOf(control: Control, reference: string): Promise<string> {
  const { jobs } = await control.ask(jobList, 'GET', '/jobs')
  const known = jobs.filter(({ boards }) => boards.length > 0)
  const found = known.find(({ shortcode }) => shortcode === reference)
  const [board, ...others] = found?.boards.map(({ board_key }) => board_key) ?? []
  if (board === undefined) {
    const names = known.map(({ shortcode }) => shortcode)
    throw new UsageError(
      `${unknownName('job on a board', reference, names).message} hrflow-connectors sandbox jobs lists them.`,
    )
  }
  if (others.length > 0)
    throw new UsageError(
      `Several boards have ${reference}: ${[board, ...others].join(', ')}. Name one with --board KEY.`,
    )
  return board
}

function asked({ account, query = new URLSearchParams() }: { account?: string; query?: URLSearchParams }): string {
  if (account !== undefined) query.set('account', account)
  return query.size === 0 ? '' : `?${query.toString()}`
}

function tell(done: { job: ControlJob; changed: boolean }, { json }: ControlOptions, { stdout }: Terminal): void {
  answer(stdout, json, done, () => `${sentence(done.job)}${done.changed ? '' : ' Nothing was changed.'}`)
}

function sentence({ shortcode, title, account, state, boards }: ControlJob): string {
  const inWorkable = account === null ? 'deleted in Workable' : `${state ?? ''} in Workable (${account})`
  const onBoards = boards.map((board) => `${isLive(board) ? 'live' : 'archived'} on board ${shortKey(board)}`)
  return printable(`${shortcode} ${title}: ${[inWorkable, ...onBoards].join(', ')}.`)
}

type OnBoard = ControlJob['boards'][number]

const isLive = ({ archived_at }: OnBoard) => archived_at === null
const shortKey = ({ board_key }: OnBoard) => board_key.slice(0, SHORT_KEY)

function drawJobs(jobs: ControlJob[], terminal: Terminal): string {
  const isOneBoard = new Set(jobs.flatMap(({ boards }) => boards.map(({ board_key }) => board_key))).size < 2
  const onBoard = (job: ControlJob, board: OnBoard) => {
    const which = isOneBoard ? '' : ` on ${shortKey(board)}`
    return `${isLive(board) ? 'live' : 'archived'}${which}${board.name === job.title ? '' : ', another title'}`
  }
  return drawTable(
    {
      columns: ['REFERENCE', 'ACCOUNT', 'STATE', 'UPDATED', 'ON THE BOARD'].map((title) => ({ title })),
      text: 'TITLE',
      rows: jobs.map((job) => ({
        cells: [
          job.shortcode,
          job.account ?? '-',
          job.state ?? 'deleted',
          job.updated_at === null ? '-' : moment(Date.parse(job.updated_at)),
          job.boards.map((board) => onBoard(job, board)).join('; ') || '-',
        ],
        text: job.title,
      })),
    },
    terminal,
  )
}
