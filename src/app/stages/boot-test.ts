import { printable } from '../../core/printable.ts'
import { problem } from '../../core/problem.ts'
import { formatSeconds } from '../../core/units.ts'
import { stage } from '../stage.ts'

/** Boots the published machine once, from throw-away overlays: whether it works is seen before anybody relies on it. */
export const bootTest = stage({
  name: 'boot_test',
  version: 1,
  after: ['publish'],
  included: (machine) => machine.bootTest !== undefined,
  claims: () => ({ boot_test: 1 }),
  describe: ({ bootTest: test }) =>
    test === undefined
      ? ''
      : `boots until ${test.expect === undefined ? 'a login prompt' : printable(JSON.stringify(test.expect))}, ${formatSeconds(test.timeoutSeconds)} at most, without a network to the outside`,
  input({ machine: { bootTest: test, hardware, disks, nics } }, { convert, publish }) {
    if (!test) throw new Error('no boot test is asked for')
    const { os: _os, cpuMode: _cpuMode, ...rest } = hardware
    return {
      test,
      hardware: rest,
      disks: disks.map(({ id, bus, bootOrder, to: { format } }) => {
        const converted = convert.disks.find((disk) => disk.id === id)
        const placed = publish.placed.find((disk) => disk.id === id)
        // What was copied into a pool is still where it was copied from.
        const path = placed && !placed.kept ? placed.file.path : converted?.file.path
        if (!converted || path === undefined) throw new Error(`convert left no disk ${id}`)
        return { id, bus, bootOrder, format, path, sha256: converted.sha256 }
      }),
      nics: nics.map(({ mac, model }) => ({ mac, model })),
    }
  },
  async run({ test, ...machine }, { boots, files }, work) {
    work.progress(0)
    const paths = machine.disks.map(({ path }) => path)
    const before = JSON.stringify(files.identities(paths))
    const elsewhere = machine.disks.find(({ path }) => !path.startsWith('/'))
    if (elsewhere) {
      throw problem('BOOT_FAILED', `disk ${elsewhere.id} is no file of this host: it cannot be booted from here`, {
        hint: 'set pipeline.validate.boot_test.enabled: false',
      })
    }
    const logs = { log: work.logFile('boot.log'), screen: work.logFile('boot.png') }
    const output = await boots.boot(machine, test, logs, work.signal)
    if (JSON.stringify(files.identities(paths)) !== before) {
      throw problem('RESULT_WRONG', 'a disk was written to while it was booted from an overlay')
    }
    return output
  },
})
