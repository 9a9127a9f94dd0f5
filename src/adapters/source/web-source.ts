import type { DescribedMachine } from '../../core/described.ts'
import { type FileIdentity, sameFile } from '../../core/image.ts'
import { asJson } from '../../core/json.ts'
import type { MachineSource } from '../../core/machine.ts'
import { problem, problemsOf } from '../../core/problem.ts'
import type { ClaimedArchive } from '../../ports/archive.ts'
import type { ExportInput, Source } from '../../ports/source.ts'
import type { Web } from '../../ports/web.ts'
import type { ParseCache } from '../../ports/workspace-files.ts'
import { type ExportParts, exportRemote } from './export-remote.ts'
import { missingSource, refuseOtherChecksum, refuseOtherSize } from './refuse.ts'
import { forecastDisk, type RemoteDisk } from './remote-disk.ts'

export interface WebSourceParts extends ExportParts {
  readonly archives: Readonly<Record<'ova' | 'ovf', (address: string, signal: AbortSignal) => Promise<ClaimedArchive>>>
  readonly cache: ParseCache
}

/** Machines on web servers: an OVA, an OVF with its disks beside it, or images. */
export function webSource(parts: WebSourceParts): Source {
  const { web, readBeginning } = parts
  return {
    async observe(source, addresses, signal) {
      if (source.provider === 'local') return { files: await lookAll(web, addresses, signal) }
      if (source.provider === 'ova') {
        const { identity } = await web.look(source.path, signal)
        const key = `described ${identity.path} ${identity.bytes} ${identity.modified}`
        const known =
          identity.modified === '' ? undefined : (parts.cache.get(key) as unknown as DescribedMachine | undefined)
        const described = known ?? (await parts.archives.ova(source.path, signal)).machine
        if (!known) parts.cache.set(key, asJson(described))
        return { described, files: [identity] }
      }
      const { machine, entries } = await parts.archives.ovf(source.path, signal)
      return { described: machine, files: await lookAll(web, filesOf(entries), signal) }
    },
    async identities(addresses, signal) {
      return Promise.all(addresses.map((address) => lookOrMissing(web, address, signal)))
    },
    async measure(source, wanted, signal) {
      const { disks } = await find(parts, source, wanted, signal)
      return Promise.all(
        wanted.map(async ({ id, from, virtualBytes }, index) => {
          const disk = at(disks, index)
          const forecast = await forecastDisk(web, readBeginning, disk, from, signal)
          const { arrives, variant } = forecast
          if ('virtualBytes' in forecast) refuseOtherSize({ id, virtualBytes }, forecast)
          const dense = from.format === 'raw' ? Math.min(virtualBytes, disk.lengthBytes) : virtualBytes
          const usedBytes = 'usedBytes' in forecast ? forecast.usedBytes : dense
          const { file, stretch, lengthBytes: fileBytes } = disk
          const image = { path: file.identity.path, format: from.format, ...(stretch ? { stretch } : {}) }
          return { id, variant, fileBytes, usedBytes, arrives, ...(arrives === true ? { image } : {}) }
        }),
      )
    },
    async export(input, work) {
      work.progress(0)
      const { disks, files, warnings } = await find(parts, input.source, input.disks, work.signal)
      const other = input.files.find((was) => {
        const now = files.find(({ path }) => path === was.path)
        return now !== undefined && !sameFile(was, now)
      })
      if (other)
        throw problem('SOURCE_CHANGED', `${other.path} changed since the plan was made`, { hint: 'plan again' })
      return { ...(await exportRemote(input, disks, parts, work)), files, warnings }
    },
  }
}

/** The disks where they lie on the server, in the order asked for, and the files that hold them. */
async function find(
  { web, archives }: WebSourceParts,
  source: MachineSource,
  wanted: ExportInput['disks'],
  signal: AbortSignal,
) {
  const { entries, warnings } =
    source.provider === 'local' ? { entries: [], warnings: [] } : await archives[source.provider](source.path, signal)
  const addresses = source.provider === 'local' ? wanted.map(({ from }) => from.path) : filesOf(entries)
  const looked = new Map(
    await Promise.all([...new Set(addresses)].map(async (path) => [path, await web.look(path, signal)] as const)),
  )
  const disks = wanted.map((disk): RemoteDisk => {
    const entry = entries.find(({ name }) => name === disk.from.path)
    const file = looked.get(entry?.path ?? disk.from.path)
    if (!file)
      return missingSource(source.provider === 'local' ? disk.from.path : `${disk.from.path} in ${source.path}`)
    if (!entry) {
      const { checksum: digest } = disk
      return { file, lengthBytes: file.identity.bytes, ...(digest === undefined ? {} : { digest }) }
    }
    refuseOtherChecksum(disk, entry)
    const { stretch, lengthBytes, digest } = entry
    return { file, lengthBytes, ...(stretch ? { stretch } : {}), ...(digest === undefined ? {} : { digest }) }
  })
  return { disks, files: [...looked.values()].map(({ identity }) => identity), warnings }
}

function filesOf(entries: ClaimedArchive['entries']): readonly string[] {
  return [...new Set(entries.map(({ path }) => path))]
}

function lookAll(web: Web, addresses: readonly string[], signal: AbortSignal): Promise<readonly FileIdentity[]> {
  return Promise.all(addresses.map(async (address) => (await web.look(address, signal)).identity))
}

async function lookOrMissing(web: Web, address: string, signal: AbortSignal): Promise<FileIdentity | undefined> {
  try {
    return (await web.look(address, signal)).identity
  } catch (error) {
    if (problemsOf(error)?.some(({ code }) => code === 'SOURCE_MISSING')) return undefined
    throw error
  }
}

function at(disks: readonly RemoteDisk[], index: number): RemoteDisk {
  const disk = disks[index]
  if (!disk) throw new Error(`no disk ${index}`)
  return disk
}
