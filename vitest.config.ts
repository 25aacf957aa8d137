import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    setupFiles: ['test/support/setup.ts'],
    globalSetup: ['test/support/build.ts', 'test/support/postgres.ts'],
    testTimeout: 60_000,
    // Many tests wait for processes that are asleep, or for a server to come back: one more than the cores of the smallest machine.
    maxWorkers: 3,
    // Real processes, signals half a second apart, a real browser: where a machine is busy with something else, such a test is tried once
    // more, and the report says so. A mistake fails twice.
    retry: process.env['CI'] === undefined ? 0 : 1,
  },
})
