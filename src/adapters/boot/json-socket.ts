import { connect } from 'node:net'

/** A socket that speaks JSON in lines, as QEMU's control and the guest's agent do. */
export interface JsonSocket {
  send(message: object): void
  /** Settles with the next message for which `wanted` holds; undefined when the socket is closed or time is up. */
  next(wanted: (message: Readonly<Record<string, unknown>>) => boolean, seconds: number): Promise<unknown>
  close(): void
}

// An agent is the guest's: what it sends is bounded.
const longestLine = 64 * 1024

/** Connects to a socket of this host. Whatever goes wrong with it shows as an answer that never comes. */
export function jsonSocket(path: string): JsonSocket {
  const socket = connect(path)
  const waiting = new Set<{ take(message: Readonly<Record<string, unknown>> | undefined): void }>()
  let rest = ''
  socket.setEncoding('utf8')
  socket.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = (lines.pop() ?? '').slice(-longestLine)
    for (const message of lines.map(parsed)) if (message) for (const waiter of waiting) waiter.take(message)
  })
  socket.on('error', () => socket.destroy())
  socket.on('close', () => {
    for (const waiter of waiting) waiter.take(undefined)
  })
  return {
    send: (message) => void (socket.destroyed || socket.write(`${JSON.stringify(message)}\n`)),
    next: (wanted, seconds) =>
      new Promise((settle) => {
        const end = (message: unknown) => {
          clearTimeout(timer)
          waiting.delete(waiter)
          settle(message)
        }
        const timer = setTimeout(end, seconds * 1000)
        const waiter = {
          take(message: Readonly<Record<string, unknown>> | undefined) {
            if (message === undefined || wanted(message)) end(message)
          },
        }
        if (socket.destroyed) end(undefined)
        else waiting.add(waiter)
      }),
    close: () => socket.destroy(),
  }
}

function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
