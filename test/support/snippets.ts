import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What the compiler says of texts, as if they stood in the project at these paths. */
export function problemsOf(texts: readonly { path: string; text: string }[]): string[] {
  const given = new Map(texts.map(({ path, text }) => [path, text]))
  const options = optionsOf(join(root, 'tsconfig.json'))
  const host = ts.createCompilerHost(options)
  const [read, exists] = [host.readFile.bind(host), host.fileExists.bind(host)]
  host.readFile = (path) => given.get(path) ?? read(path)
  host.fileExists = (path) => given.has(path) || exists(path)
  const program = ts.createProgram([...given.keys()], options, host)
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ file, messageText }) => `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`)
}

function optionsOf(path: string): ts.CompilerOptions {
  const config: unknown = ts.readConfigFile(path, ts.sys.readFile.bind(ts.sys)).config
  return ts.parseJsonConfigFileContent(config, ts.sys, root).options
}
