import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RbdImage, RbdImages } from '../../ports/rbd-images.ts'
import type { Finished, Runner } from '../../ports/runner.ts'
import { imageOptions, optionText } from './image-options.ts'
import { rbdFailure } from './rbd-failure.ts'

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
export function rbdImages(runner: Pick<Runner, 'run'>, sha256: (path: string, signal: AbortSignal) => Promise<string>) {
  const run = async (args: readonly string[], timeoutSeconds: number, signal: AbortSignal) =>
    await runner.run({ file: 'qemu-img', args, answers: 'any', timeoutSeconds }, signal)
  const images: RbdImages = {
    reach: (image, signal) =>
      withSettings(image, async (options, secret) => {
        const ended = await run(['info', ...secret, '--image-opts', options], 120, signal)
        // What opens an image tells apart that it is not there and that nobody lets it look.
        if (ended.exitCode !== 0 && !/error reading header from .*: No such file/.test(ended.stderr))
          throw rbdFailure(image, ended)
      }),
    fill: (from, image, bytes, signal) =>
      withSettings(image, async (options, secret) => {
        const args = ['convert', '-n', ...secret, '--image-opts', '--target-image-opts', raw(from), options]
        expectDone(image, await run(args, patience(bytes), signal))
      }),
    same: (from, image, bytes, signal) =>
      withSettings(image, async (options, secret) => {
        const args = ['compare', ...secret, '--image-opts', raw(from), options]
        const ended = await run(args, patience(bytes), signal)
        if (ended.exitCode === different) return false
        expectDone(image, ended)
        // It minds no zeros behind the end of the smaller one.
        return !/size mismatch/i.test(ended.stdout)
      }),
    sha256: (image, bytes, signal) =>
      withSettings(image, async (options, secret, folder) => {
        const path = join(folder, 'image.raw')
        const args = ['convert', ...secret, '--image-opts', '-O', 'raw', options, path]
        expectDone(image, await run(args, patience(bytes), signal))
        return await sha256(path, signal)
      }),
  }
  return images
}

function expectDone(image: RbdImage, ended: Finished): void {
  if (ended.exitCode !== 0) throw rbdFailure(image, ended)
}

const raw = (path: string) => imageOptions({ path, format: 'raw' })

/** Gives `use` the image's options for qemu; its key stands in a file that only this user reads, and only meanwhile. */
async function withSettings<Result>(
  image: RbdImage,
  use: (options: string, secret: readonly string[], folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'h2k-rbd-'))
  try {
    const [conf, key] = [join(folder, 'ceph.conf'), join(folder, 'key')]
    await writeFile(conf, settings)
    if (image.auth) await writeFile(key, image.auth.key, { mode: 0o600 })
    const secret = ['--object', `secret,${optionText({ id: 'key', file: key, format: 'base64' })}`]
    return await use(optionText(optionsOf(image, conf)), image.auth ? secret : [], folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
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
