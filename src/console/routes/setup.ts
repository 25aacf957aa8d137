import type { Hono } from 'hono'
import { z } from 'zod'
import { qualifiedName, summaryOf } from '../../core/model/describe.js'
import type { Action } from '../../core/model/flow.js'
import { inputSchema, type JsonSchema } from '../../core/model/json-schema.js'
import { groupsOf } from '../../core/model/request.js'
import type { Json } from '../../core/text/json.js'
import { allActions } from '../../runtime/actions.js'
import { environmentVariables } from '../../runtime/environment.js'
import { type GroupName, GROUPS } from '../../workflows/actions.js'
import type { SetupDraft, SetupView, SetupYaml } from '../contract.js'
import { bodyOf, type Means, queryOf } from '../means.js'
import { Refused } from '../refused.js'
import { checkDraft } from '../setup/check.js'
import { readDraft, saveDraft, takenNames, targetsOf } from '../setup/drafts.js'
import { streaming } from './events.js'

const cron = z.string().min(1).max(200).nullable()
const draft: z.ZodType<SetupDraft> = z.strictObject({
  workflow_id: z.string().max(200),
  action: z.string().max(200),
  groups: z.record(z.string().max(100), z.record(z.string().max(100), z.json())),
  incremental: z.boolean(),
  schedule: cron,
  full_schedule: cron,
})
const saved = z.strictObject({ draft, target: z.enum(['file', 'database']) })

/** A new workflow, by forms that are made of the schemas. */
export function addSetup(app: Hono, means: Means): void {
  let actions: SetupView['actions'] | undefined
  app.get('/api/setup', async (context) => {
    queryOf(context, z.strictObject({}))
    // Schemas do not change, and take long to be turned into JSON.
    actions ??= allActions().map(actionView)
    const view: SetupView = { actions, taken: await takenNames(means), targets: targetsOf(means) }
    return means.answer(context, view)
  })
  app.post('/api/setup/yaml', async (context) => {
    const { yaml, problems } = await readDraft(await bodyOf(context, draft), means)
    return means.answer(context, { yaml, problems } satisfies SetupYaml)
  })
  app.post('/api/setup/check', async (context) => {
    const checked = await bodyOf(context, draft)
    return streaming(context, means, async (stream, signal) => {
      for await (const line of checkDraft(checked, means)) {
        if (signal.aborted) return
        await stream.writeSSE({ event: 'line', data: means.text(line) })
      }
      await stream.writeSSE({ event: 'end', data: '{}' })
    })
  })
  app.post('/api/setup/save', async (context) => {
    const { draft: given, target } = await bodyOf(context, saved)
    const read = await readDraft(given, means)
    const [problem] = read.problems
    if (problem !== undefined)
      throw new Refused(422, 'bad_draft', [problem.field, problem.said].filter((part) => part !== null).join(': '))
    await saveDraft(given.workflow_id, read, target, means)
    return means.answer(context, { workflow_id: given.workflow_id })
  })
}

function actionView(action: Action): SetupView['actions'][number] {
  return {
    action: qualifiedName(action),
    label: summaryOf(action),
    groups: GROUPS.map((group) => groupView(action, group)),
  }
}

function groupView(action: Action, group: GroupName): SetupView['actions'][number]['groups'][number] {
  const { flow } = action
  const isOrigin = groupsOf(flow, action.own).origin_auth === group
  const side = group === 'pull_parameters' || isOrigin ? flow.from : flow.to
  const schema = { pull_parameters: flow.read.parameters, push_parameters: flow.write.parameters }
  const own = group === 'pull_parameters' || group === 'push_parameters' ? schema[group] : side.auth
  const variables = environmentVariables(action).filter((known) => known.group === group)
  return {
    group,
    label: labelOf(action, group),
    schema: marked(inputSchema(own)),
    variables: Object.fromEntries(variables.map(({ parameter, variable }) => [parameter, variable])),
  }
}

function labelOf({ flow, own }: Action, group: GroupName): string {
  return {
    connector_auth: `Access to ${own.name}`,
    hrflow_auth: 'Access to HrFlow.ai',
    pull_parameters: `What is read from ${flow.from.name}`,
    push_parameters: `How it is written to ${flow.to.name}`,
  }[group]
}

const described = z.looseObject({ properties: z.record(z.string(), z.record(z.string(), z.unknown())).default({}) })

/** Secrets as JSON Schema knows them: never shown. */
function marked(schema: JsonSchema): Json {
  // As text it has lost what JSON has no form for.
  const plain: unknown = JSON.parse(JSON.stringify(schema))
  const { properties, ...rest } = described.parse(plain)
  const fields = Object.entries(properties).map(([name, field]): [string, unknown] => {
    return [name, field['secret'] === true ? { ...field, writeOnly: true } : field]
  })
  return z.json().parse({ ...rest, properties: Object.fromEntries(fields) })
}
