import { type Imported, type ImportRequest, importMachines } from '../app/import-machines.ts'
import { connectWorkspace } from './connect-workspace.ts'
import { listenForInterrupts } from './interrupt.ts'

/** Records machines of a workspace that are there already. */
export async function importState(folder: string, request: ImportRequest): Promise<Imported> {
  const interrupts = listenForInterrupts(() => undefined)
  try {
    return await importMachines(request, await connectWorkspace(folder), interrupts.signal)
  } catch (error) {
    interrupts.signal.throwIfAborted()
    throw error
  } finally {
    interrupts.stop()
  }
}
