import { algorithmOf } from '../../core/claimed-digest.ts'
import { fingerprint } from '../../core/fingerprint.ts'
import { type FileIdentity, type ImageLocation, kindOf, sameFile } from '../../core/image.ts'
import { asJson } from '../../core/json.ts'
import type { ExportedDisk } from '../../core/outputs.ts'
import { fileNameOf } from '../../core/printable.ts'
import { problem } from '../../core/problem.ts'
import type { Disks } from '../../ports/disks.ts'
import type { Files } from '../../ports/files.ts'
import type { ExportInput } from '../../ports/source.ts'
import type { FetchWhole, Web } from '../../ports/web.ts'
import type { Work } from '../../ports/work.ts'
import { refuseOtherSize } from './refuse.ts'
import { forecastDisk, type ReadBeginning, type RemoteDisk, remoteName } from './remote-disk.ts'

export interface ExportParts {
  readonly web: Web
  readonly fetchWhole: FetchWhole
  readonly readBeginning: ReadBeginning
  readonly files: Files
  readonly disks: Disks
}

/**
 * Makes every disk ready for its copy: those that are copied while they arrive stay where they are, the others are fetched
 * into the work folder and checked.
 */
export async function exportRemote(
  input: ExportInput,
  found: readonly RemoteDisk[],
  parts: ExportParts,
  work: Work,
): Promise<{ readonly disks: readonly ExportedDisk[]; readonly fetched: readonly FileIdentity[] }> {
  const disks: ExportedDisk[] = []
  const fetched: FileIdentity[] = []
  let bytesBefore = 0
  for (const [index, disk] of input.disks.entries()) {
    const remote = found[index]
    if (!remote) throw new Error(`no place for disk ${disk.id}`)
    const whole = input.remote?.whole[disk.id]
    const forecast = await forecastDisk(parts.web, parts.readBeginning, remote, disk.from, work.signal)
    if ('virtualBytes' in forecast && whole === undefined) disks.push(arrivingDisk(disk, remote, forecast))
    else {
      const before = bytesBefore
      const here = await fetchDisk(input, disk, remote, parts, {
        ...work,
        progress: (bytes) => work.progress(before + bytes),
      })
      disks.push(here.disk)
      fetched.push(here.file)
    }
    bytesBefore += remote.lengthBytes
    work.progress(bytesBefore)
  }
  return { disks, fetched }
}

type Wanted = ExportInput['disks'][number]

function arrivingDisk(
  { id, from: { format }, virtualBytes: wanted }: Wanted,
  { file, stretch, digest }: RemoteDisk,
  { variant, virtualBytes, usedBytes }: { variant: string; virtualBytes: number; usedBytes: number },
): ExportedDisk {
  refuseOtherSize({ id, virtualBytes: wanted }, { virtualBytes })
  return {
    id,
    image: { path: file.identity.path, format, ...(stretch ? { stretch } : {}) },
    ...{ variant, virtualBytes, allocatedBytes: usedBytes },
    arriving: digest === undefined ? { file: file.identity } : { digest },
  }
}

async function fetchDisk(input: ExportInput, disk: Wanted, remote: RemoteDisk, parts: ExportParts, work: Work) {
  const { id, from } = disk
  const { file, stretch, digest } = remote
  if (!input.remote) throw new Error('nowhere to fetch to')
  // Another file has another name: what was fetched of the one is never gone on with as the other.
  const key = fingerprint(asJson(digest === undefined ? { file: file.identity, stretch } : { digest }))
  const path = `${input.remote.folder}/${fileNameOf(id)}.${key.replace(/^.*:/, '').slice(0, 12)}.${from.format}`
  const identity = await there()
  const image: ImageLocation = { path, format: from.format }
  const header = await parts.disks.header(image, work.signal)
  refuseOtherSize(disk, header)
  const { virtualBytes, allocatedBytes } = header
  const checked = digest === undefined ? {} : { checked: digest }
  return { disk: { id, image, ...kindOf(header), virtualBytes, allocatedBytes, ...checked }, file: identity }

  async function there(): Promise<FileIdentity> {
    const known = work.owned(path)
    const [now] = parts.files.identities([path])
    const was = known?.status === 'made' ? (known.evidence as unknown as FileIdentity) : undefined
    if (!work.anew && now && was && sameFile(was, now)) return now
    if (now && !known)
      throw problem('OUTPUT_NOT_OURS', `${path} exists, and h2k did not make it`, { hint: 'move it away' })
    await work.intend(path, key)
    const made = await parts.fetchWhole(file, stretch, path, work)
    if (digest !== undefined) await refuseOther(path, digest)
    await work.made(path, asJson(made))
    return made
  }

  async function refuseOther(fetched: string, expected: string): Promise<void> {
    const algorithm = algorithmOf(expected)
    const sum = `${algorithm}:${await parts.files.digest({ path: fetched }, algorithm, work.signal)}`
    if (sum === expected) return
    await parts.files.remove(fetched, work.signal)
    throw problem('CHECKSUM_DIFFERS', `disk ${id}: ${remoteName(remote)} is not what its manifest says`, {
      detail: `listed ${expected}, found ${sum}`,
      hint: 'export it again, or put the right file on the server',
    })
  }
}
