import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    // Small machines first: more workers than this and the tests that measure time disturb each other.
    maxWorkers: 2,
    // Tests with processes of their own take seconds on a busy machine; one that hangs is found all the same.
    testTimeout: 20_000,
    hookTimeout: 30_000,
    setupFiles: ['./test/seed.ts'],
    reporters: ['default', './test/reporter.ts'],
  },
})
