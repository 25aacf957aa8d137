import type { Action } from '../core/model/flow.js'
import { groupsOf } from '../core/model/request.js'
import type { ProxySettings } from '../http/proxy.js'
import { defaultLocation } from '../stores/open.js'

/** As curl and others read them: lower case first. */
export function proxySettings(env: NodeJS.ProcessEnv): ProxySettings {
  const setting = (...variables: string[]) => {
    const variable = variables.find((name) => given(env[name]) !== undefined)
    return variable === undefined ? undefined : { variable, value: given(env[variable]) ?? '' }
  }
  const https = setting('https_proxy', 'HTTPS_PROXY')
  const http = setting('http_proxy', 'HTTP_PROXY')
  const none = setting('no_proxy', 'NO_PROXY')
  return { ...(https && { https }), ...(http && { http }), ...(none && { none: none.value }) }
}

/** Where state is kept when a caller says nothing: as the environment says, else the user's own place. */
export function stateLocation(env: NodeJS.ProcessEnv = process.env): string {
  return given(env['HRFLOW_CONNECTORS_STATE']) ?? defaultLocation(env)
}

/** The level of logs that the environment asks the faces for; a library call has a `logger`, or is silent. */
export function logLevel(env: NodeJS.ProcessEnv): string | undefined {
  return given(env['HRFLOW_CONNECTORS_LOG_LEVEL'])
}

/** The token that lets in to the console, where somebody has chosen one. */
export function consoleToken(env: NodeJS.ProcessEnv): string | undefined {
  return given(env['HRFLOW_CONNECTORS_CONSOLE_TOKEN'])
}

export function given(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim()
}

/** The variable of a warehouse's parameter: `WORKABLE_API_ACCESS_TOKEN`, `HRFLOW_BOARD_KEY`. */
export function variableName(warehouse: { id: string }, parameter: string): string {
  return `${warehouse.id}_${parameter}`.toUpperCase()
}

/** A parameter that the environment fills, and by which variable. */
export interface EnvironmentVariable {
  group: 'connector_auth' | 'hrflow_auth' | 'push_parameters'
  parameter: string
  variable: string
}

/** What of an action the environment may fill: both sides' credentials, and where items are written. */
export function environmentVariables({ flow, own }: Action): EnvironmentVariable[] {
  const { origin_auth, target_auth } = groupsOf(flow, own)
  const of = (warehouse: { id: string }, group: EnvironmentVariable['group'], names: string[]) =>
    names.map((parameter) => ({ group, parameter, variable: variableName(warehouse, parameter) }))
  return [
    ...of(flow.from, origin_auth, Object.keys(flow.from.auth.shape)),
    ...of(flow.to, target_auth, Object.keys(flow.to.auth.shape)),
    ...of(flow.to, 'push_parameters', [flow.write.place]),
  ]
}

/** What the environment says of them: for the faces, which fill in what was not given. */
export function environmentParameters(action: Action, env: NodeJS.ProcessEnv): Record<string, Record<string, string>> {
  const found: Record<string, Record<string, string>> = {}
  for (const { group, parameter, variable } of environmentVariables(action)) {
    const value = given(env[variable])
    if (value !== undefined) found[group] = { ...found[group], [parameter]: value }
  }
  return found
}
