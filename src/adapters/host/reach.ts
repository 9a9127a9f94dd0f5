import { connect } from 'node:net'

const connectSeconds = 5

/** Whether a server takes connections from here. @throws the signal's reason when aborted */
export async function reach(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  signal.throwIfAborted()
  const socket = connect({ host, port, timeout: connectSeconds * 1000 })
  const stop = () => socket.destroy(new Error('aborted'))
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await new Promise<boolean>((settle) => {
      socket.once('connect', () => settle(true))
      socket.once('timeout', () => settle(false))
      socket.once('error', () => settle(false))
    })
  } finally {
    signal.removeEventListener('abort', stop)
    socket.destroy()
    signal.throwIfAborted()
  }
}
