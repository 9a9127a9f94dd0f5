import { jsonSocket } from './json-socket.ts'

const patienceSeconds = 10

/**
 * Has QEMU write its screen as PNG, by its control socket. (https://qemu-project.gitlab.io/qemu/interop/qemu-qmp-ref.html)
 * @returns whether it did: QEMU before 7.1 cannot
 */
export async function takeScreenshot(control: string, path: string): Promise<boolean> {
  const socket = jsonSocket(control)
  try {
    const answer = socket.next(({ id }) => id === 'screen', patienceSeconds)
    socket.send({ execute: 'qmp_capabilities' })
    socket.send({ execute: 'screendump', arguments: { filename: path, format: 'png' }, id: 'screen' })
    const said = await answer
    return typeof said === 'object' && said !== null && 'return' in said
  } finally {
    socket.close()
  }
}
