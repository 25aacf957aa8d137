import { methodName } from '../../src/core/connector.js'
import {
  adjectiveOf,
  parameterGroups,
  type ParameterDescription,
  type ParameterGroup,
} from '../../src/core/manifest.js'
import type { Action } from '../../src/core/run.js'
import { environmentVariables } from '../../src/runtime.js'
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

\`None\`, \`True\` and \`False\` are \`null\`, \`true\` and \`false\` in TypeScript, and \`Literal\` lists the values that are allowed.

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

/** The values stand for the type that they are of. */
function typeOf({ type, values }: ParameterDescription): string {
  if (values.length === 0) return type
  return type.replace('string', `Literal[${values.map((value) => `'${value}'`).join(',')}]`)
}

function standard({ default: value }: ParameterDescription): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return typeof value === 'string' ? value : JSON.stringify(value)
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

/** What the environment fills comes from there; a choice is shown by its last value, what is left out by its default. */
function valueOf(action: Action, group: ParameterGroup, parameter: ParameterDescription): string {
  const { name, values, default: value } = parameter
  const filled = environmentVariables(action).find((known) => known.group === group.name && known.parameter === name)
  if (filled) return `process.env.${filled.variable} ?? ''`
  if (name === 'workflow_id') return `'${action.own.id}-${action.flow.entity}s'`
  if (value !== null) return typeof value === 'string' ? `'${value}'` : JSON.stringify(value)
  const last = values.at(-1)
  return last === undefined ? 'null' : `'${last}'`
}
