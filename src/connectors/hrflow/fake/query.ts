import { z } from 'zod'
import type { JobListQuery } from './store.js'

/** A failure the service answers with. */
export class Refusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** The real texts are unknown: these are placeholders. */
export function validationMessage({ issues: [issue] }: z.ZodError): string {
  const missing = /received (undefined|null)/.test(issue?.message ?? '')
  return `${issue?.path.join('.') ?? 'body'} ${missing ? 'cannot be null' : 'is not valid'}`
}

/** The job beside `board_key`, or under `job`. */
export const writeBody = z.looseObject({
  board_key: z.unknown(),
  job: z.record(z.string(), z.unknown()).nullish(),
})

export const archiveBody = z.looseObject({
  board_key: z.unknown(),
  is_archive: z.union([z.boolean(), z.literal(0), z.literal(1)]).default(1),
})

export const parsingBody = z.object({
  text: z.string().nullish(),
  texts: z.array(z.string().nullable()).nullish(),
  parsing_model: z.enum(['atlas', 'quicksilver']).nullish(),
})

/** The parsed body; null where there is none. */
export function readJson(text: string): { value: unknown; malformed: boolean } {
  if (text === '') return { value: null, malformed: false }
  try {
    return { value: JSON.parse(text), malformed: false }
  } catch {
    return { value: text, malformed: true } // Whoever asks gets the refusal.
  }
}

const boardKeys = z
  .string()
  .transform((text) => readJson(text).value)
  .pipe(z.array(z.string()).min(1))

const listQuery = z.object({
  board_keys: boardKeys,
  name: z.string().optional(),
  key: z.string().optional(),
  reference: z.string().optional(),
  created_at_min: z.iso.date().optional(),
  created_at_max: z.iso.date().optional(),
  sort_by: z.enum(['created_at', 'updated_at']).default('created_at'),
  order_by: z.enum(['desc', 'asc']).default('desc'),
})

/** Docs: `board_keys` is a JSON array as a string. Inferred: name, key and reference match exactly; the location is ignored. */
export function readJobListQuery(query: URLSearchParams): JobListQuery {
  const { board_keys: boards, order_by, ...rest } = listQuery.parse(Object.fromEntries(query))
  return { boards, ascending: order_by === 'asc', ...rest }
}

const paging = z.object({
  page: z.coerce.number().int().min(1).default(1),
  // Inferred: no maximum; one is documented for searching only.
  limit: z.coerce.number().int().min(1).default(30),
  // The official client sends Python's `True`.
  return_job: z
    .string()
    .default('false')
    .transform((text) => ['true', '1'].includes(text.toLowerCase())),
})

export function readPaging(query: URLSearchParams): z.output<typeof paging> {
  return paging.parse(Object.fromEntries(query))
}
