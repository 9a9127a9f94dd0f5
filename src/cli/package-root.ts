import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))

/** The checkout's or the package's root, where `state/`, `schemas/` and `profiles/` lie; the build is in `dist/`. */
export const packageRoot = join(here, import.meta.url.endsWith('.ts') ? '../..' : '..')
