import { readFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { RelaxNGValidator, XmlDocument } from 'libxml2-wasm'
import { xmlRegisterFsInputProviders } from 'libxml2-wasm/lib/nodejs.mjs'
import type { Asked, Said } from './schema-thread.ts'

// A schema includes others beside it.
xmlRegisterFsInputProviders()
const url = String(workerData)
const schema = RelaxNGValidator.fromDoc(XmlDocument.fromBuffer(readFileSync(url), { url }))

parentPort?.on('message', ({ id, path }: Asked) => {
  const said: Said = { id, fits: fits(path) }
  parentPort?.postMessage(said)
})

function fits(path: string): boolean {
  let domain: XmlDocument | undefined
  try {
    domain = XmlDocument.fromBuffer(readFileSync(path))
    schema.validate(domain)
    return true
  } catch {
    // What is wrong with it libvirt's own tool says.
    return false
  } finally {
    domain?.dispose()
  }
}
