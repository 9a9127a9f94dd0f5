import { execFileSync } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { build, type Plugin } from 'esbuild'

// An import of these as modules reads all they export, and so loads the whole of `fetch`: a sixth of the time of a small command.
const withoutFetch: Plugin = {
  name: 'without-fetch',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:https?$/ }, ({ path }) => ({ path, namespace: 'builtin' }))
    onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('${path}')`,
    }))
  },
}

// Splitting and bundling keep start-up small: a command loads a few files with its own part, and no package's many.
// Only what was compiled, to native code or WebAssembly, stays outside.
await rm('dist', { recursive: true, force: true })
await build({
  entryPoints: {
    main: 'src/cli/main.ts',
    commands: 'src/cli/commands.ts',
    'copy-worker': 'src/adapters/copy/copy-worker.ts',
    'order-worker': 'src/adapters/copy/order-worker.ts',
    'digest-worker': 'src/adapters/files/digest-worker.ts',
    'schema-worker': 'src/adapters/libvirt/schema-worker.ts',
  },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  external: ['better-sqlite3', 'koffi', 'libxml2-wasm'],
  plugins: [withoutFetch],
  // CommonJS packages ask for Node's modules by `require`.
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  },
  legalComments: 'external',
  sourcemap: 'linked',
  logLevel: 'warning',
})

execFileSync(process.execPath, ['scripts/help-pages.ts'], {
  env: { ...process.env, FORCE_COLOR: '1' },
  stdio: ['ignore', 'pipe', 'inherit'],
})
