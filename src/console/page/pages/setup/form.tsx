import type { ComponentChildren } from 'preact'
import type { SetupDraft, SetupLine } from '../../../contract.js'
import type { Value } from '../../readable.js'
import { capital, Prose } from '../../parts/prose.js'
import { Shape } from '../../parts/status.js'
import type { Tone } from '../../words.js'
import { type Action, type Field, fieldsOf, type Group, valueOf, writtenOf } from './fields.js'

/** What is said of a field: by its schema, and by a look at the service. */
export interface Said {
  problems: readonly { field: string | null; said: string }[]
  lines: readonly SetupLine[]
}

interface FormProps {
  action: Action
  draft: SetupDraft
  set: (draft: SetupDraft) => void
  said: Said
}

/** A form for each group of parameters, made of its schema. */
export function GroupForms({ action, draft, set, said }: FormProps) {
  return (
    <>
      {action.groups.map((group) => (
        <fieldset key={group.group} class="panel">
          <header>
            <legend class="legend-title">{group.label}</legend>
          </header>
          <div class="panel-body group">
            {fieldsOf(group).map((field) => (
              <FieldOf
                key={field.name}
                id={`${group.group}.${field.name}`}
                field={field}
                value={draft.groups[group.group]?.[field.name]}
                change={(value) => set(withValue(draft, group, field.name, value))}
                said={said}
              />
            ))}
          </div>
        </fieldset>
      ))}
    </>
  )
}

function withValue(draft: SetupDraft, { group }: Group, name: string, value: Value | undefined): SetupDraft {
  const others = Object.entries(draft.groups[group] ?? {}).filter(([other]) => other !== name)
  const own = Object.fromEntries(value === undefined ? others : [...others, [name, value]])
  return { ...draft, groups: { ...draft.groups, [group]: own } }
}

interface FieldProps {
  id: string
  field: Field
  value: Value | undefined
  change: (value: Value | undefined) => void
  said: Said
}

function FieldOf({ id, field, value, change, said }: FieldProps) {
  const { name, kind, required, description, variable } = field
  const written = writtenOf(kind, value)
  // What is still empty is not wrong yet: that it is required is said by its label.
  const about = saidOf(said, id, written !== '')
  const props = {
    id,
    value: written,
    'aria-invalid': about.some(({ tone }) => tone === 'bad'),
    'aria-describedby': `${id}-help ${id}-said`,
    required: required && variable === null,
  }
  const write = (text: string) => change(valueOf(kind, text))
  return (
    <div class="field">
      <label for={id}>
        {titleOf(name)} {required && <span class="muted">(needed)</span>}
      </label>
      <Control field={field} props={props} write={write} />
      <span class="help" id={`${id}-help`}>
        <Prose text={[...(description === '' ? [] : [sentence(description)]), ...helpOf(field)].join(' ')} />
      </span>
      <Verdicts id={`${id}-said`} about={about} />
    </div>
  )
}

function helpOf({ kind, variable }: Field): string[] {
  const left = variable === null ? [] : [`Left empty, it is taken from \`${variable}\`.`]
  if (kind !== 'secret') return left
  return [
    'Give the name of the environment variable that holds it, or the path of a file, never the secret itself.',
    ...left,
  ]
}

/** `api_user` as a person reads it: `API user`. */
function titleOf(name: string): string {
  const words = name.replaceAll('_', ' ').replace(/\b(api|id|url)\b/g, (word) => word.toUpperCase())
  return capital(words)
}

const sentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`)

interface ControlProps {
  field: Field
  props: { id: string; value: string; 'aria-invalid': boolean; 'aria-describedby': string; required: boolean }
  write: (text: string) => void
}

function Control({ field: { kind, choices, fallback, variable }, props, write }: ControlProps) {
  if (kind === 'choice' || kind === 'yes_no') {
    const options = kind === 'yes_no' ? ['true', 'false'] : choices
    return (
      <select {...props} onChange={(event) => write(event.currentTarget.value)}>
        <option value="">{fallback === null ? 'not set' : `${fallback} (by itself)`}</option>
        {options.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </select>
    )
  }
  return (
    <input
      {...props}
      type="text"
      inputMode={kind === 'number' ? 'decimal' : 'text'}
      autocomplete="off"
      spellcheck={false}
      placeholder={variable ?? fallback ?? ''}
      onInput={(event) => write(event.currentTarget.value.trim())}
    />
  )
}

const TONES: Record<SetupLine['verdict'], Tone> = { good: 'good', bad: 'bad', warning: 'warn', unknown: 'idle' }

export interface About {
  tone: Tone
  said: string
}

export function saidOf({ problems, lines }: Said, id: string | null, isWritten: boolean): About[] {
  const wrong = problems.filter(({ field }) => field === id && isWritten)
  const looked = lines.filter(({ field }) => field === id)
  return [
    ...wrong.map(({ said }): About => ({ tone: 'bad', said })),
    ...looked.map(({ verdict, said, todo }): About => ({
      tone: TONES[verdict],
      said: [said, todo].filter(Boolean).join(' '),
    })),
  ]
}

export function Verdicts({
  id,
  about,
  children,
}: {
  id: string
  about: readonly About[]
  children?: ComponentChildren
}) {
  return (
    <div id={id} aria-live="polite">
      {about.map(({ tone, said }) => (
        <p key={said} class={`verdict ${tone}`}>
          <Shape tone={tone} />
          <span>{said}</span>
        </p>
      ))}
      {children}
    </div>
  )
}
