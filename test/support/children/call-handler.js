// Calls a handler as a serverless platform does: `node call-handler.js FILE EVENT MILLISECONDS`, and its answer to stdout.
import { createJiti } from 'jiti'

const [file = '', event = '', milliseconds = ''] = process.argv.slice(2)
const { handler } = await createJiti(import.meta.url).import(file)
const ends_at = Date.now() + Number(milliseconds)
const answer = await handler(JSON.parse(event), { getRemainingTimeInMillis: () => ends_at - Date.now() })
process.stdout.write(JSON.stringify(answer))
