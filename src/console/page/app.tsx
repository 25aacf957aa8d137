import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { useAnswer } from './answer.js'
import { type Contact, get, onContact } from './api.js'
import icon from './icon.svg'
import { useNotice } from './notices.js'
import { AuditPage } from './pages/audit.js'
import { HomePage } from './pages/home.js'
import { JobPage } from './pages/job.js'
import { MappingPage } from './pages/mapping.js'
import { PlanPage } from './pages/plan.js'
import { RunPage } from './pages/run.js'
import { SetupPage } from './pages/setup.js'
import { WorkflowPage } from './pages/workflow.js'
import { Empty, Page } from './parts/page.js'
import { type Place, to, usePlace } from './router.js'

export function App() {
  const place = usePlace()
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault()
          document.getElementById('main')?.focus()
        }}
      >
        Skip to the content
      </a>
      <Bar place={place} />
      <Banner />
      {pageOf(place)}
      <Happened />
    </>
  )
}

/** A page of its own for each thing that is shown: with the next thing it begins anew. */
function pageOf({ parts, query }: Place): ComponentChildren {
  const [first, id, third, fourth] = parts
  const key = parts.join('/')
  if (first === undefined) return <HomePage key={key} />
  if (first === 'setup') return <SetupPage key={key} />
  if (first === 'audit') return <AuditPage key={key} />
  if (first === 'runs' && id !== undefined) {
    return third === 'plan' ? <PlanPage key={key} id={id} /> : <RunPage key={key} id={id} />
  }
  if (first === 'workflows' && id !== undefined) {
    if (third === undefined) return <WorkflowPage key={key} id={id} />
    if (third === 'jobs') return <JobPage key={key} id={id} reference={fourth ?? null} />
    if (third === 'mapping') return <MappingPage key={`${key}/mapping`} id={id} reference={query.get('reference')} />
  }
  return (
    <Page key="nowhere" title="Nothing is here" crumbs={[{ word: 'Home', href: to([]) }]}>
      <section class="panel">
        <Empty title="This address leads nowhere.">
          <a class="button" href={to([])}>
            To the workflows
          </a>
        </Empty>
      </section>
    </Page>
  )
}

const PLACES = [
  { word: 'Workflows', first: undefined, href: to([]) },
  { word: 'Set up', first: 'setup', href: to(['setup']) },
  { word: 'Changes', first: 'audit', href: to(['audit']) },
]

function Bar({ place }: { place: Place }) {
  const { value: about } = useAnswer('about', '/about')
  const [first] = place.parts
  return (
    <header class="bar">
      <div class="bar-inner">
        <a class="brand" href={to([])}>
          <img src={icon} alt="" />
          hrflow-connectors
        </a>
        <nav aria-label="Console">
          {PLACES.map(({ word, first: own, href }) => (
            <a key={word} href={href} aria-current={first === own ? 'page' : undefined}>
              {word}
            </a>
          ))}
        </nav>
        {about && (
          <div class="bar-facts">
            {about.demo && <span class="tag accent">Demo: all data is invented</span>}
            <span title={`State: ${about.state}`}>{SERVED[about.served_by ?? 'nobody']}</span>
            <span>{about.version}</span>
          </div>
        )}
      </div>
    </header>
  )
}

const SERVED = {
  this: 'Schedules run here',
  other: 'Schedules run in another process',
  nobody: 'Nothing runs schedules',
}

/** Says that the server is gone for as long as it is, and asks for it again, ever more rarely. */
function Banner() {
  const [contact, setContact] = useState<Contact>('good')
  const [round, setRound] = useState(0)
  const since = useRef('')
  useEffect(
    () =>
      onContact((next) => {
        if (next === 'lost') since.current = new Date().toLocaleTimeString('en-GB')
        setRound(0)
        setContact(next)
      }),
    [],
  )
  useEffect(() => {
    if (contact !== 'lost') return
    const timer = setTimeout(() => askAgain(() => setRound(round + 1)), Math.min(15_000, 1_000 * 2 ** round))
    return () => clearTimeout(timer)
  }, [contact, round])
  if (contact === 'good') return null
  return (
    <div class="banner" role="alert">
      {contact === 'refused' ? (
        <span>This window is signed out. Open the address that the command has printed.</span>
      ) : (
        <>
          <span>The server of the console does not answer. What is shown is from before {since.current}.</span>
          <button type="button" onClick={() => askAgain(() => setRound(round + 1))}>
            Try again
          </button>
        </>
      )}
    </div>
  )
}

function askAgain(failed: () => void): void {
  get('about', '/about').catch(failed)
}

function Happened() {
  const [notice, close] = useNotice()
  return (
    <div role="status">
      {notice && (
        <div class={`notice ${notice.tone}`} key={notice.id}>
          <span>{notice.text}</span>
          <button type="button" class="quiet" onClick={close}>
            Put away
          </button>
        </div>
      )}
    </div>
  )
}
