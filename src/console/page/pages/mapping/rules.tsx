import type { MappingTry, MappingView } from '../../../contract.js'
import { Panel } from '../../parts/page.js'
import { Shape } from '../../parts/status.js'
import { readable } from '../../readable.js'

/** One line of a mapping while it is written. */
export interface Rule {
  target: string
  expression: string
}

export const rulesOf = (mapping: MappingView['mapping']): Rule[] => {
  const rules = Object.entries(mapping ?? {}).map(([target, expression]) => ({ target, expression }))
  return rules.length > 0 ? rules : [{ target: 'name', expression: 'title' }]
}

/** As the workflow file holds it; a text in single quotes needs no other care than its own quotes. */
export function asYaml(rules: readonly Rule[]): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`
  const lines = rules
    .filter(({ target }) => target.trim() !== '')
    .map(({ target, expression }) => `    ${/^[\w.]+$/.test(target) ? target : quoted(target)}: ${quoted(expression)}`)
  return ['format:', '  base: default', '  fields:', ...lines].join('\n')
}

interface RulesProps {
  rules: Rule[]
  set: (rules: Rule[]) => void
  /** The rule that was written in last. */
  focused: { current: number }
  tried: MappingTry | null
  view: MappingView
}

export function Rules({ rules, set, focused, tried, view }: RulesProps) {
  const change = (at: number, part: Partial<Rule>) =>
    set(rules.map((rule, index) => (index === at ? { ...rule, ...part } : rule)))
  const about = view.mapping === null ? 'the connector’s own format, with these laid over it' : 'as the workflow has it'
  return (
    <Panel
      title="Fields"
      flush
      aside={<span class="small">{about}</span>}
      foot={
        <button type="button" onClick={() => set([...rules, { target: '', expression: '' }])}>
          Add a field
        </button>
      }
    >
      <datalist id="mapping-targets">
        {view.targets.map(({ path, description }) => (
          <option key={path} value={path}>
            {description}
          </option>
        ))}
      </datalist>
      {rules.map((rule, at) => (
        <RuleRow
          key={at}
          at={at}
          rule={rule}
          change={(part) => change(at, part)}
          remove={() => set(rules.filter((_, index) => index !== at))}
          focus={() => (focused.current = at)}
          result={tried?.results.find(({ target }) => target === rule.target.trim()) ?? null}
        />
      ))}
    </Panel>
  )
}

/** Room for all of it, within reason. */
const rowsOf = (expression: string) =>
  Math.min(
    8,
    expression.split('\n').reduce((rows, line) => rows + Math.max(1, Math.ceil(line.length / 44)), 0),
  )

interface RowProps {
  at: number
  rule: Rule
  change: (part: Partial<Rule>) => void
  remove: () => void
  focus: () => void
  result: MappingTry['results'][number] | null
}

function RuleRow({ at, rule: { target, expression }, change, remove, focus, result }: RowProps) {
  const said = `rule-${at}-result`
  const isWrong = result !== null && result.problem !== null
  return (
    <div class="rule">
      <div class="field">
        <label for={`rule-${at}-target`}>Field of HrFlow.ai</label>
        <input
          id={`rule-${at}-target`}
          type="text"
          list="mapping-targets"
          spellcheck={false}
          value={target}
          onInput={(event) => change({ target: event.currentTarget.value })}
        />
      </div>
      <div class="field">
        <label for={`rule-${at}-expression`}>Expression (JSONata)</label>
        <textarea
          id={`rule-${at}-expression`}
          rows={rowsOf(expression)}
          spellcheck={false}
          value={expression}
          aria-invalid={isWrong}
          aria-describedby={said}
          onFocus={focus}
          onInput={(event) => change({ expression: event.currentTarget.value })}
        />
      </div>
      <button type="button" class="quiet remove" onClick={remove} aria-label={`Remove ${target || 'this field'}`}>
        Remove
      </button>
      <div class={`result verdict ${isWrong ? 'bad' : 'idle'}`} id={said} aria-live="polite">
        {result && (
          <>
            <Shape tone={isWrong ? 'bad' : 'good'} />
            <span>{result.problem ?? (readable(result.value) || 'nothing')}</span>
          </>
        )}
      </div>
    </div>
  )
}
