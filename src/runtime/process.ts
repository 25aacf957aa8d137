import { readFileSync, readlinkSync } from 'node:fs'
import type { LeaseHolder, WorkflowRecord } from '../core/ports/store.js'

/**
 * This process, so that another on the same machine can tell whether it is still there: boot id, pid namespace, pid and
 * start time. Null where the system does not say (anything but Linux): then a lease runs out by time alone.
 */
export function processIdentity(): string | null {
  const self = statOf(process.pid)
  const machine = machineIdentity()
  return self === null || machine === null ? null : `${machine} ${process.pid} ${self.start}`
}

/** Whether the process of an identity is certain to be dead: on another machine or in another container it never is. */
export function isDead(identity: string): boolean {
  const [, machine, pid, start] = /^(\S+ \S+) (\d+) (\d+)$/.exec(identity) ?? []
  if (machine === undefined || machine !== machineIdentity()) return false
  const found = statOf(Number(pid))
  return found === null ? isGone(Number(pid)) : found.ended || found.start !== start
}

/** `/proc` may hide the processes of other users: a signal tells whether there is one. */
function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
}

function machineIdentity(): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    // No Linux, or a /proc that does not show it.
    return null
  }
}

/** When a process started, in clock ticks since boot, and whether it has ended and only waits to be noticed. */
function statOf(pid: number): { start: string; ended: boolean } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the name in parentheses, which may hold blanks and parentheses itself; the start is the 22nd.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { start: fields[19] ?? '', ended: fields[0] === 'Z' || fields[0] === 'X' }
  } catch {
    // It is not there, or it is not shown to us.
    return null
  }
}

/** Who runs a workflow at present. What is certain to be dead holds nothing, although its lease has not run out yet. */
export function holderOf({ running }: WorkflowRecord): LeaseHolder | null {
  if (running === null) return null
  return running.process !== null && isDead(running.process) ? null : running
}
