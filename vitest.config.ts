import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: [],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 3, // many tests wait for brokers, boots and clocks
    env: { ORT_DISABLE_TELEMETRY: '1' },
  },
});
