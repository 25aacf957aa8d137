import { useEffect, useRef, useState } from 'preact/hooks'
import type { MappingTry, MappingView } from '../../contract.js'
import { asRefusal, useAnswer, useSettled } from '../answer.js'
import { post, type RefusalError } from '../api.js'
import { JsonView } from '../parts/json.js'
import { Page, Panel, Skeleton, Trouble } from '../parts/page.js'
import { replace, to } from '../router.js'
import { Fields } from './mapping/fields.js'
import { asYaml, type Rule, Rules, rulesOf } from './mapping/rules.js'

/** Expressions of a mapping, tried with one job as they are written. Nothing is saved. */
export function MappingPage({ id, reference }: { id: string; reference: string | null }) {
  const query = reference === null ? '' : `?${new URLSearchParams({ reference }).toString()}`
  const { value, error, reload } = useAnswer('mapping', `/workflows/${encodeURIComponent(id)}/mapping${query}`)
  const kept = useRef<Rule[] | null>(null)
  return (
    <Page
      title="Mapping"
      crumbs={[
        { word: 'Workflows', href: to([]) },
        { word: id, href: to(['workflows', id]) },
      ]}
      actions={value && <JobPicker id={id} view={value} />}
    >
      {error && <Trouble error={error} again={reload} />}
      {!value && !error && <Skeleton lines={10} />}
      {value && <Editor key={value.reference} id={id} view={value} kept={kept} />}
    </Page>
  )
}

function JobPicker({ id, view: { reference, references } }: { id: string; view: MappingView }) {
  const options = reference === null || references.includes(reference) ? references : [reference, ...references]
  return (
    <div class="inline-field">
      <label for="mapping-job">Job</label>
      <select
        id="mapping-job"
        value={reference ?? ''}
        onChange={(event) => replace(to(['workflows', id, 'mapping'], { reference: event.currentTarget.value }))}
      >
        {options.map((option) => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
    </div>
  )
}

interface EditorProps {
  id: string
  view: MappingView
  /** What was written while another job was picked. */
  kept: { current: Rule[] | null }
}

function Editor({ id, view, kept }: EditorProps) {
  const [rules, setRules] = useState<Rule[]>(() => kept.current ?? rulesOf(view.mapping))
  const focused = useRef<number>(0)
  kept.current = rules
  const { tried, error } = useTry(id, view.reference, useSettled(rules, 400))
  const insert = (path: string) => {
    const at = Math.min(focused.current, rules.length - 1)
    setRules(
      rules.map((rule, index) => {
        return index === at
          ? { ...rule, expression: `${rule.expression}${rule.expression === '' ? '' : ' '}${path}` }
          : rule
      }),
    )
  }
  return (
    <div class="editor">
      <div class="stack">
        <Rules rules={rules} set={setRules} focused={focused} tried={tried} view={view} />
        {view.conditions.length > 0 && (
          <Panel title="Conditions" aside={<span class="small">a job for which one is false is discarded</span>}>
            <ul class="stack tight">
              {view.conditions.map((condition) => (
                <li key={condition}>
                  <code>{condition}</code>
                </li>
              ))}
            </ul>
          </Panel>
        )}
        <Panel title="To keep it" aside={<span class="small">nothing is saved from here</span>}>
          <p class="muted">This goes into the workflow file, in place of its format:</p>
          <pre class="json" tabIndex={0} aria-label="The mapping as YAML">
            {asYaml(rules)}
          </pre>
        </Panel>
      </div>
      <div class="stack">
        <Outcome tried={tried} error={error} />
        <Fields fields={view.fields} insert={insert} />
      </div>
    </div>
  )
}

/** Tries the mapping whenever it has stood still for a while; the last result stays until the next has come. */
function useTry(id: string, reference: string | null, rules: readonly Rule[]) {
  const [tried, setTried] = useState<MappingTry | null>(null)
  const [error, setError] = useState<RefusalError | null>(null)
  useEffect(() => {
    if (reference === null) return
    const stop = new AbortController()
    const mapping = Object.fromEntries(
      rules.filter(({ target }) => target.trim() !== '').map(({ target, expression }) => [target.trim(), expression]),
    )
    post('mapping_try', `/workflows/${encodeURIComponent(id)}/mapping`, { reference, mapping }, stop.signal).then(
      (result) => {
        setTried(result)
        setError(null)
      },
      (refused: unknown) => {
        if (!stop.signal.aborted) setError(asRefusal(refused))
      },
    )
    return () => stop.abort()
  }, [id, reference, rules])
  return { tried, error }
}

function Outcome({ tried, error }: { tried: MappingTry | null; error: RefusalError | null }) {
  return (
    <Panel title="What would be written">
      <div class="stack tight" aria-live="polite">
        {error && <Trouble error={error} />}
        {tried?.problems.map((problem) => (
          <div key={problem} class="trouble warn">
            <p>{problem}</p>
          </div>
        ))}
        {tried && tried.item !== null && <JsonView value={tried.item} label="The item that would be written" />}
        {tried && tried.item === null && <p class="muted">Nothing: the job fails, or is discarded.</p>}
        {!tried && !error && <p class="muted">One moment …</p>}
      </div>
    </Panel>
  )
}
