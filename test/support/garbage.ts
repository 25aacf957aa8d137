import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Frees whatever nothing holds, once what is under way has come to rest: a weak reference shows then what is still held. */
export async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  await new Promise((resolve) => setImmediate(resolve))
  collect()
}
