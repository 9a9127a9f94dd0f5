import { fingerprint } from '../../core/fingerprint.ts'
import { sameFile } from '../../core/image.ts'
import { asJson } from '../../core/json.ts'
import type { FixedDisk } from '../../core/outputs.ts'
import { problem } from '../../core/problem.ts'
import { forecast } from '../../core/repair-forecast.ts'
import { checkClaims } from '../check-claims.ts'
import { guestDisks, guestIdentity } from '../guest-disks.ts'
import { repairGuest } from '../repair-guest.ts'
import { stage } from '../stage.ts'
import { refuseUnfitWindows, windowsGiven } from '../windows-guest.ts'

/** Makes the guest ready for its target, in overlays over the source's disks: those are only read. */
export const fix = stage({
  name: 'fix',
  version: 1,
  after: ['inspect'],
  reads: () => ['export'],
  tools: ['libguestfs', 'accelerator'],
  included: (machine) => machine.repair !== undefined,
  claims: () => ({ guestfs: 1 }),
  describe: ({ repair }, _usage, _root, recorded) =>
    recorded.inspect && repair ? forecast(recorded.inspect, repair) : '(known after inspect)',
  input: ({ machine }, upstream, context) => {
    const { inspect, repair } = { inspect: upstream.inspect, repair: machine.repair }
    if (!inspect || !repair) throw new Error('fix without inspection')
    const guest = guestDisks(machine, upstream.export, context)
    const windows = inspect.family === 'windows'
    return {
      guest,
      exported: upstream.export.disks,
      identity: guestIdentity(guest, upstream.export),
      ...(windows ? { windows: windowsGiven(machine, context) } : {}),
      inspection: inspect,
      request: repair,
      root: context.root,
    }
  },
  // A configuration holds hashes of passwords.
  kept: ({ identity, windows, inspection, request: { configuration, ...request } }) => ({
    identity,
    ...(windows ? { windows } : {}),
    inspection,
    request: configuration ? { ...request, configuration: fingerprint(configuration) } : request,
  }),
  gone({ disks }, { files, root }) {
    const now = files.identities(disks.map(({ file }) => file.path))
    return disks.some(({ file, madeIn }, index) => madeIn !== root || !sameFile(file, now[index]))
  },
  async run({ guest: disks, exported, windows, inspection, request, root }, { guests, files }, work) {
    work.progress(0)
    await checkClaims(exported, files, work.signal)
    if (windows) await refuseUnfitWindows(inspection, request, windows.bootBus, guests.virtV2v)
    const outcome = await repairGuest(disks, inspection, request, guests, work)
    const fixed: FixedDisk[] = []
    for (const { id, overlay } of disks.disks) {
      const [file] = files.identities([overlay])
      if (!file) throw problem('RESULT_WRONG', `${overlay} vanished just after the guest was repaired`)
      await work.made(overlay, asJson(file))
      fixed.push({ id, image: { path: overlay, format: 'qcow2' }, file, madeIn: root })
    }
    return { disks: fixed, ...outcome }
  },
})
