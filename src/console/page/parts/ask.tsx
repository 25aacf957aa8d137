import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { asRefusal } from '../answer.js'
import type { RefusalError } from '../api.js'
import { Trouble } from './page.js'

/** A change that waits for a yes. */
export interface Question {
  title: string
  /** What will happen, a sentence each. */
  said: readonly string[]
  /** What else is asked. */
  fields?: ComponentChildren
  yes: string
  danger?: boolean
  act: () => Promise<void>
}

/** Asks before anything is changed, and tells in place why it could not be. */
export function Ask({ question, close }: { question: Question; close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<RefusalError | null>(null)
  useEffect(() => {
    const before = document.activeElement
    dialog.current?.showModal()
    return () => {
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  const act = () => {
    setBusy(true)
    setError(null)
    question.act().then(close, (refused: unknown) => {
      setBusy(false)
      setError(asRefusal(refused))
    })
  }
  return (
    <dialog ref={dialog} aria-labelledby="ask-title" onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          act()
        }}
      >
        <div class="dialog-body">
          <h2 id="ask-title">{question.title}</h2>
          {question.said.length === 1 ? <p>{question.said[0]}</p> : <Sentences said={question.said} />}
          {question.fields}
          {error && <Trouble error={error} />}
        </div>
        <div class="dialog-foot">
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="submit" class={question.danger ? 'danger' : 'primary'} disabled={busy}>
            {busy ? 'One moment …' : question.yes}
          </button>
        </div>
      </form>
    </dialog>
  )
}

function Sentences({ said }: { said: readonly string[] }) {
  return (
    <ul>
      {said.map((sentence) => (
        <li key={sentence}>
          <span>{sentence}</span>
        </li>
      ))}
    </ul>
  )
}

/** The question that is asked, if any, and how to ask one. */
export function useAsk(): [ComponentChildren, (question: Question) => void] {
  const [question, setQuestion] = useState<Question | null>(null)
  return [question && <Ask question={question} close={() => setQuestion(null)} />, setQuestion]
}
