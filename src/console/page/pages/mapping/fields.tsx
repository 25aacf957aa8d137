import { useState } from 'preact/hooks'
import type { MappingView } from '../../../contract.js'
import { useShown } from '../../paged.js'
import { More } from '../../parts/more.js'
import { Empty, Panel } from '../../parts/page.js'
import { Prose } from '../../parts/prose.js'
import { readable } from '../../readable.js'
import { count } from '../../words.js'

type Field = MappingView['fields'][number]

/** The fields that an expression can name, each with an example of the job that is picked. */
export function Fields({ fields, insert }: { fields: readonly Field[]; insert: (path: string) => void }) {
  const [text, setText] = useState('')
  const wanted = text.trim().toLowerCase()
  const found = fields.filter(({ path, description }) => `${path} ${description ?? ''}`.toLowerCase().includes(wanted))
  const { rows, more } = useShown(found, null, 20)
  return (
    <Panel
      title="Fields of the job"
      flush
      foot={
        found.length > 0 && <More more={more} busy={false} shown={`${count(rows.length)} of ${count(found.length)}`} />
      }
    >
      <div class="panel-body">
        <div class="field">
          <label for="field-text">Find a field</label>
          <input id="field-text" type="search" value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </div>
      </div>
      {found.length === 0 && <Empty title="No field is like that" />}
      <ul class="rows">
        {rows.map((field) => (
          <li key={field.path}>
            <div>
              <span class="mono strong">{field.path}</span> <span class="muted small">{field.type}</span>
              {field.description && (
                <p class="small muted">
                  <Prose text={field.description} />
                </p>
              )}
              <Example field={field} />
            </div>
            <button type="button" class="quiet" onClick={() => insert(field.path)} aria-label={`Insert ${field.path}`}>
              Insert
            </button>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

const LONGEST = 140

function Example({ field: { example } }: { field: Field }) {
  const text = readable(example)
  if (text === '') return <p class="small muted">empty in this job</p>
  return <p class="small">{text.length > LONGEST ? `${text.slice(0, LONGEST)} …` : text}</p>
}
