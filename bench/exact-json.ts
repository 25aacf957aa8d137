import { type JsonCost, latestSchema } from './latest.js'
import { JSON_COST, measure } from './measure.js'

/** CPU time of reading and writing one recorded job, in a process of its own: the median of so many batches. */
export async function exactJson(batches: number): Promise<JsonCost> {
  const { stdout } = await measure([JSON_COST, String(batches), '4000'])
  return latestSchema.shape.exact_json.unwrap().parse(JSON.parse(stdout))
}
