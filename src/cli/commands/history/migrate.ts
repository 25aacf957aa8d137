import { keepsSchedules } from '../../../core/ports/schedule.js'
import { migrateEngine } from '../../../serve/index.js'
import { answer, printable, type Terminal } from '../../terminal.js'
import { withStore } from './store.js'

/** `state migrate`: opening the state brings it to this version; the engine's tables are brought to theirs. */
export async function migrateState({ json }: { json?: boolean }, terminal: Terminal): Promise<void> {
  await withStore(terminal, async (store) => {
    const { location, schema_version } = await store.summary()
    const isShared = keepsSchedules(store) && store.openDatabase !== null
    const engine_version = isShared ? await migrateEngine(store) : null
    const engine = engine_version === null ? '' : `, and its engine version ${engine_version}`
    const said = `${location} has version ${schema_version}${engine}.`
    answer(terminal.stdout, json, { location, schema_version, engine_version }, () => printable(said))
  })
}
