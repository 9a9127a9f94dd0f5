import { setTimeout as sleep } from 'node:timers/promises'
import { jsonSocket } from './json-socket.ts'

// An agent answers `guest-sync` with the number that it was sent.
const number = 4832
const patienceSeconds = 2

/** Settles with true when the guest's agent answers on the socket, with false when the signal comes first. */
export async function guestAgentAnswers(path: string, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    const socket = jsonSocket(path)
    const answer = socket.next((message) => message.return === number, patienceSeconds)
    socket.send({ execute: 'guest-sync', arguments: { id: number } })
    const answered = (await answer) !== undefined
    socket.close()
    if (answered) return true
    await Promise.race([sleep(1000), aborted(signal)])
  }
  return false
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise((settle) => signal.addEventListener('abort', settle, { once: true }))
}
