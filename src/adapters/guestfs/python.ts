import { accessSync, constants } from 'node:fs'

// Where distributions put their own Python, for which their package of libguestfs' binding is made; PATH may name another.
const system = '/usr/bin/python3'

/** The Python that can have libguestfs. */
export function findPython(): string {
  try {
    accessSync(system, constants.X_OK)
    return system
  } catch {
    return 'python3'
  }
}
