import type { RunRecord } from '../../core/ports/store.js'
import { summaryOfResult } from '../../core/ports/history.js'
import { type ItemFailure, failureCount, type RunResult } from '../../core/result/result.js'
import { allActions } from '../../runtime/actions.js'
import type { RunLine, RunView } from '../contract.js'
import type { LiveRun } from '../live/live-runs.js'
import type { Means } from '../means.js'
import { Refused } from '../refused.js'
import { liveLine, runLine } from './run-lines.js'

export async function runView(run_id: string, means: Means): Promise<RunView> {
  const live = means.options.live.get(run_id)
  const record = await means.history.run(run_id)
  if (record === null) {
    if (live === null) throw noRun(run_id)
    return viewOf(live.result, live, liveLine(live), groupsOf(live.result?.failures ?? []))
  }
  const { result } = record
  const line = runLine({ ...record, result: result && summaryOfResult(result) }, live)
  // A run that is not in the history yet as it ends has its result here alone.
  return viewOf(result ?? live?.result ?? null, live ?? record, line, await means.history.failureGroups(run_id))
}

export function noRun(run_id: string): Refused {
  const hint = 'Runs are kept for 90 days, 1,000 of each workflow; dry runs as long as the console is open.'
  return new Refused(404, 'no_run', `There is no run ${run_id}.`, hint)
}

function viewOf(
  result: RunResult | null,
  about: LiveRun | RunRecord,
  run: RunLine,
  groups: RunView['groups'],
): RunView {
  const flow = allActions().find(({ id }) => id === about.action)?.flow
  const live = 'progress' in about ? about : null
  return {
    run,
    action: about.action,
    incremental: result?.incremental ?? run.kind === 'run',
    incremental_token: result?.incremental_token ?? null,
    events: result?.events ?? live?.progress().events ?? null,
    notes: result?.notes ?? [],
    error: result?.error ?? null,
    requests: result?.requests ?? null,
    ...{ from: flow?.from.name ?? '', to: flow?.to.name ?? '', entity: flow?.entity ?? 'item' },
    groups,
    failures_total: result === null ? run.failed : failureCount(result),
    plan: result?.plan ?? live?.result?.plan ?? null,
  }
}

/** Of what is remembered here alone. */
function groupsOf(failures: readonly ItemFailure[]): RunView['groups'] {
  const groups = new Map<string, RunView['groups'][number]>()
  for (const { stage, code } of failures) {
    const group = groups.get(`${stage} ${code}`) ?? { stage, code, count: 0 }
    groups.set(`${stage} ${code}`, { ...group, count: group.count + 1 })
  }
  return [...groups.values()].sort((a, b) => b.count - a.count)
}
