import { z } from 'zod'
import {
  type CheckedSide,
  type CheckLine,
  connectionLine,
  ConnectorError,
  failureOf,
  RunError,
} from '../../core/kit.js'
import type { HrflowApi, Permission } from './api.js'

const parameters = z.looseObject({
  board_key: z.string(),
  edit: z.string().optional(),
  on_missing: z.string().optional(),
})

type Parameters = z.output<typeof parameters>

/** No job's reference: asking for it tells about the board, as a run would be told. */
const NO_JOB = 'hrflow-connectors-check'

const BOTH = 'Use a key that may read and write (ask_).'

/** Whether jobs can be written to a board, as far as reading tells: up to three GET requests. */
export async function* checkHrflow(hrflow: HrflowApi, side: CheckedSide): AsyncGenerator<CheckLine> {
  const asked = parameters.parse(side.parameters)
  let permission: Permission | null
  try {
    permission = await hrflow.permission()
  } catch (error) {
    yield* refused(hrflow, error, asked)
    return
  }
  yield { what: 'reachable', verdict: 'good', said: 'HrFlow answers.' }
  yield { what: 'api_secret, api_user', verdict: 'good', said: 'HrFlow accepts the key and the user.' }
  yield permissionLine(permission)
  yield await boardLine(hrflow, asked, side)
  yield writeLine(permission)
}

function* refused(hrflow: HrflowApi, error: unknown, { edit }: Parameters): Generator<CheckLine> {
  const connection = connectionLine(error)
  if (connection !== null) {
    yield connection
    return
  }
  if (!(error instanceof ConnectorError)) throw error
  yield { what: 'reachable', verdict: 'good', said: 'HrFlow answers.' }
  if (!(error instanceof RunError && error.code === 'unauthorized')) {
    yield { what: 'api_secret, api_user', verdict: 'bad', said: failureOf(error, 'write').message }
    return
  }
  if (hrflow.may !== 'write') {
    const askUser = 'Check both: the key as the workspace shows it (ask_...), and the email of one of its users.'
    yield {
      what: 'api_secret, api_user',
      verdict: 'bad',
      said: 'They are refused (401).',
      todo: askUser,
    }
    return
  }
  const said = 'This key may only write (askw_), so it cannot be tried without writing.'
  yield { what: 'api_secret, api_user', verdict: 'unknown', said }
  yield edit === 'replace'
    ? {
        what: 'permission',
        verdict: 'warning',
        said: 'The key may only write, so every update replaces what others added to a job.',
        todo: BOTH,
      }
    : {
        what: 'permission',
        verdict: 'bad',
        said: 'The key may only write, and this run reads the board too.',
        todo: `${BOTH} With edit: replace an update does not read the board.`,
      }
  yield { what: 'board_key', verdict: 'unknown', said: 'The board cannot be read with this key.' }
}

function permissionLine(permission: Permission | null): CheckLine {
  const what = 'permission'
  if (permission === 'all') return { what, verdict: 'good', said: 'The key may read and write.' }
  if (permission === 'read')
    return { what, verdict: 'bad', said: 'The key may only read, so nothing can be written.', todo: BOTH }
  if (permission === 'write')
    return {
      what,
      verdict: 'warning',
      said: 'HrFlow says that the key may only write, although the key has just been used to read.',
      todo: BOTH,
    }
  return { what, verdict: 'unknown', said: 'HrFlow did not say what the key may do.' }
}

async function boardLine(hrflow: HrflowApi, asked: Parameters, { mode }: CheckedSide): Promise<CheckLine> {
  const what = 'board_key'
  const { board_key } = asked
  try {
    await hrflow.http.retry((once) => hrflow.getJob(once, board_key, NO_JOB))
  } catch (error) {
    const known = connectionLine(error)
    if (known !== null) return { ...known, what }
    const todo = 'Check board_key: the key of a board of this workspace, 40 hexadecimal digits.'
    if (error instanceof RunError && error.code === 'unknown_board')
      return { what, verdict: 'bad', said: 'The workspace has no such board.', todo }
    if (error instanceof ConnectorError) return { what, verdict: 'bad', said: failureOf(error, 'write').message }
    throw error
  }
  // Only for the sentence: a run does without.
  const count = await hrflow.countJobs(board_key).catch(() => null)
  if (count === null) return { what, verdict: 'good', said: 'The board is there and can be read.' }
  const said = `The board is there and can be read. Jobs on it: ${count}.`
  if (count > 0 || mode === 'create' || asked.on_missing === 'create') return { what, verdict: 'good', said }
  return { what, verdict: 'warning', said, todo: emptyBoard(mode) }
}

function emptyBoard(mode: CheckedSide['mode']): string {
  return mode === 'archive'
    ? 'There is nothing to archive.'
    : 'An update only edits jobs that the board has. With on_missing: create it adds the others.'
}

function writeLine(permission: Permission | null): CheckLine {
  const what = 'write'
  if (permission === 'all' || permission === 'write')
    return { what, verdict: 'good', said: 'HrFlow says that the key may write. This check writes nothing to try it.' }
  if (permission === 'read') return { what, verdict: 'bad', said: 'The key may not write.', todo: BOTH }
  return {
    what,
    verdict: 'unknown',
    said: 'Only a write can tell whether the key may write, and this check writes nothing.',
  }
}
