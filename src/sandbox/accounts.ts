import {
  boardKey,
  type HrflowFake,
  hrflowFake,
  workableFake,
  type WorkableFake,
  type WorkableFakeOptions,
} from '../connectors/fakes.js'
import type { SandboxOptions } from './options.js'

/** A client that reads no limit keeps to the documented one, so that none has to be announced as one. */
const NO_LIMIT = { limit: 1_000_000 }

/** The accounts of a sandbox: the first as it is told, each further one with names, jobs and a budget of its own. */
export function makeAccounts({
  workable = {},
  accounts = 1,
  seed = 1,
}: SandboxOptions): [WorkableFake, ...WorkableFake[]] {
  const options = { seed, ...workable, rate_limit: workable.rate_limit ?? NO_LIMIT }
  const first = workableFake(options)
  return [first, ...Array.from({ length: accounts - 1 }, (_, at) => workableFake(numbered(first, options, at + 2)))]
}

function numbered(
  first: WorkableFake,
  options: WorkableFakeOptions & { seed: number },
  n: number,
): WorkableFakeOptions {
  return { ...options, subdomain: `${first.subdomain}-${n}`, token: `${first.token}-${n}`, seed: options.seed + n - 1 }
}

export function makeWorkspace({ hrflow, boards = 1 }: SandboxOptions): HrflowFake {
  return hrflowFake({ boards: Array.from({ length: boards }, (_, at) => boardKey(at)), ...hrflow })
}

export interface Served {
  accounts: readonly [WorkableFake, ...WorkableFake[]]
  hrflow: HrflowFake
  workable_url: string
  hrflow_url: string
}

/** The environment for the first account and board; what is of a further one bears its number. */
export function environmentOf({ accounts, hrflow, workable_url, hrflow_url }: Served): Record<string, string> {
  const [first, ...others] = accounts
  const [board = '', ...boards] = hrflow.boards
  return {
    WORKABLE_API_ACCESS_TOKEN: first.token,
    WORKABLE_SUBDOMAIN: first.subdomain,
    WORKABLE_API_URL: workable_url,
    HRFLOW_API_SECRET: hrflow.api_secret,
    HRFLOW_API_USER: hrflow.api_user,
    HRFLOW_BOARD_KEY: board,
    HRFLOW_API_URL: hrflow_url,
    ...Object.fromEntries(
      others.flatMap(({ token, subdomain }, at) => [
        [`WORKABLE_API_ACCESS_TOKEN_${at + 2}`, token],
        [`WORKABLE_SUBDOMAIN_${at + 2}`, subdomain],
      ]),
    ),
    ...Object.fromEntries(boards.map((key, at) => [`HRFLOW_BOARD_KEY_${at + 2}`, key])),
  }
}
