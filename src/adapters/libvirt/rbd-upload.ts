import type { Files } from '../../ports/files.ts'
import type { RbdImage, RbdImages } from '../../ports/rbd-images.ts'
import type { Send } from './upload.ts'

/**
 * Writes it into an image of Ceph from this host, since libvirt takes no content for such a volume, and compares the two there:
 * where they are the same, what came back has the file's digest.
 */
export function intoCluster(image: RbdImage, rbd: RbdImages, files: Pick<Files, 'sha256'>): Send {
  return async ({ path, bytes }, signal) => {
    await rbd.fill(path, image, bytes, signal)
    const [same, sha256] = await Promise.all([rbd.same(path, image, bytes, signal), files.sha256(path, signal)])
    return same ? sha256 : ''
  }
}
