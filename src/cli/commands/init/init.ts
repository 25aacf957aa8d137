import { dirname } from 'node:path'
import { WorkflowFileError } from '../../../core/errors.js'
import { qualifiedName } from '../../../core/model/describe.js'
import { type Action, follows } from '../../../core/model/flow.js'
import { allActions } from '../../../runtime/actions.js'
import { newText } from '../../../workflows/file/document.js'
import { checkSchedule, ScheduleError } from '../../../workflows/index.js'
import {
  answer,
  type ExitCode,
  printable,
  type Terminal,
  textWidth,
  UsageError,
  widthOf,
  wrap,
} from '../../terminal.js'
import { findAction } from '../../input/actions.js'
import { type Checkable, type Checked, checkOne, showOne } from '../preflight/check.js'
import { type Asker, Cancelled, FlagAsker, PersonAsker, ReadingAsker } from './asker.js'
import { extended, findTarget, namesIn, readBack, save, type Target } from './file.js'
import {
  nameQuestion,
  type ParameterQuestion,
  parameterQuestions,
  placeholderOf,
  type Question,
  valueOf,
} from './questions.js'

export interface InitOptions {
  /** By their names, `--subdomain` and so on: what is answered already. */
  flags: ReadonlyMap<string, string>
  file?: string | undefined
  full: boolean
  yes: boolean
  check: boolean
  add: boolean
  overwrite: boolean
  json: boolean
}

/** A workflow as it goes into the file. */
interface Draft {
  id: string
  action: Action
  entry: Record<string, unknown>
}

/** `init`: asks what a workflow needs, tries the answers, and writes the workflow file. */
export async function init(options: InitOptions, terminal: Terminal): Promise<ExitCode> {
  const isPerson = !options.yes && !options.json && terminal.stdin.isTTY === true && terminal.stdout.isTTY === true
  const flags = new FlagAsker(options.flags)
  const prompts = isPerson ? await import('@clack/prompts') : null
  const asker = prompts ? new PersonAsker(prompts, options.flags, widthOf(terminal.stdout)) : flags
  try {
    prompts?.intro('A workflow for hrflow-connectors')
    const target = await findTarget(options.file, process.cwd())
    const adds = await whatToDo(target, options, asker)
    const taken = adds ? await namesIn(target) : []
    for (;;) {
      const draft = await draftOf(options, asker, terminal.env, { taken, folder: dirname(target.path) })
      flags.refuse()
      const text = adds ? await extended(target, draft.id, draft.entry) : newText(draft.id, draft.entry)
      const code = await finish({ target, draft, text }, options, asker, terminal)
      if (code !== 'again') return code
    }
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error
    prompts?.cancel('Nothing was written.')
    return 130
  }
}

/** A file that is there is changed only by somebody's word. True: the workflow is added to it. */
async function whatToDo({ exists, name }: Target, { add, overwrite }: InitOptions, asker: Asker): Promise<boolean> {
  if (add && overwrite) throw new UsageError('--add or --overwrite, not both.')
  if (!exists) return false
  if (add || overwrite) return add
  if (!asker.isPerson)
    throw new UsageError(`${name} is there already. --add adds the workflow to it, --overwrite replaces it.`)
  const answer = await asker.ask({
    flag: 'what to do with it',
    message: `${name} is there already`,
    choices: [
      { value: 'add', label: 'add a workflow to it' },
      { value: 'overwrite', label: 'replace it', hint: 'what it holds is lost' },
      { value: 'stop', label: 'leave it' },
    ],
  })
  if (answer === 'stop') throw new Cancelled()
  return answer === 'add'
}

async function draftOf(
  { flags, full }: InitOptions,
  asker: Asker,
  env: NodeJS.ProcessEnv,
  { taken, folder }: { taken: readonly string[]; folder: string },
): Promise<Draft> {
  const given = flags.get('--action')
  const followed = allActions().find(({ flow }) => flow.write.leaving !== undefined)
  const choices = [
    ...(followed ? [{ value: FOLLOW, label: followLabel(followed), hint: 'adds, edits, archives what left' }] : []),
    ...allActions().map((action) => ({
      value: qualifiedName(action),
      label: qualifiedName(action),
      hint: whatItDoes(action),
    })),
  ]
  const [first] = choices
  const chosen =
    given ??
    (await asker.ask({ flag: '--action', message: 'What should it do?', choices, standard: first?.value ?? '' }))
  const follows = chosen === FOLLOW && followed !== undefined
  // A name that does not exist is refused with the one that was meant.
  const action = follows ? followed : findAction(chosen)
  const questions = parameterQuestions(action, env)
  refuseForeignFlags(flags, action, questions, env)
  const entry: Record<string, unknown> = { action: qualifiedName(action) }
  for (const question of questions) {
    // To follow is to do what is suggested: nobody need be asked for each.
    const { suggested, required } = question.parameter
    const settled = follows && suggested !== null && !required && !flags.has(question.question.flag)
    const answers = settled ? { ...STILL, ask: async () => suggested } : new ReadingAsker(asker, folder, env)
    await askFor(question, entry, flags, answers)
  }
  const id = await asker.ask(nameQuestion(`${accountOf(entry)}-${action.flow.entity}s`, taken))
  entry['incremental'] = !full
  const times = await timesOf(asker, follows && !full)
  return { id, action, entry: { ...entry, ...times } }
}

/** The first answer: one workflow an account, by what each parameter suggests. */
const FOLLOW = 'follow'

/** Somebody who need not be asked. */
const STILL: Omit<Asker, 'ask'> = { isPerson: false, isGiven: () => true, mend: () => undefined }

function followLabel({ flow }: Action): string {
  return `the ${flow.to.name} board follows ${flow.from.name}`
}

async function askFor(
  { group, parameter, question, asked, meant }: ParameterQuestion,
  entry: Record<string, unknown>,
  flags: ReadonlyMap<string, string>,
  asker: Asker,
): Promise<void> {
  if (!asked && !flags.has(question.flag)) return
  const answer = meant(await asker.ask(question))
  if (answer === '' || answer === parameter.default) return
  const value = parameter.secret ? placeholderOf(answer) : valueOf(answer)
  entry[group] = { ...groupOf(entry, group), [parameter.name]: value }
}

/** What tells it apart from the others: an update edits, and adds too where it is told to; a create only adds. */
function whatItDoes({ flow }: Action): string {
  return [
    flow.write.description ?? '',
    flow.mode === 'update' ? `Keeps the ${flow.entity}s of ${flow.to.name} up to date.` : '',
  ]
    .join(' ')
    .trim()
}

function groupOf(entry: Record<string, unknown>, group: string): object {
  const known = entry[group]
  return typeof known === 'object' && known !== null ? known : {}
}

/** A flag of another action would be left out in silence. */
function refuseForeignFlags(
  flags: ReadonlyMap<string, string>,
  action: Action,
  questions: readonly ParameterQuestion[],
  env: NodeJS.ProcessEnv,
): void {
  const own = questions.map(({ question }) => question.flag)
  const others = allActions().flatMap((other) => parameterQuestions(other, env).map(({ question }) => question.flag))
  const foreign = others.find((flag) => flags.has(flag) && !own.includes(flag))
  if (foreign !== undefined) throw new UsageError(`${foreign} is no parameter of ${qualifiedName(action)}.`)
}

/** What the workflow is named after when nothing is said. */
function accountOf(entry: Record<string, unknown>): string {
  const subdomain: unknown = Reflect.get(groupOf(entry, 'connector_auth'), 'subdomain')
  return typeof subdomain === 'string' && /^[\w-]+$/.test(subdomain) ? subdomain : 'my'
}

type FileSchedule = string | { cron: string; time_zone: string }

/** A board that follows is looked at every quarter of an hour, and once a night in full, which finds what was deleted. */
const OFTEN = '*/15 * * * *'
const NIGHTLY = '30 3 * * *'
const NEVER = 'none'

async function timesOf(
  asker: Asker,
  heals: boolean,
): Promise<{ schedule?: FileSchedule; full_schedule?: FileSchedule }> {
  const when = {
    flag: '--schedule',
    message: `Schedule, a cron expression such as ${OFTEN} (${heals ? 'none: only when it is told to' : 'empty: none'})`,
    standard: heals ? OFTEN : '',
  }
  const cron = await askChecked(when, asker, async (answer) => {
    if (answer !== NEVER) await checkSchedule({ cron: answer, time_zone: 'UTC' })
  })
  if (cron === '' || cron === NEVER) return {}
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone
  const zone = { flag: '--time-zone', message: 'Time zone of the schedule', standard: here }
  const time_zone = await askChecked(zone, asker, (answer) => checkSchedule({ cron, time_zone: answer }))
  const at = (cron: string) => (time_zone === 'UTC' ? cron : { cron, time_zone })
  return { schedule: at(cron), ...(heals ? { full_schedule: at(NIGHTLY) } : {}) }
}

/** Asks a person again until the answer passes; a flag has one try. */
async function askChecked(question: Question, asker: Asker, check: (answer: string) => Promise<void>): Promise<string> {
  for (let said = question; ;) {
    const answer = await asker.ask(said)
    try {
      if (answer !== '') await check(answer)
      return answer
    } catch (error) {
      if (!(error instanceof ScheduleError)) throw error
      if (!asker.isPerson || asker.isGiven(question)) throw new UsageError(`${question.flag}: ${error.message}`)
      said = {
        ...question,
        refused: true,
        message: `${error.message.charAt(0).toUpperCase()}${error.message.slice(1)} ${question.message}`,
      }
    }
  }
}

interface Made {
  target: Target
  draft: Draft
  text: string
}

/** Tries what was answered, and writes it down unless that is not wanted any more. */
async function finish(made: Made, options: InitOptions, asker: Asker, terminal: Terminal): Promise<ExitCode | 'again'> {
  const { target, draft, text } = made
  const checkable = await checkableOf(made, terminal.env)
  const checked = options.check ? await look(checkable, options.json, terminal) : null
  const next = checked?.verdict === 'bad' ? await whatNow(asker, flagsOf(checked, draft.action, terminal.env)) : 'write'
  if (next === 'again') return 'again'
  const goesOn = next === 'write'
  if (goesOn) await save(target, text)
  const { name } = target
  answer(terminal.stdout, options.json, { written: goesOn, file: target.path, workflow_id: draft.id, checked }, () =>
    goesOn
      ? nextSteps(made, terminal)
      : `Nothing was written. Correct what is bad, or say --no-check to write ${name} all the same.`,
  )
  return goesOn ? 0 : 1
}

/** What to do where not all is good; nobody can be asked beside flags. */
async function whatNow(asker: Asker, wrong: ReadonlySet<string>): Promise<string> {
  if (!asker.isPerson) return 'stop'
  const mend = { value: 'mend', label: `correct ${[...wrong].join(', ')}`, hint: 'the other answers stay' }
  asker.mend(null)
  const next = await asker.ask({
    flag: 'what now',
    message: 'Not all is good',
    choices: [
      ...(wrong.size > 0 ? [mend] : []),
      { value: 'again', label: 'go through the answers again' },
      { value: 'write', label: 'write the file all the same' },
      { value: 'stop', label: 'leave it', hint: 'nothing is written' },
    ],
    standard: wrong.size > 0 ? 'mend' : 'again',
  })
  if (next === 'mend') asker.mend(wrong)
  return next === 'mend' ? 'again' : next
}

/** The questions whose answers were found to be bad. */
function flagsOf({ checks }: Checked, action: Action, env: NodeJS.ProcessEnv): Set<string> {
  const bad = checks.filter(({ verdict }) => verdict === 'bad').flatMap(({ what }) => what.split(/, |\./))
  const questions = parameterQuestions(action, env).filter(({ parameter }) => bad.includes(parameter.name))
  return new Set(questions.map(({ question }) => question.flag))
}

/** The workflow as a run would read it. What is wrong with an answer, a schedule say, is a `UsageError`. */
async function checkableOf({ target, draft, text }: Made, env: NodeJS.ProcessEnv): Promise<Checkable> {
  const { id, action } = draft
  try {
    const workflow = await readBack(target, text, id, env)
    const unset = unsetVariables(draft.entry, env)
    if (unset.length > 0)
      return { workflow_id: id, action, problem: `Not set here: ${unset.join(', ')}. Set them and check again.` }
    return { workflow_id: id, action, parameters: (await workflow.resolve(env)).parameters }
  } catch (error) {
    if (!(error instanceof WorkflowFileError)) throw error
    const said = error.problems.map(({ message }) => message).join('\n')
    throw new UsageError(`${said}\nNothing was written.`, { cause: error })
  }
}

function look(checkable: Checkable, json: boolean, terminal: Terminal): Promise<Checked> {
  return json ? checkOne(checkable, terminal, () => undefined) : showOne(checkable, terminal)
}

function unsetVariables(entry: Record<string, unknown>, env: NodeJS.ProcessEnv): string[] {
  const named = [...JSON.stringify(entry).matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g)].map(([, name = '']) => name)
  return [...new Set(named)].filter((name) => (env[name] ?? '').trim() === '')
}

function nextSteps({ target, draft }: Made, { stdout, env }: Terminal): string {
  const file = target.name.startsWith('hrflow-connectors.') ? '' : ` --file ${printable(target.name)}`
  const unset = unsetVariables(draft.entry, env).map((name) => `  export ${name}=...`)
  const commands = ['check', 'plan', 'run'].map((command) => `  hrflow-connectors ${command} ${draft.id}${file}`)
  const isFollowing = follows(draft.action.flow, { ...groupOf(draft.entry, 'push_parameters') })
  const isServed = 'schedule' in draft.entry
  const nightly =
    isFollowing && !isServed
      ? ['Once a night in full, which finds what was deleted:', `  hrflow-connectors run ${draft.id}${file} --full`]
      : []
  const served = isServed ? ['By itself, until it is stopped:', `  hrflow-connectors serve${file}`] : []
  const written = `${printable(target.name)} holds the workflow ${draft.id} now. Next:`
  return [wrap(written, textWidth(stdout)), ...unset, ...commands, ...nightly, ...served].join('\n')
}
