import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** The process that asks, on the machine where it runs: what tells a live holder of a lock from a dead one. */
export interface Host {
  readonly hostname: string
  readonly pid: number
  /** When this process started, in clock ticks since the boot: tells it from a later one with the same number. */
  readonly startTicks: number
  /** Random, new with every boot. */
  readonly bootId: string
  /** Process numbers mean something only inside one namespace: two containers can both have a process 1. */
  readonly pidNamespace: string
  /** Seconds since the boot, sleep included; nobody can set this clock. */
  uptimeSeconds(): number
  /** Whether a process of this boot and namespace is still there, and the same one. */
  isAlive(pid: number, startTicks: number): boolean
}

/** This process on this Linux machine, read from /proc. */
export function linuxHost(): Host {
  return {
    hostname: hostname(),
    pid: process.pid,
    startTicks: parseStat(readFileSync('/proc/self/stat', 'utf8')).startTicks,
    bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    pidNamespace: readlinkSync('/proc/self/ns/pid'),
    uptimeSeconds: () => Number.parseFloat(readFileSync('/proc/uptime', 'utf8')),
    isAlive(pid, startTicks) {
      const stat = readStat(pid)
      // Where /proc hides the processes of others, their start is not to be known: better locked than run twice.
      if (stat === undefined) return exists(pid)
      const { state, startTicks: started } = parseStat(stat)
      return state !== 'Z' && state !== 'X' && started === startTicks
    },
  }
}

/**
 * Reads /proc/PID/stat (proc_pid_stat(5)): field 3 is the state, field 22 the start in clock ticks since the boot. Field
 * 2, the name, stands in parentheses and may hold spaces and parentheses itself.
 */
export function parseStat(stat: string): { readonly state: string; readonly startTicks: number } {
  const afterName = stat
    .slice(stat.lastIndexOf(')') + 1)
    .trim()
    .split(' ')
  return { state: afterName[0] ?? '', startTicks: Number(afterName[22 - 3]) }
}

function readStat(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ESRCH')) return undefined
    throw error
  }
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    if (isErrno(error, 'EPERM')) return true
    if (isErrno(error, 'ESRCH')) return false
    throw error
  }
}

function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.some((code) => code === error.code)
}
