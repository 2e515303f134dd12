import { rawCoverageFolder } from './coverage.ts';
import type { MochaSuite } from './mochaSuite.ts';

const withCoverage = { NODE_V8_COVERAGE: rawCoverageFolder };

export const unit: MochaSuite = {
  name: 'unit',
  files: ['test/unit/**/*.test.ts', 'test/adapters/**/*.test.ts'],
  timeoutMs: 20_000,
  environment: withCoverage,
};
/** Without those that start the whole extension: quick enough for before each commit. */
export const quickUnit: MochaSuite = {
  name: 'unit',
  files: ['test/unit/**/*.test.ts'],
  timeoutMs: 20_000,
};
export const wire: MochaSuite = {
  name: 'wire',
  files: ['test/wire/**/*.test.ts'],
  timeoutMs: 30_000,
  environment: withCoverage,
};
export const integration: MochaSuite = {
  name: 'integration',
  files: ['test/integration/**/*.test.ts', 'test/security/**/*.test.ts'],
  timeoutMs: 60_000,
  retries: 1,
  environment: withCoverage,
};
export const webview: MochaSuite = {
  name: 'webview',
  files: ['test/webview/**/*.test.ts'],
  timeoutMs: 60_000,
  retries: 1,
};

/** Every state in every theme, language and width, not every pair of them only. */
export const wholeWebview: MochaSuite = {
  ...webview,
  environment: { OPENEMR_WORKBENCH_FULL_MATRIX: '1' },
  limitMs: 2 * 3_600_000,
};
export const host: MochaSuite = {
  name: 'host',
  files: ['test/host/**/*.test.ts'],
  timeoutMs: 300_000,
  retries: 1,
};
export const live: MochaSuite = { name: 'live', files: ['test/live/**/*.test.ts'], timeoutMs: 120_000 };
