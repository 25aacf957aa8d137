import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { performanceFiles } from '../../bench/page.js'
import { filled } from '../../src/cli/input/usage.js'
import { buildProgram } from '../../src/cli/program.js'
import { registry } from '../../src/connectors/index.js'
import { qualifiedName } from '../../src/core/model/describe.js'
import { inputSchema, parametersSchema } from '../../src/core/model/json-schema.js'
import { allActions } from '../../src/runtime/actions.js'
import { workflowsJsonSchema } from '../../src/workflows/index.js'
import { actionPage } from './action-page.js'
import { cliPage } from './cli-page.js'
import { connectorPage } from './connector-page.js'
import { hrflowJobPage } from './hrflow-job-page.js'
import { manifestOf } from './manifest.js'
import { publicTypes } from './public-types.js'

/** The folders that hold generated files alone: what else is there is stale. */
export const FOLDERS = ['docs/actions', 'docs/connectors', 'schemas', 'src/public']

/** Every file that is generated, as a whole or in parts: its path below the project's folder, and what it holds. */
export async function generatedFiles(): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  for (const [export_name, connector] of Object.entries(registry)) {
    files.set(`docs/connectors/${connector.id}.md`, connectorPage(export_name, connector))
    for (const action of connector.actions)
      files.set(`docs/actions/${connector.id}/${action.id}.md`, actionPage(export_name, action))
  }
  for (const action of allActions())
    files.set(`schemas/${qualifiedName(action)}.json`, json(inputSchema(parametersSchema(action))))
  files.set('schemas/workflows.json', json(workflowsJsonSchema()))
  files.set('docs/cli.md', cliPage(await program()))
  files.set('docs/hrflow-job.md', hrflowJobPage())
  for (const [path, text] of publicTypes(registry)) files.set(path, text)
  files.set('manifest.json', json(manifestOf(registry)))
  const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
  for (const [path, text] of performanceFiles(read)) files.set(path, text)
  return files
}

/** The command line, as nobody runs it: with every flag and command. */
export async function program(): Promise<Command> {
  const nowhere = { write: () => undefined }
  const stdin = { async *[Symbol.asyncIterator]() {} }
  const root = buildProgram({ stdout: nowhere, stderr: nowhere, stdin, env: {} }, () => undefined)
  await fill(root)
  return root
}

async function fill(command: Command): Promise<void> {
  await filled(command)
  for (const child of command.commands) await fill(child)
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
