import { parameterGroups } from '../../core/model/describe.js'
import type { Action } from '../../core/model/flow.js'
import { redactor } from '../../core/text/redact.js'
import { environmentVariables } from '../../runtime/environment.js'
import type { Output, Terminal } from '../terminal.js'

/** A terminal whose stderr shows none of the secrets that the environment holds, whatever repeats them. */
export function withoutSecrets(terminal: Terminal, actions: readonly Action[]): Terminal {
  const { env } = terminal
  const variables = secretVariables(actions).flatMap((name) => env[name]?.trim() ?? [])
  return hiding([...variables, ...passwordOf(env)], terminal)
}

/** A terminal whose stderr shows none of these values. */
export function hiding(secrets: readonly string[], terminal: Terminal): Terminal {
  const { stderr } = terminal
  const redact = redactor(secrets)
  const redacted: Output = {
    write: (text) => stderr.write(redact(text)),
    get isTTY() {
      return stderr.isTTY === true
    },
    get columns() {
      return stderr.columns ?? 80
    },
  }
  return { ...terminal, stderr: redacted }
}

/** The variables that hold a secret of any action. */
function secretVariables(actions: readonly Action[]): string[] {
  const all = actions.flatMap((action) => {
    const secrets = parameterGroups(action).flatMap((group) =>
      group.parameters.filter(({ secret }) => secret).map(({ name }) => `${group.name}.${name}`),
    )
    return environmentVariables(action).filter(({ group, parameter }) => secrets.includes(`${group}.${parameter}`))
  })
  return [...new Set(all.map(({ variable }) => variable))]
}

/** Of the database that keeps the state. */
function passwordOf(env: NodeJS.ProcessEnv): string[] {
  const location = env['HRFLOW_CONNECTORS_STATE'] ?? ''
  return URL.canParse(location) ? [new URL(location).password] : []
}
