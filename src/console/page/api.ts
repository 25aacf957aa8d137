import type {
  About,
  AuditPage,
  FailurePage,
  Home,
  JobSuggestions,
  JobView,
  LiveProgress,
  MappingTry,
  MappingView,
  PendingPage,
  Refusal,
  RunPage,
  RunView,
  SetupLine,
  SetupView,
  SetupYaml,
  WorkflowLine,
  WorkflowView,
} from '../contract.js'

/** What each kind of answer holds. */
export interface Answers {
  about: About
  home: Home
  workflow: WorkflowView
  line: WorkflowLine
  audit: AuditPage
  runs: RunPage
  run: RunView
  started: { run_id: string }
  failures: FailurePage
  pending: PendingPage
  changed: { changed: number }
  jobs: JobSuggestions
  job: JobView
  mapping: MappingView
  mapping_try: MappingTry
  setup: SetupView
  setup_yaml: SetupYaml
  saved: { workflow_id: string }
  nothing: Record<string, never>
}

/** What a stream tells, by the name of its events. */
export interface Told {
  progress: LiveProgress
  line: SetupLine
  end: null
  home: null
}

/** Why something was not done. `status` 0: the server did not answer. */
export class RefusalError extends Error {
  override readonly name = 'RefusalError'
  readonly code: string
  readonly hint: string | null
  readonly status: number

  constructor({ code, message, hint }: Refusal, status: number) {
    super(message)
    this.code = code
    this.hint = hint
    this.status = status
  }
}

const DEAD: Refusal = {
  code: 'no_answer',
  message: 'The server of the console does not answer.',
  hint: 'See whether the command still runs.',
}

export type Contact = 'good' | 'lost' | 'refused'
const listeners = new Set<(contact: Contact) => void>()
let contact: Contact = 'good'

/** Tells whether the server answers, whenever that changes. Returns how to be told no more. */
export function onContact(listener: (contact: Contact) => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

function setContact(next: Contact): void {
  if (next === contact) return
  contact = next
  for (const listener of [...listeners]) listener(next)
}

export async function get<Kind extends keyof Answers>(
  kind: Kind,
  path: string,
  signal?: AbortSignal,
): Promise<Answers[Kind]> {
  return answerOf(kind, await send(path, { signal: signal ?? null }))
}

export async function post<Kind extends keyof Answers>(
  kind: Kind,
  path: string,
  body: unknown = {},
  signal?: AbortSignal,
): Promise<Answers[Kind]> {
  return answerOf(kind, await send(path, { ...posted(body), signal: signal ?? null }))
}

function posted(body: unknown): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-requested-by': 'console' },
    body: JSON.stringify(body),
  }
}

async function send(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(`/api${path}`, init).catch((error: unknown) => {
    if (init.signal?.aborted) throw error
    setContact('lost')
    throw new RefusalError(DEAD, 0)
  })
  // What stands between here and the server says that nothing is behind it.
  if ([502, 503, 504].includes(response.status) && !isJson(response)) {
    setContact('lost')
    throw new RefusalError(DEAD, 0)
  }
  setContact(response.status === 401 ? 'refused' : 'good')
  if (!response.ok) throw new RefusalError(await refusalOf(response), response.status)
  return response
}

const isJson = (response: Response) => (response.headers.get('content-type') ?? '').includes('json')

async function refusalOf(response: Response): Promise<Refusal> {
  const said: unknown = await response.json().catch(() => null)
  if (isRefusal(said)) return said
  return { code: `http_${response.status}`, message: `The server answered ${response.status}.`, hint: null }
}

function isRefusal(said: unknown): said is Refusal {
  return typeof said === 'object' && said !== null && 'message' in said && typeof said.message === 'string'
}

async function answerOf<Kind extends keyof Answers>(kind: Kind, response: Response): Promise<Answers[Kind]> {
  const text = await response.text().catch(() => {
    setContact('lost')
    throw new RefusalError(DEAD, 0)
  })
  return parsed<Answers, Kind>(kind, text)
}

/** The server is of this page's own package and is held to the contract: what it answers is not checked once more. */
function parsed<Kinds, Kind extends keyof Kinds>(_kind: Kind, text: string): Kinds[Kind] {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-return -- see above
  return JSON.parse(text === '' ? '{}' : text)
}

type Listeners = { [Name in keyof Told]?: (told: Told[Name]) => void }

/** Listens to a stream of the server until told to stop; it connects again by itself. */
export function listen(path: string, told: Listeners): () => void {
  const source = new EventSource(`/api${path}`)
  for (const name of ['progress', 'end', 'home'] as const) {
    source.addEventListener(name, ({ data }: MessageEvent<string>) => tell(told, name, data))
  }
  source.addEventListener('open', () => setContact('good'))
  source.addEventListener('error', () => {
    // A stream that is refused tells no status: a request does.
    if (source.readyState !== EventSource.OPEN) get('about', '/about').catch(() => undefined)
  })
  return () => source.close()
}

/** Sends something and tells what is streamed back, until its end. */
export async function postStream(path: string, body: unknown, told: Listeners, signal: AbortSignal): Promise<void> {
  const response = await send(path, { ...posted(body), signal })
  if (!response.body) return
  let rest = ''
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const blocks = (rest + value.replaceAll('\r', '')).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const name = /^event: ?(.*)$/m.exec(block)?.[1]
      const data = [...block.matchAll(/^data: ?(.*)$/gm)].map((match) => match[1]).join('\n')
      if (name === 'line' || name === 'end') tell(told, name, data)
    }
  }
}

function tell(told: Listeners, name: keyof Told, text: string): void {
  if (name === 'progress') told.progress?.(parsed<Told, 'progress'>(name, text))
  else if (name === 'line') told.line?.(parsed<Told, 'line'>(name, text))
  else told[name]?.(null)
}
