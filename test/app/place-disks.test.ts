import { createHash, randomBytes } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createFiles } from '../../src/adapters/files/files.ts'
import { filesTarget } from '../../src/adapters/target/files-target.ts'
import { writtenSince } from '../../src/app/disk-written.ts'
import { placeDisks } from '../../src/app/place-disks.ts'
import { soundCopies } from '../../src/app/whereabouts.ts'
import type { Json } from '../../src/core/json.ts'
import type { DiskPlace } from '../../src/core/machine.ts'
import { problemsOf } from '../../src/core/problem.ts'
import type { Artifact } from '../../src/core/record.ts'
import type { Work } from '../../src/ports/work.ts'

const files = createFiles()
const folders = () => {
  // What lies in memory is on another file system than what lies in the folder for temporary files.
  const roots = [tmpdir(), '/dev/shm'].map((root) => mkdtempSync(join(root, 'h2k-place-')))
  onTestFinished(() => {
    for (const root of roots) rmSync(root, { recursive: true, force: true })
  })
  return { near: roots[0] ?? '', far: roots[1] ?? '' }
}
const twoFileSystems = existsSync('/dev/shm') && statSync('/dev/shm').dev !== statSync(tmpdir()).dev

class Killed extends Error {}

/** A machine's files and what the state knows of them; dies before its nth step when told to. */
function world() {
  const { near, far } = folders()
  const known = new Map<string, Artifact>()
  const converted = join(near, 'output/boot.qcow2')
  let steps = 0
  let dieAt = Number.POSITIVE_INFINITY
  const step = () => {
    if (++steps >= dieAt) throw new Killed()
  }
  const mortal = Object.fromEntries(
    Object.entries(files).map(([name, method]) => [
      name,
      ['rename', 'copy', 'remove'].includes(name)
        ? async (...args: unknown[]) => {
            step()
            const result = await (method as (...given: unknown[]) => unknown)(...args)
            step()
            return result
          }
        : method,
    ]),
  ) as unknown as typeof files
  const work: Work = {
    signal: new AbortController().signal,
    anew: false,
    progress: () => undefined,
    logFile: (name) => name,
    owned: (path) => known.get(path),
    artifacts: () => [...known.values()],
    cutover: () => 'before',
    async intend(path, fingerprint) {
      step()
      known.set(path, { path, machine: 'web01', stage: 'publish', status: 'intended', fingerprint })
    },
    async made(path, evidence: Json) {
      step()
      const artifact = known.get(path)
      if (!artifact) throw new Error(`${path} was not intended`)
      known.set(path, { ...artifact, status: 'made', evidence })
    },
    async removed(path) {
      step()
      known.delete(path)
    },
  }
  const convert = (content: Buffer, fingerprint = 'conversion 1') => {
    mkdirSync(dirname(converted), { recursive: true })
    writeFileSync(converted, content)
    const sha256 = createHash('sha256').update(content).digest('hex')
    const file = { ...files.identities([converted])[0] }
    const evidence = { id: 'boot', format: 'qcow2', virtualBytes: 1, file, sha256, engine: 'test', seconds: 1 }
    const artifact = {
      path: converted,
      machine: 'web01',
      stage: 'convert',
      status: 'made',
      fingerprint,
      evidence,
    } as const
    known.set(converted, artifact as unknown as Artifact)
  }
  const checkSchema = async (subject: string) => {
    return { rule: 'domain_schema', severity: 'info', subject, evidence: 'not looked at' } as const
  }
  let running = false
  const refuseRunning = async () => {
    if (running) throw new Error('it runs')
  }
  const publish = async (place: DiskPlace) => {
    const disk = {
      id: 'boot',
      bus: 'virtio',
      to: { path: converted, format: 'qcow2' },
      bootOrder: 1,
      place,
      driver: { discard: 'unmap' },
    } as const
    const gone = async () => new Set<string>()
    const target = { ...filesTarget({ files: mortal, checkSchema }), gone, refuseRunning }
    return placeDisks([disk], { files: mortal, target }, work)
  }
  return {
    near,
    far,
    known,
    converted,
    work,
    convert,
    publish,
    /** A machine is defined with the disk, and may run. */
    handOver(runs = false) {
      running = runs
      const path = 'qemu:///system#domain/1'
      known.set(path, { path, machine: 'web01', stage: 'publish', status: 'made', fingerprint: 'domain', evidence: {} })
    },
    /** Runs until it is killed at each step, and then once more; tells how many steps there are. */
    async killedAt(n: number, place: DiskPlace) {
      steps = 0
      dieAt = n
      const killed = await publish(place).then(
        () => false,
        (error: unknown) => {
          if (error instanceof Killed) return true
          throw error
        },
      )
      dieAt = Number.POSITIVE_INFINITY
      return killed
    },
    filesIn: (folder: string) =>
      existsSync(folder)
        ? readdirSync(folder, { recursive: true, withFileTypes: true })
            .filter((entry) => entry.isFile())
            .map((entry) => join(entry.parentPath, entry.name))
        : [],
  }
}

const at = (path: string): DiskPlace => ({ kind: 'file', path })
const output: DiskPlace = { kind: 'output' }

describe('a converted disk', () => {
  const journey = async (far: boolean) => {
    const one = world()
    const content = randomBytes(300_000)
    one.convert(content)
    const places = [join(far ? one.far : one.near, 'a/web01-boot.qcow2'), join(one.near, 'b/x.qcow2')]
    for (const path of places) {
      const { disks, placed } = await one.publish(at(path))
      expect(disks[0]?.to.path).toBe(path)
      expect(placed).toEqual([{ id: 'boot', from: one.converted, file: files.identities([path])[0] }])
      expect([...one.filesIn(one.near), ...one.filesIn(one.far)]).toEqual([path])
      expect(readFileSync(path).equals(content)).toBe(true)
      expect([...one.known.keys()]).toEqual([path])
    }
    expect((await one.publish(output)).placed).toEqual([])
    expect(readFileSync(one.converted).equals(content)).toBe(true)
    expect([...one.known.keys()]).toEqual([one.converted])
  }

  test('goes from place to place and back, by renames', async () => journey(false))

  test.skipIf(!twoFileSystems)('goes to another file system and back', async () => journey(true))

  test('that is converted anew replaces what is in its place', async () => {
    const one = world()
    const path = join(one.near, 'a/boot.qcow2')
    one.convert(Buffer.from('first'))
    await one.publish(at(path))
    one.convert(Buffer.from('second'), 'conversion 2')
    await one.publish(at(path))
    expect(readFileSync(path, 'utf8')).toBe('second')
    expect(one.filesIn(one.near)).toEqual([path])
  })

  test('that is converted anew and goes elsewhere leaves nothing of the old one', async () => {
    const one = world()
    one.convert(Buffer.from('first'))
    await one.publish(at(join(one.near, 'a/boot.qcow2')))
    one.convert(Buffer.from('second'), 'conversion 2')
    const path = join(one.near, 'b/boot.qcow2')
    await one.publish(at(path))
    expect(readFileSync(path, 'utf8')).toBe('second')
    expect(one.filesIn(one.near)).toEqual([path])
  })

  test('that somebody wrote to since is not removed when a new one goes elsewhere', async () => {
    const one = world()
    one.convert(Buffer.from('first'))
    const used = join(one.near, 'a/boot.qcow2')
    await one.publish(at(used))
    writeFileSync(used, 'a guest ran on it')
    one.convert(Buffer.from('second'), 'conversion 2')
    await one.publish(at(join(one.near, 'b/boot.qcow2')))
    expect(readFileSync(used, 'utf8')).toBe('a guest ran on it')
  })

  test('never replaces a file of somebody else, nor goes through a link', async () => {
    const one = world()
    one.convert(Buffer.from('mine'))
    const path = join(one.near, 'theirs')
    writeFileSync(path, 'precious')
    await expect(one.publish(at(path))).rejects.toThrow('h2k did not make it')
    rmSync(path)
    symlinkSync('/etc/hostname', path)
    await expect(one.publish(at(path))).rejects.toThrow('h2k did not make it')
    expect(readFileSync(one.converted, 'utf8')).toBe('mine')
  })

  test('that cannot be written where it belongs is told', async () => {
    const one = world()
    one.convert(Buffer.from('mine'))
    writeFileSync(join(one.near, 'file'), '')
    const problems = await one.publish(at(join(one.near, 'file/boot.qcow2'))).catch(problemsOf)
    expect(problems).toMatchObject([{ code: 'OUTPUT_UNWRITABLE' }])
  })

  test('that is nowhere as it was converted is told', async () => {
    const one = world()
    one.convert(Buffer.from('mine'))
    writeFileSync(one.converted, 'changed')
    expect(await one.publish(at(join(one.near, 'b'))).catch(problemsOf)).toMatchObject([{ code: 'RESULT_WRONG' }])
  })
})

describe('a move that is killed at any step', () => {
  const ends = async (from: 'converted' | 'near' | 'far', to: 'near' | 'far' | 'output', then: 'same' | 'other') => {
    for (let n = 1; ; n++) {
      const one = world()
      const content = randomBytes(100_000)
      const start = { near: join(one.near, 'start/x'), far: join(one.far, 'start/x') }
      const goal = to === 'output' ? output : at(join(one[to], 'goal/x'))
      const next = then === 'same' ? goal : at(join(one.near, 'other/x'))
      one.convert(content)
      if (from !== 'converted') await one.publish(at(start[from]))
      const killed = await one.killedAt(n, goal)
      const copies = soundCopies({ id: 'boot', path: one.converted }, files, one.work)
      expect(copies.length, `sound after step ${n}`).toBeGreaterThan(0)
      const { disks } = await one.publish(next)
      const path = disks[0]?.to.path ?? ''
      expect(readFileSync(path).equals(content), `content after step ${n}`).toBe(true)
      expect([...one.filesIn(one.near), ...one.filesIn(one.far)], `files after step ${n}`).toEqual([path])
      expect([...one.known.values()], `state after step ${n}`).toMatchObject([{ path, status: 'made' }])
      if (!killed) return n
    }
  }

  test.each(['same', 'other'] as const)('goes on, also to another place (%s)', async (then) => {
    expect(await ends('converted', 'near', then)).toBeGreaterThan(6)
    expect(await ends('near', 'output', then)).toBeGreaterThan(6)
  })

  test.skipIf(!twoFileSystems).each(['same', 'other'] as const)('goes on between file systems (%s)', async (then) => {
    expect(await ends('converted', 'far', then)).toBeGreaterThan(8)
    expect(await ends('far', 'output', then)).toBeGreaterThan(8)
  })
})

describe('a disk that a machine runs from', () => {
  const journey = async (root: 'near' | 'far') => {
    for (let n = 1; ; n++) {
      const one = world()
      one.convert(Buffer.from('as converted'))
      const used = join(one.near, 'a/boot.qcow2')
      await one.publish(at(used))
      one.handOver()
      writeFileSync(used, 'what the guest wrote')
      const goal = join(one[root], 'b/boot.qcow2')
      const killed = await one.killedAt(n, at(goal))
      await one.publish(at(goal))
      expect(readFileSync(goal, 'utf8')).toBe('what the guest wrote')
      // Else a conversion would throw it away.
      expect(writtenSince('boot', files, one.work)).toBe(goal)
      expect([...one.filesIn(one.near), ...one.filesIn(one.far)], `files after step ${n}`).toEqual([goal])
      if (!killed) return n
    }
  }

  test('goes with what the guest wrote, wherever it is killed', async () => {
    expect(await journey('near')).toBeGreaterThan(6)
    if (twoFileSystems) expect(await journey('far')).toBeGreaterThan(8)
  })

  test('stays where it is while the machine runs', async () => {
    const one = world()
    one.convert(Buffer.from('as converted'))
    one.handOver(true)
    await expect(one.publish(at(join(one.near, 'b')))).rejects.toThrow('it runs')
    expect(readFileSync(one.converted, 'utf8')).toBe('as converted')
    await one.publish(output)
  })
})

describe.skipIf(!twoFileSystems)('a copy to another file system', () => {
  const make = (bytes: number) => {
    const one = folders()
    const from = join(one.near, 'disk')
    writeFileSync(from, randomBytes(70_000))
    truncateSync(from, bytes)
    return { ...one, from, to: join(one.far, 'x/disk') }
  }
  const work = () => ({ signal: new AbortController().signal, progress: () => undefined })
  const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

  test('keeps the holes and the size to the byte', async () => {
    const { from, to } = make(50 * 1024 * 1024 + 1)
    expect((await files.copy(from, to, digest(from), work())).bytes).toBe(50 * 1024 * 1024 + 1)
    expect(digest(to)).toBe(digest(from))
    expect(statSync(to).blocks * 512).toBeLessThan(1024 * 1024)
  })

  test('allocates all where all is allocated', async () => {
    const { near, far } = folders()
    const from = join(near, 'thick')
    writeFileSync(from, Buffer.alloc(3 * 1024 * 1024))
    await files.copy(from, join(far, 'thick'), digest(from), work())
    expect(statSync(join(far, 'thick')).blocks * 512).toBe(3 * 1024 * 1024)
  })

  test('that is not the right one is removed', async () => {
    const { from, far, to } = make(1024)
    await expect(files.copy(from, to, '0'.repeat(64), work())).rejects.toThrow('is not what h2k made')
    expect(readdirSync(join(far, 'x'))).toEqual([])
  })

  test('stops when it is told to, and leaves nothing', async () => {
    const { from, far, to } = make(64 * 1024 * 1024)
    const abort = new AbortController()
    const copying = files.copy(from, to, '', { signal: abort.signal, progress: () => abort.abort() })
    await expect(copying).rejects.toThrow()
    expect(readdirSync(join(far, 'x'))).toEqual([])
  })
})
