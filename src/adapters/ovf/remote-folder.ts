import { problemsOf } from '../../core/problem.ts'
import { decodeXml, xmlLimitBytes } from '../../core/xml-guard.ts'
import type { ArchiveEntry, ClaimedArchive } from '../../ports/archive.ts'
import type { Web } from '../../ports/web.ts'
import { asDescribed, completeMachine } from './complete.ts'
import { digestsLimitBytes, parseDigests } from './manifest-digests.ts'
import { findNamed, percentDecoded } from './names.ts'
import { readDescriptor } from './parse-ovf.ts'
import { remoteSource } from './remote-source.ts'
import { digestStretch, type OpenSource, readStretch } from './source-file.ts'
import { tooLarge } from './too-large.ts'
import { claimed, type Digesting, type Manifest, verifyParts } from './verify-parts.ts'

/**
 * An `.ovf` file on a web server, with its disks and perhaps its manifest beside it: its descriptor, checked, and the disks
 * with the digests that the manifest claims for them.
 * @throws ProblemError OVF_…, XML_…, SOURCE_MISSING, SOURCE_UNREADABLE
 */
export async function claimedOvf(address: string, web: Web, signal: AbortSignal): Promise<ClaimedArchive> {
  const open = remoteSource(web, signal)
  const own = percentDecoded(address.slice(address.lastIndexOf('/') + 1))
  return open(address, 'followed', async (source) => {
    if (source.bytes > xmlLimitBytes) throw tooLarge(address, source.bytes)
    const whole = { offsetBytes: 0, lengthBytes: source.bytes }
    const descriptor = readDescriptor(decodeXml(await readStretch(source, whole, signal), address), address)
    const manifest = await readManifest(address, open, signal)
    const files: ArchiveEntry[] = []
    const named = [...descriptor.files.map(({ href }) => href), ...(manifest?.digests ?? []).map(({ name }) => name)]
    for (const name of new Set(named.map((href) => href.replace(/^\.\/(?=.)/, '')))) {
      if (name === own) continue
      const path = new URL(encodedOnce(name), address).href
      const found = await orMissing(() => web.look(path, signal))
      if (found) files.push({ name, path, lengthBytes: found.identity.bytes })
    }
    const ovfDigest: Digesting = (algorithms, onBytes) => digestStretch(source, whole, algorithms, onBytes, signal)
    const descriptorFile = { name: own, path: address, lengthBytes: source.bytes }
    const parts = [
      { ...descriptorFile, digest: ovfDigest },
      ...files.map((file) => ({ ...file, digest: claimed(manifest, file.name) })),
    ]
    const wanted = [own, ...descriptor.files.flatMap(({ href }) => findNamed(files, href)?.name ?? [])]
    const { digests, warnings } = await verifyParts(parts, manifest, wanted, () => undefined)
    const entries = [descriptorFile, ...files].map((file) => {
      const digest = digests.get(file.name)
      return digest === undefined ? file : { ...file, digest }
    })
    const machine = completeMachine(descriptor, files, `beside ${address}`)
    return { machine, entries: asDescribed(descriptor, entries), warnings }
  })
}

async function readManifest(ovf: string, open: OpenSource, signal: AbortSignal): Promise<Manifest | undefined> {
  if (!/\.ovf$/i.test(ovf)) return undefined
  const address = ovf.replace(/\.ovf$/i, '.mf')
  return orMissing(() =>
    open(address, 'followed', async (source) => {
      if (source.bytes > digestsLimitBytes) throw tooLarge(address, source.bytes)
      const text = await readStretch(source, { offsetBytes: 0, lengthBytes: source.bytes }, signal)
      return { file: address, digests: parseDigests(text.toString('utf8'), address) }
    }),
  )
}

async function orMissing<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (problemsOf(error)?.every(({ code }) => code === 'SOURCE_MISSING')) return undefined
    throw error
  }
}

// An href may be written as a URI reference, or as the name itself.
function encodedOnce(href: string): string {
  return href.replace(/%(?![0-9a-f]{2})|[^A-Za-z0-9._~!$&'()*+,;=:@%-]/gi, encodeURIComponent)
}
