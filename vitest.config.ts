import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    setupFiles: ['test/support/setup.ts'],
    globalSetup: ['test/support/build.ts', 'test/support/postgres.ts'],
    testTimeout: 60_000,
    // Many tests wait for processes that are asleep, or for a server to come back: one more than the cores of the smallest machine.
    maxWorkers: 3,
  },
})
