import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RbdImage, RbdImages } from '../../ports/rbd-images.ts'
import type { Finished, Runner } from '../../ports/runner.ts'
import { imageOptions, optionText } from './image-options.ts'
import { rbdFailure, refuseWithoutDriver } from './rbd-failure.ts'

// Of qemu-img compare.
const different = 1
const patience = (bytes: number) => 3600 + Math.ceil(bytes / 1e6)

// librados waits for five minutes for a monitor, and for ever for what holds the data.
const settings = `[global]
client_mount_timeout = 15
rados_mon_op_timeout = 15
rados_osd_op_timeout = 300
`

/** Images of Ceph by qemu-img, which has to have its driver for them. */
export function rbdImages(
  runner: Pick<Runner, 'run'>,
  sha256: (path: string, signal: AbortSignal) => Promise<string>,
): RbdImages {
  /** Runs qemu-img with the options that tell it of the image. */
  const ask = async (image: RbdImage, argumentsFor: Arguments, timeoutSeconds: number, signal: AbortSignal) =>
    await inFolder(async (folder) => {
      const [conf, key] = [join(folder, 'ceph.conf'), join(folder, 'key')]
      await writeFile(conf, settings)
      const secret = image.auth ? ['--object', `secret,${optionText({ id: 'key', file: key, format: 'base64' })}`] : []
      const [command = '', ...rest] = argumentsFor(optionText(optionsOf(image, conf)))
      const asked = { file: 'qemu-img', args: [command, ...secret, ...rest], answers: 'any', timeoutSeconds } as const
      const run = (within: AbortSignal) => runner.run(asked, within)
      return image.auth ? await withText(runner, key, image.auth.key, run, signal) : await run(signal)
    })
  return {
    async driver(signal) {
      // What it says without a pool is that there is none.
      const asked = { file: 'qemu-img', args: ['info', '--image-opts', 'driver=rbd'], answers: 'any' } as const
      refuseWithoutDriver(await runner.run(asked, signal))
    },
    async reach(image, signal) {
      const ended = await ask(image, (options) => ['info', '--image-opts', options], 120, signal)
      // What opens an image tells apart that it is not there and that nobody lets it look.
      if (ended.exitCode !== 0 && !/error reading header from .*: No such file/.test(ended.stderr))
        throw rbdFailure(image, ended)
    },
    async fill(from, image, bytes, signal) {
      const fixed = ['convert', '-n', '--image-opts', '--target-image-opts', raw(from)]
      expectDone(image, await ask(image, (options) => [...fixed, options], patience(bytes), signal))
    },
    async same(from, image, bytes, signal) {
      const fixed = ['compare', '--image-opts', raw(from)]
      const ended = await ask(image, (options) => [...fixed, options], patience(bytes), signal)
      if (ended.exitCode === different) return false
      expectDone(image, ended)
      // It minds no zeros behind the end of the smaller one.
      return !/size mismatch/i.test(ended.stdout)
    },
    sha256: (image, bytes, signal) =>
      inFolder(async (folder) => {
        const path = join(folder, 'image.raw')
        const argumentsFor: Arguments = (options) => ['convert', '--image-opts', '-O', 'raw', options, path]
        expectDone(image, await ask(image, argumentsFor, patience(bytes), signal))
        return await sha256(path, signal)
      }),
  }
}

type Arguments = (options: string) => readonly string[]

function expectDone(image: RbdImage, ended: Finished): void {
  if (ended.exitCode !== 0) throw rbdFailure(image, ended)
}

const raw = (path: string) => imageOptions({ path, format: 'raw' })

async function inFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'h2k-rbd-'))
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Lets `use` read a text once under a path. It is a pipe: a secret is on no disk, also when h2k is killed. */
async function withText<Result>(
  runner: Pick<Runner, 'run'>,
  path: string,
  text: string,
  use: (signal: AbortSignal) => Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  await runner.run({ file: 'mkfifo', args: ['-m', '600', path] }, signal)
  const over = new AbortController()
  const within = AbortSignal.any([signal, over.signal])
  const giving = runner.run({ file: 'dd', args: [`of=${path}`, 'status=none'], input: text }, within)
  // Whichever ends first, the other would wait for it for ever.
  giving.catch((error: unknown) => over.abort(error))
  const using = use(within).finally(() => over.abort())
  await Promise.allSettled([giving, using])
  return await using
}

// https://qemu.readthedocs.io/en/latest/interop/qemu-qmp-ref.html, BlockdevOptionsRbd
function optionsOf({ pool, name, hosts, auth }: RbdImage, conf: string): Readonly<Record<string, string>> {
  const servers = hosts.flatMap((host, index) => [
    [`file.server.${index}.host`, host.name] as const,
    [`file.server.${index}.port`, host.port ?? '6789'] as const,
  ])
  return {
    driver: 'raw',
    'file.driver': 'rbd',
    'file.pool': pool,
    'file.image': name,
    // Without monitors the host's own settings have to say where they are.
    ...(servers.length === 0 ? {} : { 'file.conf': conf }),
    ...Object.fromEntries(servers),
    ...(auth ? { 'file.user': auth.user, 'file.key-secret': 'key' } : {}),
  }
}
