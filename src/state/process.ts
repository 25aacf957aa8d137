import { readFileSync, readlinkSync } from 'node:fs'

/**
 * This process, so that another on the same machine can tell whether it is still there: boot id, pid namespace, pid and
 * start time. Null where the system does not say (anything but Linux): then a lease runs out by time alone.
 */
export function processIdentity(): string | null {
  const start = startTime(process.pid)
  const machine = machineIdentity()
  return start === null || machine === null ? null : `${machine} ${process.pid} ${start}`
}

/** Whether the process of an identity is certain to be dead: on another machine or in another container it never is. */
export function isDead(identity: string): boolean {
  const [, machine, pid, start] = /^(\S+ \S+) (\d+) (\d+)$/.exec(identity) ?? []
  if (machine === undefined || machine !== machineIdentity()) return false
  const found = startTime(Number(pid))
  return found === null ? isGone(Number(pid)) : found !== start
}

/** `/proc` may hide the processes of other users: a signal tells whether there is one. */
function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return stateOf(pid) === 'zombie'
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

/** Field 22 of /proc/PID/stat, in clock ticks since boot; null for a process that is not shown or a zombie. */
function startTime(pid: number): string | null {
  const fields = fieldsOf(pid)
  return fields === null || stateOf(pid) === 'zombie' ? null : (fields[19] ?? null)
}

function stateOf(pid: number): 'zombie' | 'other' {
  const state = fieldsOf(pid)?.[0]
  return state === 'Z' || state === 'X' ? 'zombie' : 'other'
}

function fieldsOf(pid: number): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the name in parentheses, which may hold blanks and parentheses itself.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    // It is not there, or it is not shown to us.
    return null
  }
}
