import { defineConfig } from 'vitest/config'

const slow = ['test/**/*.slow.test.ts']

export default defineConfig({
  test: {
    reporters: ['default', './test/plain-summary.ts'],
    projects: [
      // Files share their modules: to load them anew for each took a quarter of the time.
      { test: { name: 'quick', include: ['test/**/*.test.ts'], exclude: slow, testTimeout: 30_000, isolate: false } },
      // Whole programs, killed and started again; one file at a time, so that they measure nothing but themselves.
      { test: { name: 'slow', include: slow, testTimeout: 300_000, fileParallelism: false } },
    ],
    coverage: { provider: 'v8', include: ['src/**'], reporter: ['text-summary', 'html'] },
  },
})
