import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as client from 'openid-client';
import { systemClock } from '../../src/core/base/clock.ts';
import { fetchAuthorizationServerMetadata } from '../../src/core/oauth/authorizationServerMetadata.ts';
import { refreshTokens } from '../../src/core/oauth/openIdClient.ts';
import { TokenLifecycle } from '../../src/core/oauth/tokenLifecycle.ts';
import type { RefreshGrant } from '../../src/core/oauth/tokenRefresh.ts';
import { TokenStore } from '../../src/core/oauth/tokenStore.ts';
import type { SecretStore } from '../../src/core/ports.ts';
import { GuardedSecretStore } from '../../src/core/storage/guardedSecretStore.ts';
import { createFetchTransport } from '../../src/platform/fetchTransport.ts';
import { startSandbox } from '../../src/sandbox/sandboxServer.ts';
import { machineIn } from '../soak/machineFolder.ts';
import { registerAndSignIn } from '../soak/signedInClient.ts';
import { figure, medianOfEach, timed, type Figure } from './figure.ts';

const rounds = 21;
/** What lock, store and events may add to the exchange, in milliseconds. */
const shareLimitMs = 20;
const owner = { connectionId: 'bench', boundTo: 'bench' };

/**
 * What a safe refresh costs beside the bare exchange by the same library, and what adopting another window's costs:
 * no request.
 */
export async function measureRefresh(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'openemr-bench-'));
  const server = await startSandbox({ era: '8.2' });
  try {
    const address = { baseUrl: server.baseUrl, site: 'default' };
    const transport = createFetchTransport();
    const metadata = await fetchAuthorizationServerMetadata(transport, address);
    const { clientId, clientSecret, scope, signIn } = await registerAndSignIn(server.baseUrl);

    const secrets = secretsInMemory();
    const windows = ['a', 'b'].map((id) => windowOn(folder, id, secrets));
    const [window, other] = windows;
    if (!window || !other) throw new Error('There are two windows.');
    let requests = 0;
    const grant: RefreshGrant = async (tokens, signal) => {
      requests++;
      const refreshToken = tokens.refreshToken ?? '';
      const credentials = { clientId, clientSecret };
      return refreshTokens({
        transport,
        metadata,
        client: credentials,
        refreshToken,
        scope,
        now: Date.now,
        signal,
      });
    };
    await window.signedIn(owner, await signIn(), scope);

    const bare = new client.Configuration(
      { issuer: metadata.issuer, token_endpoint: metadata.tokenEndpoint },
      clientId,
      undefined,
      client.ClientSecretPost(clientSecret),
    );
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- deprecated only to stand out
    client.allowInsecureRequests(bare);
    let bareToken = (await signIn()).refreshToken ?? '';
    const refreshSafely = () => timed(() => window.refresh(owner, grant));
    const refreshBare = () =>
      timed(async () => {
        bareToken = (await client.refreshTokenGrant(bare, bareToken, { scope })).refresh_token ?? '';
      });
    await refreshSafely();
    await refreshBare();
    const [safe, bareMs] = await medianOfEach(rounds, refreshSafely, refreshBare);

    requests = 0;
    await Promise.all([window.refresh(owner, grant), other.refresh(owner, grant)]);
    const adopting = requests - 1;
    return [
      figure(
        'Share of a safe refresh: lock, store, events',
        'ms',
        Math.max(0, safe - bareMs),
        { name: 'bare refreshTokenGrant', value: bareMs },
        shareLimitMs,
      ),
      figure(
        'Adopting what another window refreshed',
        'requests',
        adopting,
        { name: 'a refresh', value: 1 },
        0,
      ),
    ];
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The editor's own part, secret storage, is no work of the extension. */
function secretsInMemory(): SecretStore {
  const entries = new Map<string, string>();
  return {
    get: (key) => Promise.resolve(entries.get(key)),
    store: (key, value) => Promise.resolve(void entries.set(key, value)),
    delete: (key) => Promise.resolve(void entries.delete(key)),
  };
}

function windowOn(folder: string, id: string, secrets: SecretStore): TokenLifecycle {
  const { lock, index } = machineIn(folder);
  const identity = { id, startedAt: Date.now(), sharesSecrets: true };
  const guarded = new GuardedSecretStore(secrets, index, identity, systemClock);
  return new TokenLifecycle(new TokenStore(guarded, index, identity, systemClock), lock, systemClock);
}
