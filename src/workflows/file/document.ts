import { type Document, isMap, parseDocument, stringify } from 'yaml'

// A workflow file in YAML as a text that a workflow is added to.

/** Where editors find what the file may hold, once the package is installed beside it. */
const SCHEMA = '# yaml-language-server: $schema=./node_modules/hrflow-connectors/schemas/workflows.json\n'

/** A text is no workflow file. The sentence begins behind the name of the file. */
export class DocumentError extends Error {}

/** The text of a new file with one workflow. */
export function newText(id: string, entry: object): string {
  return `${SCHEMA}${stringify({ workflows: { [id]: entry } }, { lineWidth: 0 })}`
}

/** The names that a file has already. Throws `DocumentError`. */
export function namesOf(text: string): string[] {
  const { workflows } = openDocument(text)
  return isMap(workflows) ? workflows.items.map(({ key }) => String(key)) : []
}

/** The text of a file with one workflow more; comments stay. Throws `DocumentError`. */
export function extendedText(text: string, id: string, entry: object): string {
  const { document, workflows } = openDocument(text)
  if (isMap(workflows)) workflows.set(id, document.createNode(entry))
  else document.set('workflows', document.createNode({ [id]: entry }))
  return document.toString({ lineWidth: 0 })
}

function openDocument(text: string): { document: Document; workflows: unknown } {
  const document = parseDocument(text)
  const [error] = document.errors
  if (error) throw new DocumentError(`cannot be read: ${error.message.split('\n')[0] ?? ''}`)
  if (document.contents !== null && !isMap(document.contents)) throw new DocumentError('is no workflow file.')
  return { document, workflows: document.get('workflows') }
}
