import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    // Small machines first: more workers than this and the tests that measure time disturb each other.
    maxWorkers: 2,
    reporters: ['default', './test/reporter.ts'],
  },
})
