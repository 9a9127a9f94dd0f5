import { createRequire } from 'node:module'

const load = createRequire(import.meta.url)

/**
 * koffi, by which functions of this host's libraries are called. It takes time to load, so ask for it when it is used.
 * @throws where it is not installed: the package is optional
 */
export function loadKoffi(): typeof import('koffi') {
  return load('koffi') as typeof import('koffi')
}
