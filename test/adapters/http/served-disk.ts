import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { serveFolder, type WebServer } from '../../support/web-server.ts'
import { sharedFolder } from '../image-header/images.ts'

/** A web server for the tests of a file, with `disk.raw` on it; before each test it behaves as usual. */
export function servedDisk() {
  const folder = sharedFolder()
  const content = Buffer.alloc(3_000_000, 'what is on the server, ')
  let server: WebServer
  beforeAll(async () => {
    writeFileSync(join(folder, 'disk.raw'), content)
    server = await serveFolder(folder)
  })
  beforeEach(() => {
    for (const key of Object.keys(server.behaviour)) delete server.behaviour[key as keyof typeof server.behaviour]
  })
  afterAll(() => server.close())
  return { folder, content, server: () => server }
}
