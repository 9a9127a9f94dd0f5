import { basename } from 'node:path'
import { isRemote } from '../../core/arrival.ts'
import type { Conversion, Machine } from '../../core/machine.ts'
import { problem } from '../../core/problem.ts'
import { formatCount } from '../../core/units.ts'
import { publishInput } from '../publish-input.ts'
import { stage } from '../stage.ts'
import { driversFor, repairMeans } from '../windows-guest.ts'

/** Looks for trouble while it costs seconds: tools, names that are taken, images that must not be opened. */
export const preflight = stage({
  name: 'preflight',
  version: 1,
  after: [],
  tools: ['qemu-img'],
  gate: true,
  describe: ({ disks }) => `tools, names and ${formatCount(disks.length, 'image header')}`,
  input: ({ machine, sourceFiles }, _upstream, context) => ({
    source: machine.source,
    images: machine.source.provider === 'local' && !isRemote(machine) ? machine.disks.map((disk) => disk.from) : [],
    files: sourceFiles,
    ...(machine.inspection ? { guest: true } : {}),
    ...repairMeans(machine),
    // By ids, so that a plan can tell which one changed.
    writes: [
      ...machine.disks.map(({ id, to }) => ({ id, path: to.path })),
      ...context.target.paths(machine.target).map((path) => ({ id: basename(path), path })),
    ],
    ...(machine.target.kind === 'files' ? {} : { publish: publishInput(machine, context.workspace) }),
    ...(machine.target.kind === 'files' ? {} : compressionOf(machine)),
  }),
  async run({ images, writes, guest, virtV2v, windows, publish, compression }, { disks, guests, files, target }, work) {
    work.progress(0)
    const tools = {
      ...(await disks.tools(work.signal)),
      ...(guest ? await guests.tools(work.signal) : {}),
      ...(virtV2v ? { 'virt-v2v': await guests.virtV2v.version(work.signal) } : {}),
    }
    if (windows) await driversFor(windows, guests.virtV2v)
    for (const { path } of writes) {
      if (!files.exists(path) || work.owned(path)) continue
      throw problem('OUTPUT_NOT_OURS', `${path} exists, and h2k did not make it`, {
        hint: 'move it away, or let output.directory name another folder',
      })
    }
    const headers = await Promise.all(images.map((image) => disks.header(image, work.signal)))
    const published = publish ? await target.check(publish, work, compression ? { compression } : {}) : []
    return {
      checks: [
        ...Object.entries(tools).map(([tool, version]) => `${tool} ${version}`),
        `${writes.length} names to write are free or h2k’s own`,
        ...headers.map(
          (header) => `${header.format} ${header.variant}: ${header.files.length} file(s), nothing outside`,
        ),
        ...published,
      ],
    }
  },
})

// Who reads the disks has to know it.
function compressionOf({ conversion: { compression } }: Machine): Pick<Conversion, 'compression'> {
  return compression ? { compression } : {}
}
