// tsc emits no JSON: the fakes read their fixtures from beside themselves, so they are copied into dist.
import { cpSync, readdirSync } from 'node:fs'

for (const connector of readdirSync('src/connectors', { withFileTypes: true })) {
  if (!connector.isDirectory()) continue
  const from = `src/connectors/${connector.name}/fixtures`
  try {
    cpSync(from, `dist/connectors/${connector.name}/fixtures`, { recursive: true })
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
}
