import { readFileSync } from 'node:fs'
import { z } from 'zod'

const cost = z.strictObject({ wall_s: z.number(), peak_mib: z.number().optional() })

const schema = z.strictObject({
  /** The day of all figures, as YYYY-MM-DD. */
  measured_on: z.iso.date(),
  syncs: z.array(z.strictObject({ jobs: z.number(), latency_ms: z.number(), original: cost, here: cost })),
  limited: z.strictObject({
    jobs: z.number(),
    /** Requests per 10 s. */
    limit: z.number(),
    /** Those that were refused were pushed without a reference. */
    original: z.strictObject({ updated: z.number(), refused: z.number() }),
    here: z.strictObject({ updated: z.number(), wall_s: z.number() }),
  }),
})

/** The Python original and this project on the same servers on one day: constants, as the benchmark does not run the original. */
export type Original = z.output<typeof schema>
/** What a run took, as far as it was measured. */
export type MeasuredCost = z.output<typeof cost>

/** What bench/original.json holds. */
export function readOriginal(): Original {
  return schema.parse(JSON.parse(readFileSync(new URL('original.json', import.meta.url), 'utf8')))
}
