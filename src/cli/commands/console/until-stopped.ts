import type { Console } from '../../../console/index.js'
import { listen } from '../../../serve/web.js'
import { onSignals } from '../../execution/signals.js'
import { withoutStrays } from '../../execution/unhandled-rejections.js'
import { asUsage, portOf } from '../../input/listening.js'
import { type ExitCode, type Terminal, textWidth, wrap } from '../../terminal.js'
import { type AccessFlags, type accessOf, addressOf } from './access.js'

export interface ConsoleFlags extends AccessFlags {
  file?: string
  demo?: boolean
  port?: string
}

/** Listens, and says where, until it is told to stop. */
export async function untilStopped(
  opened: Console,
  flags: ConsoleFlags,
  access: Awaited<ReturnType<typeof accessOf>>,
  terminal: Terminal,
): Promise<ExitCode> {
  const { host = '127.0.0.1' } = flags
  const port = portOf(flags.port ?? '4780')
  const web = await listen(opened, host, port).catch((error: unknown) => {
    throw asUsage(error, port)
  })
  const { stdout, stderr } = terminal
  stdout.write(`${addressOf(web.url, access)}\n`)
  stderr.write(
    `${wrap('Open this address in a browser. Ctrl-C ends the console, and the runs that were started there in good order.', textWidth(stderr))}\n`,
  )
  return withoutStrays(terminal, async () => {
    const code = await new Promise<ExitCode>((resolve) => {
      const stop = (signal: NodeJS.Signals) => resolve(signal === 'SIGINT' ? 130 : 0)
      onSignals(stop, () => process.exit(130))
    })
    await opened.close()
    web.close()
    return code
  })
}
