import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { contentOf, makeOva, makeWorkspace, ovaManifest, qemuImg, temporaryFolder } from '../support/machines.ts'
import { h2k, start } from '../support/program.ts'

const engineOf = (shown: string) => shown.match(/by {5}(\S+)/)?.[1]

describe('a copy by h2k itself', () => {
  test('killed at any moment goes on, and gives the same bytes', async () => {
    const ova = makeOva(temporaryFolder(), 'web01', [{ mib: 400, dataMib: 150 }])
    const folder = makeWorkspace({ 'manifests/web01.yaml': ovaManifest(ova.path) })
    const disk = join(folder, 'output/web01/vmdisk1.qcow2')
    for (const milliseconds of [50, 150, 400]) {
      const { child, ended } = start(folder, ['apply', '--auto-approve'])
      await new Promise<void>((settle) => {
        child.stdout?.on('data', (text: string) => {
          if (text.includes('convert: started')) setTimeout(settle, milliseconds)
        })
        ended.then(() => settle())
      })
      child.kill('SIGKILL')
      await ended
      expect(existsSync(disk) && !statSync(disk).isFile()).toBe(false)
    }
    const last = await h2k(folder, ['apply', '--auto-approve'])
    expect(last.exitCode, last.stdout + last.stderr).toBe(0)
    expect(contentOf(disk, 'qcow2')).toBe(ova.contents[0])
    expect(engineOf((await h2k(folder, ['state', 'show', 'machine.web01'])).stdout)).toBe('h2k,')
    expect((await h2k(folder, ['plan', '--detailed-exitcode'])).exitCode).toBe(0)
  })
})

describe('a level of compression', () => {
  test('has its effect, whatever the source is', async () => {
    const images = temporaryFolder()
    const lines = Array.from({ length: 60_000 }, (_, n) => `${n} ${(n * 2654435761) % 4096} order paid, goods sent\n`)
    writeFileSync(join(images, 'disk.raw'), lines.join('').padEnd(24 * 2 ** 20, '\0'))
    qemuImg(
      'convert',
      '-f',
      'raw',
      '-O',
      'vpc',
      '-o',
      'force_size=on',
      join(images, 'disk.raw'),
      join(images, 'disk.vhd'),
    )
    const manifest = (level: number) => `manifest_version: "1.0"
source: {provider: local, vm_name: level${level}}
vm: {cpu: 1, mem_gb: 1}
disks: [{id: boot, source_format: vhd, bytes: ${24 * 2 ** 20}, local_path: ${join(images, 'disk.vhd')}}]
pipeline: {convert: {enabled: true, compress: true, compression: zstd, compress_level: ${level}}}
`
    const folder = makeWorkspace({ 'manifests/one.yaml': manifest(1), 'manifests/nine.yaml': manifest(9) })
    const applied = await h2k(folder, ['apply', '--auto-approve'])
    expect(applied.exitCode, applied.stdout + applied.stderr).toBe(0)
    const disks = [1, 9].map((level) => join(folder, `output/level${level}/boot.qcow2`))
    for (const disk of disks) {
      expect(qemuImg('compare', '-f', 'raw', '-F', 'qcow2', join(images, 'disk.raw'), disk)).toMatch(/identical/)
    }
    const [fast, small] = disks.map((disk) => readFileSync(disk))
    expect(fast?.equals(small ?? Buffer.alloc(0))).toBe(false)
    expect(existsSync(join(folder, 'output/level9/.boot.qcow2.h2k-part.raw'))).toBe(false)
  })
})

test('direct_io: qemu-img opens both images past the memory of the host', async () => {
  const ova = makeOva(temporaryFolder(), 'web01', [{ mib: 100, dataMib: 40 }])
  const direct = ovaManifest(ova.path).replace(/(convert: \{[^}]*)\}/, '$1, direct_io: true}')
  const folder = makeWorkspace({ 'manifests/web01.yaml': direct })
  const [tools, log] = [temporaryFolder(), join(folder, 'opened')]
  const traced = `strace -f -s 300 -e trace=openat -o ${log}.$$ /usr/bin/qemu-img`
  writeFileSync(
    join(tools, 'qemu-img'),
    `#!/bin/sh\n[ "$1" = convert ] && exec ${traced} "$@"\nexec /usr/bin/qemu-img "$@"\n`,
    {
      mode: 0o755,
    },
  )
  const applied = await h2k(folder, ['apply', '--auto-approve'], { PATH: `${tools}:${process.env.PATH}` })
  expect(applied.exitCode, applied.stdout + applied.stderr).toBe(0)
  expect(contentOf(join(folder, 'output/web01/vmdisk1.qcow2'), 'qcow2')).toBe(ova.contents[0])
  const opened = readdirSync(folder)
    .filter((name) => name.startsWith('opened'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('')
  expect(opened).toMatch(/web01\.ova", [^)]*O_DIRECT/)
  expect(opened).toMatch(/\.vmdisk1\.qcow2[^"]*", [^)]*O_DIRECT/)
  expect((await h2k(folder, ['state', 'show', 'machine.web01'])).stdout).toMatch(/by +qemu-img/)
})
