import { z } from 'zod'
import { messageOf, StateError, WorkflowFileError } from '../../core/errors.js'
import { UsageError } from '../terminal.js'

// Commands that listen until they are stopped.

const systemError = z.looseObject({ code: z.string(), syscall: z.literal('listen') })

/** What is wrong outside of the program, for the person at the terminal. */
export function asUsage(error: unknown, port: number): unknown {
  if (error instanceof WorkflowFileError) return new UsageError(error.message)
  if (error instanceof StateError)
    return new UsageError(`The state cannot be used: ${error.message} ${error.hint ?? ''}`.trim())
  const { success, data } = systemError.safeParse(error)
  if (!success) return error
  if (data.code === 'EADDRINUSE')
    return new UsageError(`--port ${port} is in use. Give another one, or 0 for any free one.`)
  return new UsageError(`--host and --port cannot be listened at: ${messageOf(error)}.`)
}

export function portOf(given: string | undefined): number {
  return wholeNumber('port', given, 0, 65_535)
}

export function wholeNumber(name: string, value = '', from: number, to: number): number {
  const number = Number(value)
  if (!/^\d{1,9}$/.test(value) || number < from || number > to)
    throw new UsageError(`--${name}: expected a whole number from ${from} to ${to}.`)
  return number
}
