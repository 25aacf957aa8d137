import { CLI, IMPORTS, measure, type Services } from './measure.js'
import { emptyRow, type Row, type Sample } from './rows.js'
import { ACTION, sync, withState } from './syncs.js'

/** Runs that have little to do, so that starting is most of them. */
export const IDLE = 'a run with nothing to do'
export const LIBRARY = 'import of the library'

/** A program, and the least that Node takes for it. */
interface Start {
  name: string
  run: () => Promise<Sample>
  floor: string[]
}

const NOTHING = ['-e', '0']

/** Each program beside its floor, one after the other, so often. */
export async function starts(repetitions: number, say: (text: string) => void): Promise<Row[]> {
  const rows: Row[] = []
  await withState({ jobs: 200, latency_ms: 0 }, async (services, env) => {
    await sync(services, env, { name: 'all jobs delivered before', flags: [], written: 200 })
    const all = startsOf(services, env)
    rows.push(...all.map(({ name }) => emptyRow(name)))
    for (let repetition = 0; repetition < repetitions; repetition++) {
      say(`starts: ${repetition + 1} of ${repetitions}`)
      for (const [index, { run, floor }] of all.entries()) {
        rows[index]?.floor.push(await program(services, floor))
        rows[index]?.samples.push(await run())
      }
    }
  })
  return rows
}

function startsOf(services: Services, env: Record<string, string>): Start[] {
  const library = JSON.stringify(new URL('../dist/index.js', import.meta.url).href)
  const imported = ['--input-type=module', '-e', `await import(${library})`]
  const idle = { name: IDLE, flags: ['--incremental'], written: 0 }
  return [
    { name: '--version', run: () => program(services, [CLI, '--version']), floor: NOTHING },
    { name: '--help', run: () => program(services, [CLI, '--help']), floor: [IMPORTS, 'commander'] },
    { name: LIBRARY, run: () => program(services, imported), floor: NOTHING },
    {
      name: 'check',
      run: () => program(services, [CLI, 'check', ACTION, '--json'], env),
      floor: [IMPORTS, 'undici', 'zod', 'libsql'],
    },
    { name: IDLE, run: () => sync(services, env, idle), floor: [IMPORTS, 'undici'] },
  ]
}

async function program(services: Services, words: string[], env?: Record<string, string>): Promise<Sample> {
  const { wall_ms, cpu_ms, peak_mib } = await measure(words, env)
  return { wall_ms, cpu_ms, peak_mib, requests: await services.asked() }
}
