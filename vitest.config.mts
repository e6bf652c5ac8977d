import { defineConfig } from 'vitest/config';

/** One project per kind of test; files are found by glob, never listed. Where frames are timed, or there is one VS Code, one file at a time. */
const project = (name: string, options: { timeout?: number; serial?: boolean } = {}) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: options.timeout ?? 20_000,
    hookTimeout: options.timeout ?? 20_000,
    fileParallelism: !options.serial,
    pool: 'forks' as const,
  },
});

export default defineConfig({
  test: {
    maxWorkers: '100%',
    projects: [
      // Properties of many inputs: seconds each, and more on a busy machine. The time is a guard against hanging.
      project('unit', { timeout: 60_000 }),
      project('parity', { timeout: 60_000 }),
      // Their work is the runtime's, which shares the cores: two files at once take two thirds of the time.
      project('engine', { timeout: 120_000 }),
      // What people met in the field: one file for each kind of report, with its own small inputs.
      project('field', { timeout: 120_000 }),
      project('webview', { timeout: 60_000, serial: true }),
      project('package', { timeout: 120_000, serial: true }),
      project('bench', { timeout: 600_000, serial: true }),
      project('e2e', { timeout: 180_000, serial: true }),
    ],
  },
});
