import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { ConnectorError, messageOf, RunError, StateError, WorkflowFileError } from '../core/errors.js'
import { type Access, guard, withHeaders } from './access/guard.js'
import type { Means } from './means.js'
import { addPage } from './page.js'
import { Refused } from './refused.js'
import { addChanging } from './routes/changing.js'
import { addEvents } from './routes/events.js'
import { addFailures } from './routes/failures.js'
import { addJobs } from './routes/jobs.js'
import { addReading } from './routes/reading.js'
import { addSetup } from './routes/setup.js'

/** The largest request: a mapping with long expressions. */
const LARGEST = 256 * 1024

/** The console as a function of a request: who is let in, its answers below `/api`, and its page. */
export function consoleApp(means: Means, access: Access, page: string): Hono {
  const app = new Hono()
  app.use(withHeaders)
  app.use(guard(access))
  app.use(
    bodyLimit({
      maxSize: LARGEST,
      onError: () => {
        throw new Refused(413, 'too_large', 'What was sent is too large.')
      },
    }),
  )
  addReading(app, means)
  addFailures(app, means)
  addEvents(app, means)
  addChanging(app, means)
  addJobs(app, means)
  addSetup(app, means)
  app.all('/api/*', () => {
    throw new Refused(404, 'no_such_page', 'There is nothing at this address.')
  })
  addPage(app, page)
  app.onError((error, context) => {
    const refused = refusedBy(error, means)
    if (!context.req.path.startsWith('/api/')) {
      const said = [refused.message, refused.hint ?? ''].join(' ').trim()
      return context.text(`${means.redact(said)}\n`, refused.status)
    }
    const headers = { 'content-type': 'application/json; charset=utf-8' }
    return context.body(means.text(refused.refusal), refused.status, headers)
  })
  return app
}

/** What is said of an error. Of a mistake in the program nobody knows what its words hold: it is logged. */
function refusedBy(error: unknown, means: Means): Refused {
  if (error instanceof Refused) return error
  if (error instanceof StateError) {
    return new Refused(503, error.code, `The state cannot be used: ${error.message}`, error.hint ?? null)
  }
  if (error instanceof WorkflowFileError || error instanceof RunError)
    return new Refused(422, error.code, error.message, error.hint ?? null)
  means.options.logger?.error({}, messageOf(error))
  const hint = 'See the logs: HRFLOW_CONNECTORS_LOG_LEVEL=error.'
  const name = error instanceof ConnectorError ? error.code : 'unexpected'
  return new Refused(500, name, 'It failed in a way that was not foreseen.', hint)
}
