import { type Command, Option } from 'commander'
import { allActions } from '../../../runtime/actions.js'
import type { CommandLine } from '../index.js'
import { parameterQuestions } from './questions.js'

type Given = Record<string, string | boolean | undefined>

/** Adds the flags of `init`: those of all actions among them. */
export function addFlags(command: Command, { terminal, finish }: CommandLine): void {
  command
    .option('--action <name>', 'what the workflow does (default: the update of the first connector)')
    .option('--workflow <name>', 'name of the workflow')
    .option('--file <path>', 'the file to write (default: hrflow-connectors.yaml)')
  const own = ['--action', '--workflow', '--schedule', '--time-zone']
  for (const { flag, said } of parameterFlags(terminal.env)) {
    command.addOption(new Option(`${flag} <value>`, said))
    own.push(flag)
  }
  command
    .option('--schedule <cron>', 'when it runs by itself')
    .option('--time-zone <name>', "time zone of the schedule (default: this machine's)")
    .option('--full', 'every run reads everything; without it runs are incremental')
    .option('--yes', 'ask nothing')
    .option('--no-check', 'do not try the answers')
    .option('--add', 'add the workflow to a file that is there')
    .option('--overwrite', 'replace a file that is there')
    .option('--json', 'print one JSON document, and nothing else, to stdout; asks nothing')
    .action(async (values: Given) => {
      const { init } = await import('./init.js')
      const named = own.map((flag) => [flag, values[attributeOf(flag)]] as const)
      const flags = new Map(
        named.flatMap(([flag, value]) => (typeof value === 'string' ? [[flag, value] as const] : [])),
      )
      const is = (name: string) => values[name] === true
      const { file } = values
      const switches = { full: is('full'), yes: is('yes'), check: is('check'), add: is('add'), json: is('json') }
      const options = { flags, ...switches, overwrite: is('overwrite') }
      finish(await init({ ...options, file: typeof file === 'string' ? file : undefined }, terminal))
    })
}

/** Of all actions, each once. */
function parameterFlags(env: NodeJS.ProcessEnv): { flag: string; said: string }[] {
  const all = allActions().flatMap((action) => parameterQuestions(action, env))
  const flags = new Map<string, { flag: string; said: string }>()
  for (const { question, parameter } of all) {
    const said = parameter.secret ? `variable that holds ${parameter.name}` : parameter.description
    if (!flags.has(question.flag)) flags.set(question.flag, { flag: question.flag, said })
  }
  return [...flags.values()]
}

function attributeOf(flag: string): string {
  return new Option(`${flag} <value>`).attributeName()
}
