import { parentPort, workerData } from 'node:worker_threads'
import { leave, type OrderTask, type Setup } from './messages.ts'
import { workerInOrder } from './work-in-order.ts'

// The thread of a copy that does what has an order.
const work = workerInOrder(workerData as Setup)

parentPort?.on('message', (task: OrderTask | typeof leave) => {
  if (task === leave) return parentPort?.close()
  parentPort?.postMessage(work(task))
})
