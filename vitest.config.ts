import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    setupFiles: ['test/support/setup.ts'],
    globalSetup: ['test/support/build.ts', 'test/support/postgres.ts'],
    testTimeout: 60_000,
    // Vitest's own choice leaves a core idle, which on two is half of them.
    maxWorkers: 2,
  },
})
