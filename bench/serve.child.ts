import { createReadStream, readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'

// Serves one file by HTTPS on loopback and prints the port: `node bench/serve.child.ts FILE KEY CERTIFICATE`
const [path = '', key = '', certificate = ''] = process.argv.slice(2)
const server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (_, response) => {
  createReadStream(path, { highWaterMark: 2 ** 20 }).pipe(response)
})
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port))
