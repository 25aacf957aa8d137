import type { Selectable } from 'kysely'
import { z } from 'zod'
import type {
  Condition,
  Listener,
  Schedule,
  ScheduledWorkflow,
  StoredWorkflow,
  Told,
} from '../../core/ports/schedule.js'
import type { Tables } from './schema.js'

type Row = Selectable<Tables['schedules']>

const schedule: z.ZodType<Schedule> = z.object({ cron: z.string(), time_zone: z.string() })
const condition: z.ZodType<Condition> = z.enum(['ok', 'fatal', 'failures', 'overdue', 'held'])
const told: z.ZodType<Told> = z.enum(['fatal', 'failures', 'overdue', 'held', 'recovered'])
const listeners: z.ZodType<Listener[]> = z.array(z.object({ target: z.string(), on: z.array(told) }))

export function toScheduled(row: Row): ScheduledWorkflow {
  return {
    ...row,
    schedule: parsed(row.schedule),
    full_schedule: parsed(row.full_schedule),
    started_full: row.started_full === 1,
    paused: row.paused === 1,
    condition: condition.parse(row.condition),
    listeners: listeners.parse(JSON.parse(row.listeners)),
  }
}

/** The columns of what is given. */
export function fromScheduled(workflow: ScheduledWorkflow): Row
export function fromScheduled(workflow: Partial<ScheduledWorkflow>): Partial<Row>
export function fromScheduled(workflow: Partial<ScheduledWorkflow>): Partial<Row> {
  const { schedule, full_schedule, started_full, paused, listeners: told_to, ...plain } = workflow
  return {
    ...plain,
    ...(schedule === undefined ? {} : { schedule: written(schedule) }),
    ...(full_schedule === undefined ? {} : { full_schedule: written(full_schedule) }),
    ...(started_full === undefined ? {} : { started_full: Number(started_full) }),
    ...(paused === undefined ? {} : { paused: Number(paused) }),
    ...(told_to === undefined ? {} : { listeners: JSON.stringify(told_to) }),
  }
}

export function toStored({ definition, notify, ...plain }: Selectable<Tables['stored']>): StoredWorkflow {
  return { ...plain, definition: z.json().parse(JSON.parse(definition)), notify: z.json().parse(JSON.parse(notify)) }
}

function parsed(text: string | null): Schedule | null {
  return text === null ? null : schedule.parse(JSON.parse(text))
}

function written(given: Schedule | null): string | null {
  return given === null ? null : JSON.stringify(given)
}

const serveHolder = z.object({
  key: z.string(),
  name: z.string(),
  process: z.string().nullable(),
  since: z.number(),
  expires_at: z.number(),
})

export function toServeHolder(text: string): z.output<typeof serveHolder> {
  return serveHolder.parse(JSON.parse(text))
}
