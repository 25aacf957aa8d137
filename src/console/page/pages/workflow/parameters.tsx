import type { WorkflowView } from '../../../contract.js'
import { Panel } from '../../parts/page.js'
import { to } from '../../router.js'

type Parameter = WorkflowView['parameters'][number]

const GROUPS: Record<string, string> = {
  connector_auth: 'Origin, credentials',
  hrflow_auth: 'Target, credentials',
  pull_parameters: 'What is read',
  push_parameters: 'How it is written',
}

/** What the workflow was given; of secrets that they are there, and no more. */
export function Parameters({ view: { line, parameters } }: { view: WorkflowView }) {
  const groups = [...new Set(parameters.map(({ group }) => group))]
  return (
    <Panel
      title="Parameters"
      aside={
        line.defined && (
          <span class="actions">
            <a class="button quiet" href={to(['workflows', line.workflow_id, 'mapping'])}>
              Mapping
            </a>
            <a class="button quiet" href={to(['workflows', line.workflow_id, 'jobs'])}>
              Find a job
            </a>
          </span>
        )
      }
    >
      {parameters.length === 0 && <p class="muted">They are not known: the workflow is known by its history alone.</p>}
      <div class="stack">
        {groups.map((group) => (
          <section key={group} aria-label={GROUPS[group] ?? group}>
            <h3>{GROUPS[group] ?? group}</h3>
            <dl class="parameters">
              {parameters
                .filter((parameter) => parameter.group === group)
                .map((parameter) => (
                  <Row key={parameter.name} parameter={parameter} />
                ))}
            </dl>
          </section>
        ))}
      </div>
    </Panel>
  )
}

function Row({ parameter: { name, value, description } }: { parameter: Parameter }) {
  return (
    <>
      <dt title={description ?? undefined}>{name}</dt>
      <dd>{isSecret(value) ? <span class="tag">secret, set</span> : shown(value)}</dd>
    </>
  )
}

const isSecret = (value: Parameter['value']) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && value['secret'] === true

function shown(value: Parameter['value']): string {
  if (value === null) return 'not set'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
