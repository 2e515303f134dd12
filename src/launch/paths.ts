import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot = fileURLToPath(new URL('../../', import.meta.url));

/** Where downloaded parts are kept; clones may share one by OPENEMR_WORKBENCH_CACHE. */
export function cacheFolder(): string {
  const shared = process.env['OPENEMR_WORKBENCH_CACHE'];
  return shared ? resolve(shared) : join(projectRoot, '.cache');
}
