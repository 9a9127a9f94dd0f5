import { expect, test } from 'vitest'
import { doneWith, intent, pass, type StateWorld } from './state-world.ts'

const at = (time: string) => `2026-03-01T${time}:00.000Z`

/** What was done by a moment stays known, for the reports of runs. */
export function evidenceContract(world: () => StateWorld): void {
  const begin = async (...machines: string[]) => {
    const store = await world().open()
    const writer = store.begin(world().run(), machines)
    const done = async (machine: string, stage: 'export' | 'inspect' | 'convert', time: string, output: string) => {
      await writer.started(intent(machine, stage))
      await writer.done({ ...doneWith(machine, stage, output), finishedAt: at(time) })
    }
    const told = (machine: string, time: string) => {
      return store.evidence(machine, at(time))?.map(({ stage, output, finishedAt }) => [stage, output, finishedAt])
    }
    return { store, writer, done, told }
  }

  test('of each stage the latest that was done by then, without what is large', async () => {
    const { store, done, told } = await begin('a')
    expect(told('a', '23:00')).toBeUndefined()
    await done('a', 'export', '10:00', 'first')
    await done('a', 'inspect', '10:10', 'large')
    await done('a', 'export', '11:00', 'second')
    expect(told('a', '10:30')).toEqual([
      ['export', 'first', at('10:00')],
      ['inspect', undefined, at('10:10')],
    ])
    expect(told('a', '12:00')).toContainEqual(['export', 'second', at('11:00')])
    expect(store.evidence('a', at('12:00'))?.[0]).toMatchObject({ status: 'done', tools: { 'qemu-img': '7.2.22' } })
  })

  test('not of a stage whose latest attempt failed', async () => {
    const { writer, done, told } = await begin('a')
    await done('a', 'export', '10:00', 'first')
    await done('a', 'convert', '10:10', 'disks')
    await writer.started(intent('a', 'convert', { attempt: 2 }))
    const { output: _, tools: __, ...outcome } = doneWith('a', 'convert')
    await writer.failed({ ...outcome, finishedAt: at('11:00'), status: 'failed', message: 'no' })
    expect(told('a', '12:00')).toEqual([['export', 'first', at('10:00')]])
    expect(told('a', '10:30')).toHaveLength(2)
  })

  test('it goes with a machine to its new name, stays with the old one, and ends where the state forgets it', async () => {
    const { store, writer, done, told } = await begin('a', 'b')
    await done('a', 'export', '10:00', 'first')
    await writer.rename('a', 'b', at('11:00'))
    await done('b', 'convert', '11:30', 'disks')
    const exported = ['export', 'first', at('10:00')]
    expect([told('b', '12:00'), told('a', '12:00')]).toEqual([
      [exported, ['convert', 'disks', at('11:30')]],
      [exported],
    ])
    expect(store.history({ machine: 'b', limit: 9 }).map(({ event, stage }) => [event, stage])).toEqual([
      ['done', 'convert'],
      ['renamed', undefined],
    ])
    await writer.drop('b', at('12:30'))
    expect([told('b', '13:00'), told('b', '12:00')?.length]).toEqual([undefined, 2])
    await pass(writer, 'b', 'export')
  })
}
