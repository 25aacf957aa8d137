import { type Connector, methodName } from '../../src/core/model/connector.js'
import { qualifiedName, summaryOf } from '../../src/core/model/describe.js'
import type { Warehouse } from '../../src/core/model/warehouse.js'
import { environmentVariables } from '../../src/runtime/environment.js'
import { workablePage } from './connectors/workable.js'
import { mappingTable } from './mapping.js'
import { list, MADE, table } from './markdown.js'

/** The page of a connector: its actions, credentials and limits. */
export function connectorPage(export_name: string, connector: Connector): string {
  const { actions, name, id } = connector
  const warehouses = sidesOf(connector)
  return `# ${name}

Moves ${waysOf(connector)}. In TypeScript: \`import { ${export_name} } from 'hrflow-connectors'\`.

## Actions

${table(
  ['Action', 'Method', 'What it does', 'Incremental'],
  actions.map((action) => [
    `[\`${qualifiedName(action)}\`](../actions/${id}/${action.id}.md)`,
    `\`${methodName(action.id)}\``,
    `${summaryOf(action)} ${[action.flow.read.description, action.flow.write.description].filter(Boolean).join(' ')}`,
    action.flow.read.since === undefined ? 'no' : 'yes',
  ]),
)}

${mappingOf(connector)}## Credentials

${warehouses.map(({ name: side, about }) => `${side}:\n\n${list(about?.credentials ?? [])}`).join('\n\n')}

The command line takes them from the environment. The library takes them from its arguments alone.

${table(['Variable', 'Parameter'], variablesOf(connector))}

## Limits

${warehouses.map(({ name: side, about }) => `${side}:\n\n${list(about?.limits ?? [])}`).join('\n\n')}

What holds for every connector is in [guarantees](../guarantees.md).

${MADE}
`
}

/** What a connector's page shows beside what its definition says: a sample item for the mapping, and a picture of its states. */
const SHOWN: Record<string, { sample: object; picture: string }> = { workable: workablePage }

/** What lands where, of the first action that writes whole items. */
function mappingOf({ id, actions }: Connector): string {
  const shown = SHOWN[id]
  const action = actions.find(({ flow }) => flow.mode !== 'archive')
  if (shown === undefined || action === undefined) return ''
  return `## What lands where

The default format of create and update, in the words of a mapping in a [workflow file](../workflows.md). Values that are empty
at the origin are emptied; what an answer does not say stays as it stands on the board. An archive run sends the reference alone.

${mappingTable(action, shown.sample)}

## States

What stands on the board, by the state of the job and the action that runs. [The life of a job](../lifecycle.md) tells it in words.

\`\`\`mermaid
${shown.picture}
\`\`\`

`
}

/** Both ends of all flows, its own first. */
function sidesOf({ warehouse, actions }: Connector): Warehouse[] {
  const all = actions.flatMap(({ flow }) => [flow.from, flow.to]).filter(({ id }) => id !== warehouse.id)
  return [warehouse, ...new Map(all.map((side) => [side.id, side])).values()]
}

function waysOf({ actions }: Connector): string {
  const ways = actions.map(({ flow }) => `${flow.entity}s from ${flow.from.name} to ${flow.to.name}`)
  return [...new Set(ways)].join(' and ')
}

function variablesOf(connector: Connector): string[][] {
  const rows = connector.actions.flatMap((action) =>
    environmentVariables(action).map(({ variable, group, parameter }) => [
      `\`${variable}\``,
      `\`${group}.${parameter}\``,
    ]),
  )
  const addresses = sidesOf(connector).map(({ id, name }) => [
    `\`${id.toUpperCase()}_API_URL\``,
    `base URL in place of ${name}'s own, for the library too`,
  ])
  return [...new Map([...rows, ...addresses].map((row) => [row[0], row])).values()]
}
