import { trace } from '@opentelemetry/api'
import { BasicTracerProvider, ConsoleSpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { Workable } from 'hrflow-connectors'
import { pino } from 'pino'

// Once, where the application starts. In place of the console: an exporter to a collector, and a batch processor.
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(new ConsoleSpanExporter())] })
trace.setGlobalTracerProvider(provider)

const result = await Workable.updateJobsInHrflow(
  {
    workflow_id: 'acme-jobs',
    connector_auth: {
      api_access_token: process.env.WORKABLE_API_ACCESS_TOKEN ?? '',
      subdomain: process.env.WORKABLE_SUBDOMAIN ?? '',
    },
    hrflow_auth: {
      api_secret: process.env.HRFLOW_API_SECRET ?? '',
      api_user: process.env.HRFLOW_API_USER ?? '',
    },
    push_parameters: { board_key: process.env.HRFLOW_BOARD_KEY ?? '', on_missing: 'create' },
    logics: null,
  },
  // Logs go to stderr; every line has workflow_id, run_id, connector and action.
  { logger: pino({ level: 'info' }, pino.destination(2)) },
)

await provider.shutdown()
process.exitCode = result.status === 'fatal' ? 1 : 0
