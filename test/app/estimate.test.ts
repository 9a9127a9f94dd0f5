import { expect, test } from 'vitest'
import { estimateDuration } from '../../src/app/estimate.ts'
import { foresee } from '../../src/app/foresee.ts'
import { overlayWrite } from '../../src/app/overlay-write.ts'
import { spaceBudgets } from '../../src/app/space-budgets.ts'
import type { PlannedMachine } from '../../src/core/plan.ts'
import type { StageName } from '../../src/core/stage-names.ts'
import type { StateStore } from '../../src/ports/state.ts'
import { inspectionOf, quiet } from '../adapters/guestfs/linux/guests.ts'
import { planned, planOf } from '../core/plans.ts'

const mib = 1024 * 1024
const concurrency = { disk_io: 2, guestfs: 1, boot_test: 1, global: 2 }
const machine = (name: string, stages: readonly StageName[], writeBytes: number): PlannedMachine =>
  planned(name, {
    writeBytes,
    stages: stages.map((stage) => ({ stage, decision: { run: true, why: 'first' }, does: '' })),
  })
const state = {
  measurements: () => [],
  durations: (stage: StageName) => (stage === 'fix' ? [30, 50] : []),
} as unknown as StateStore

test('work in guests counts, by what was measured of it, and where it has to wait for its slot', () => {
  const copying = machine('a', ['convert'], 200e6)
  expect(estimateDuration([copying], { concurrency }, state)?.seconds).toBe(1)
  const guest = machine('b', ['inspect', 'fix', 'convert', 'boot_test'], 200e6)
  expect(estimateDuration([guest], { concurrency }, state)).toEqual({
    seconds: 20 + 40 + 1 + 30,
    basis: 'convert assumed at 191 MiB/s, inspect assumed at 20 s, fix measured at 40 s, boot_test assumed at 30 s',
  })
  expect(estimateDuration([guest, { ...guest, name: 'c' }], { concurrency }, state)?.seconds).toBe(2 * (20 + 40))
  expect(estimateDuration([machine('d', ['publish'], 0)], { concurrency }, state)).toBeUndefined()
})

test('each machine is foreseen by itself, by one pace for all', () => {
  const guest = machine('guest', ['inspect', 'fix', 'convert'], 200e6)
  const large = machine('large', ['convert'], 4000e6)
  const looked = machine('looked', ['inspect'], 0)
  const waits = { ...machine('waits', ['convert'], 200e6), held: { by: 'dry_run', why: 'dry run' } } as const
  let asked = 0
  const counting = {
    ...state,
    measurements: () => (asked++ < 1 ? [400e6, 400e6, 400e6] : []).map((bytes) => ({ bytes, seconds: 1 })),
  }
  const plan = { ...planOf([guest, large, looked, waits, machine('published', ['publish'], 0)]) }
  const { machines, seconds } = foresee(plan, { concurrency } as Parameters<typeof foresee>[1], counting)
  expect(machines.map((one) => [one.name, one.seconds])).toEqual([
    ['guest', 20 + 40 + 0.5],
    ['large', 10],
    ['looked', 20],
    ['waits', undefined],
    ['published', undefined],
  ])
  expect(seconds).toBe(20 + 20 + 40)
})

test('overlays count in the space, as many as there can be at the same time', () => {
  const files = { space: (folder: string) => ({ filesystem: folder.split('/')[1] ?? '', freeBytes: 2 ** 40 }) }
  const at = (name: string) => {
    const hardware = { os: 'linux' } as Parameters<typeof overlayWrite>[0]['hardware']
    const write = overlayWrite({ name, hardware, repair: quiet }, undefined, { workDirectory: '/work/h2k' })
    if (!write) throw new Error('a repair without an overlay')
    return write
  }
  const context = { files, root: '/ws', concurrency } as unknown as Parameters<typeof spaceBudgets>[1]
  const writes = [{ path: '/out/a.qcow2', bytes: 10 }, at('a'), at('b'), at('c')]
  expect(spaceBudgets(writes, context)).toEqual([
    { path: '/out', neededBytes: 10, freeBytes: 2 ** 40 },
    { path: '/work/h2k/guests/a', neededBytes: 512 * mib, freeBytes: 2 ** 40, overlayBytes: 512 * mib },
  ])
})

test('an overlay holds what an inspected guest has to have made anew', () => {
  const hardware = { os: 'other' } as Parameters<typeof overlayWrite>[0]['hardware']
  const bytesOf = (inspection: Parameters<typeof overlayWrite>[1], fixer?: 'virt-v2v') => {
    const repair = fixer ? { ...quiet, fixer } : quiet
    return (overlayWrite({ name: 'a', hardware, repair }, inspection, { workDirectory: '/w' })?.bytes ?? 0) / mib
  }
  const virtio = { virtio_blk: 'module', virtio_scsi: 'module', virtio_net: 'module', virtio_pci: 'module' } as const
  const kernels = [{ release: '1', virtio, initramfs: { path: '/i', holds: [], bytes: 10 * mib } }]
  expect(bytesOf(inspectionOf({ kernels, initramfsGrowth: 4 }))).toBe(64 + 10 * 5)
  expect(bytesOf(inspectionOf())).toBe(256)
  expect(bytesOf(inspectionOf(), 'virt-v2v')).toBe(1024)
  expect(bytesOf({ ...inspectionOf(), family: 'windows' })).toBe(1024)
})
