import type { KeyValueStore, SecretStore } from '../ports.ts';
import { auditKeysSecret } from '../audit/auditKeys.ts';

/**
 * What can be said of secret storage without writing into it: `lost`: what an earlier session stored is gone, so it is
 * kept in memory only or cannot be decrypted; `refused`: it cannot be read; `unshared`: each window sees what was there
 * when it started.
 */
export type StorageHealth = 'good' | 'lost' | 'refused' | 'unshared';

const markerKey = 'openemr.secretsWereStored';

/** To be asked once at the start, before this session stores anything itself. */
export async function checkStorageHealth(
  secrets: SecretStore,
  state: KeyValueStore,
  sharesSecrets: boolean,
): Promise<StorageHealth> {
  try {
    const isThere = (await secrets.get(auditKeysSecret)) !== undefined;
    if (!isThere && state.get(markerKey) === true) return 'lost';
    return sharesSecrets ? 'good' : 'unshared';
  } catch {
    return 'refused';
  }
}

/** Remembers outside of secret storage that something was stored in it. */
export async function rememberStoredSecrets(secrets: SecretStore, state: KeyValueStore): Promise<void> {
  const isThere = (await secrets.get(auditKeysSecret)) !== undefined;
  if (isThere && state.get(markerKey) !== true) await state.update(markerKey, true);
}
