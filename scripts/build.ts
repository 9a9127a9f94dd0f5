import { rm } from 'node:fs/promises'
import { build } from 'esbuild'

// Splitting keeps start-up small: a command loads its own part and what it imports when it runs.
await rm('dist', { recursive: true, force: true })
await build({
  entryPoints: {
    main: 'src/cli/main.ts',
    commands: 'src/cli/commands.ts',
    'sha256-worker': 'src/adapters/files/sha256-worker.ts',
  },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  packages: 'external',
  sourcemap: 'linked',
  logLevel: 'warning',
})
