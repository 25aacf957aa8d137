import { methodName } from '../../src/core/model/connector.js'
import {
  adjectiveOf,
  type ParameterDescription,
  type ParameterGroup,
  parameterGroups,
} from '../../src/core/model/describe.js'
import type { Action } from '../../src/core/model/flow.js'
import { environmentVariables } from '../../src/runtime/environment.js'
import { cell, MADE } from './markdown.js'

/** The page of an action: every parameter by group, and an example. */
export function actionPage(export_name: string, action: Action): string {
  const { flow, own } = action
  const title = `${action.id.charAt(0).toUpperCase()}${action.id.slice(1).replaceAll('_', ' ')}`
  return `# ${title}
\`${flow.from.name}\` :arrow_right: \`${flow.to.name}\`

Send **${adjectiveOf(action)}** '${flow.entity}(s)' _from_ ${flow.from.name} _to_ ${flow.to.name}



${parameterGroups(action).map(section).join('\n\n')}

:red_circle: : *required*

## Example

\`\`\`typescript
${example(export_name, action)}
\`\`\`

[All actions of ${own.name}](../../connectors/${own.id}.md). The parameters as JSON Schema: [\`schemas/${own.id}.${action.id}.json\`](../../../schemas/${own.id}.${action.id}.json).

${MADE}
`
}

function section({ title, parameters }: ParameterGroup): string {
  return `## ${title}

| Field | Type | Default | Description |
| ----- | ---- | ------- | ----------- |
${parameters.map(row).join('\n')}`
}

function row(parameter: ParameterDescription): string {
  const { name, required, description } = parameter
  return `| \`${name}\` ${required ? ':red_circle:' : ''} | \`${cell(typeOf(parameter))}\` | ${standard(parameter)} | ${cell(description)} |`
}

/** Types of functions by the names that the library exports. */
const FUNCTIONS = new Map([
  ['logics', 'Logic[]'],
  ['format', 'Format'],
  ['callback', 'Callback'],
])

/** In TypeScript's words; the values stand for the type that they are of. */
function typeOf({ name, type, values }: ParameterDescription): string {
  const words = type.split('|').flatMap((word) => {
    if (word === 'null') return [word]
    if (word === 'string' && values.length > 0) return values.map((value) => `'${value}'`)
    return [FUNCTIONS.get(name) ?? (word === 'integer' ? 'number' : word)]
  })
  return words.join(' | ')
}

/** As JSON has it: `null` is the default of what has no other. */
function standard({ default: value }: ParameterDescription): string {
  return `\`${typeof value === 'string' ? `'${value}'` : JSON.stringify(value)}\``
}

function example(export_name: string, action: Action): string {
  const groups = parameterGroups(action).map((group) => {
    const lines = group.parameters.map((parameter) => `${parameter.name}: ${valueOf(action, group, parameter)},`)
    return group.name === 'other'
      ? lines.map((line) => `  ${line}`).join('\n')
      : `  ${group.name}: {\n${lines.map((line) => `    ${line}`).join('\n')}\n  },`
  })
  return `import { ${export_name} } from 'hrflow-connectors'

const result = await ${export_name}.${methodName(action.id)}({
${groups.join('\n')}
})

console.log(result.status, result.events)`
}

/**
 * What the environment fills comes from there; what is left out is shown by its default. Of states, those are read that
 * the action is for: an archive run that is given the published jobs archives the live board.
 */
function valueOf(action: Action, group: ParameterGroup, parameter: ParameterDescription): string {
  const { name, values, default: value } = parameter
  const filled = environmentVariables(action).find((known) => known.group === group.name && known.parameter === name)
  if (filled) return `process.env.${filled.variable} ?? ''`
  if (name === 'workflow_id') return `'${action.own.id}-${action.flow.entity}s-${action.flow.mode}'`
  if (value !== null) return typeof value === 'string' ? `'${value}'` : JSON.stringify(value)
  const wanted = action.flow.mode === 'archive' ? 'archived' : 'published'
  return name === 'state' && values.includes(wanted) ? `'${wanted}'` : 'null'
}
