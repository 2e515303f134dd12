import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';

/**
 * Runs every `*.host.ts` beside this file and leaves mocha's report where OPENEMR_WORKBENCH_TEST_REPORT says.
 * @throws Error where a test failed.
 */
export async function runInside(): Promise<void> {
  const output = process.env['OPENEMR_WORKBENCH_TEST_REPORT'];
  if (!output) throw new Error('OPENEMR_WORKBENCH_TEST_REPORT names no file for the report.');
  const mocha = new Mocha({ timeout: 30_000, reporter: 'json', reporterOptions: { output } });
  for (const file of readdirSync(import.meta.dirname)) {
    if (file.endsWith('.host.ts')) mocha.addFile(join(import.meta.dirname, file));
  }
  await mocha.loadFilesAsync();
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  if (failures > 0) throw new Error(`${failures} tests failed.`);
}
