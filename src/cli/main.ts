#!/usr/bin/env node
import { runCli } from './program.js'

process.stdout.once('error', (error: NodeJS.ErrnoException) => {
  // A reader that has seen enough (`| head`): the run goes on and keeps its exit code.
  if (error.code === 'EPIPE') return
  process.stderr.write(`error: cannot write the result: ${error.message}\n`)
  process.exitCode = 1
})
// What is written after the first error fails alike.
process.stdout.on('error', () => undefined)
// Nobody looks on any more: no reason to end a run.
process.stderr.on('error', () => undefined)

const code = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
})
// Unless the result could not be written, which counts more.
process.exitCode ??= code
