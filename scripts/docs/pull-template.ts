import { methodName } from '../../src/core/model/connector.js'
import type { Action } from '../../src/core/model/flow.js'

// How a stored workflow is turned into a program: settings are texts by name, code stands in place of the placeholders.

export const SETTINGS_KEYS = {
  workflow_id: '__workflow_id',
  incremental: '__incremental',
  connector_auth_prefix: 'connector_auth_',
  hrflow_auth_prefix: 'hrflow_auth_',
  pull_parameters_prefix: 'pull_parameters_',
  push_parameters_prefix: 'push_parameters_',
}

export const PLACEHOLDERS = {
  logics: '// << logics_placeholder >>',
  format: '// << format_placeholder >>',
  callback: '// << callback_placeholder >>',
  event_parser: '// << event_parser_placeholder >>',
}

/** The names that the code in place of a placeholder gives a value to, and the text that turns incremental runs on. */
export const EXPECTED = {
  activate_incremental: 'enable',
  logics_functions_name: 'logics',
  format_functions_name: 'format',
  callback_functions_name: 'callback',
  event_parser_function_name: 'event_parser',
}

/** A JavaScript module that exports `workflow(settings)`, which runs the action and returns its result. */
export function pullTemplate(connector: { export_name: string }, action: Action): string {
  return `import { ${connector.export_name} } from 'hrflow-connectors'

let logics = null
let format = null
let callback = null
${PLACEHOLDERS.logics}
${PLACEHOLDERS.format}
${PLACEHOLDERS.callback}

const valueOf = (text) => (text === 'true' || text === 'false' ? text === 'true' : text)

export async function workflow(settings) {
  const group = (prefix) =>
    Object.fromEntries(
      Object.entries(settings)
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, text]) => [name.slice(prefix.length), valueOf(text)]),
    )
  return ${connector.export_name}.${methodName(action.id)}({
    workflow_id: settings['${SETTINGS_KEYS.workflow_id}'],
    incremental: settings['${SETTINGS_KEYS.incremental}'] === '${EXPECTED.activate_incremental}',
    connector_auth: group('${SETTINGS_KEYS.connector_auth_prefix}'),
    hrflow_auth: group('${SETTINGS_KEYS.hrflow_auth_prefix}'),
    pull_parameters: group('${SETTINGS_KEYS.pull_parameters_prefix}'),
    push_parameters: group('${SETTINGS_KEYS.push_parameters_prefix}'),
    logics,
    format,
    callback,
  })
}
`
}
