import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/longest-first.ts'

const slow = ['test/**/*.slow.test.ts']

export default defineConfig({
  test: {
    reporters: ['default', './test/plain-summary.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      // Files share their modules: to load them anew for each took a quarter of the time. Where there are two processors,
      // Vitest would use one.
      {
        test: {
          name: 'quick',
          include: ['test/**/*.test.ts'],
          exclude: slow,
          testTimeout: 30_000,
          isolate: false,
          maxWorkers: '100%',
        },
      },
      // Whole programs and guests, killed and started again: two files at a time, whatever the machine has.
      { test: { name: 'slow', include: slow, testTimeout: 300_000, maxWorkers: 2, sequence: { groupOrder: 1 } } },
    ],
    coverage: { provider: 'v8', include: ['src/**'], reporter: ['text-summary', 'html'] },
  },
})
