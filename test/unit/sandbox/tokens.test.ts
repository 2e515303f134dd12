import assert from 'node:assert/strict';
import { startSandbox } from '../../../src/sandbox/sandboxServer.ts';
import type { RunningSandbox } from '../../../src/sandbox/sandboxServer.ts';
import type { EraName } from '../../../src/sandbox/era.ts';
import { fhir, logIn, redeem, refresh, registerEnabled, staffScopes, tokensOf } from './browser.ts';
import type { RegisteredClient, TokenAnswer } from './browser.ts';

for (const era of ['7.0', '8.2'] as const satisfies readonly EraName[]) {
  describe(`Tokens of the sandbox, era ${era}`, () => {
    let sandbox: RunningSandbox;
    let client: RegisteredClient;
    const patients = (tokens: TokenAnswer): Promise<Response> =>
      fhir(sandbox.baseUrl, 'Patient?_count=1', tokens.access_token);

    before(async () => {
      sandbox = await startSandbox({ era, accessTokenLifetimeSeconds: 120 });
      client = await registerEnabled(sandbox.baseUrl);
    });
    after(() => sandbox.stop());

    it('rotate: the old refresh token and the old access token end at once', async () => {
      const old = await tokensOf(sandbox.baseUrl, client);
      const refreshed = await refresh(sandbox.baseUrl, client, old.refresh_token ?? '');
      assert.equal(refreshed.status, 200);
      const fresh = (await refreshed.json()) as TokenAnswer;
      assert.equal((await patients(old)).status, 401);
      assert.equal((await patients(fresh)).status, 200);
      assert.equal((await refresh(sandbox.baseUrl, client, old.refresh_token ?? '')).status, 401);
      assert.equal((await patients(fresh)).status, 200);
    });

    it('live as long as the sandbox was told', async () => {
      const tokens = await tokensOf(sandbox.baseUrl, client);
      assert.equal(tokens.expires_in, 120);
      await control('clock', { advanceSeconds: 121 });
      assert.equal((await patients(tokens)).status, 401);
      assert.equal((await refresh(sandbox.baseUrl, client, tokens.refresh_token ?? '')).status, 200);
    });

    it('need their scopes again where a nonce was sent, in 8.2 only', async () => {
      const tokens = await tokensOf(sandbox.baseUrl, client, { nonce: 'n' });
      const without = await refresh(sandbox.baseUrl, client, tokens.refresh_token ?? '');
      assert.equal(without.status, era === '8.2' ? 400 : 200);
      const again = await tokensOf(sandbox.baseUrl, client, { nonce: 'n' });
      assert.equal(
        (await refresh(sandbox.baseUrl, client, again.refresh_token ?? '', staffScopes)).status,
        200,
      );
    });

    it('are refused with 400 after a logout and good again after the next login', async () => {
      const tokens = await tokensOf(sandbox.baseUrl, client, { nonce: 'n1' });
      const query = new URLSearchParams({
        id_token_hint: tokens.id_token ?? '',
        post_logout_redirect_uri: 'http://127.0.0.1/loggedout',
        state: 'x',
      });
      const logout = await fetch(`${sandbox.baseUrl}/oauth2/default/logout?${query.toString()}`, {
        redirect: 'manual',
      });
      assert.equal(logout.headers.get('location'), 'http://127.0.0.1/loggedout?state=x');
      assert.equal((await patients(tokens)).status, 400);
      await tokensOf(sandbox.baseUrl, client);
      assert.equal((await patients(tokens)).status, 200);
    });

    it('can be expired and revoked from outside, and that taken back', async () => {
      const tokens = await tokensOf(sandbox.baseUrl, client);
      for (const action of ['expire', 'revoke']) {
        await control(`tokens/${action}`, {});
        assert.equal((await patients(tokens)).status, 401);
        await control(`tokens/${action}`, { undo: true });
        assert.equal((await patients(tokens)).status, 200);
      }
    });

    it('can have their refresh tokens revoked from outside', async () => {
      const tokens = await tokensOf(sandbox.baseUrl, client);
      await control('tokens/revoke', { refreshTokens: true });
      const answer = await refresh(sandbox.baseUrl, client, tokens.refresh_token ?? '');
      assert.equal(answer.status, 401);
    });

    it('are seen in the log without a token or code in it', async () => {
      const callback = await logIn(sandbox.baseUrl, client);
      const tokens = (await (await redeem(sandbox.baseUrl, client, callback)).json()) as TokenAnswer;
      await refresh(sandbox.baseUrl, client, tokens.refresh_token ?? '');
      await refresh(sandbox.baseUrl, client, tokens.refresh_token ?? '');
      const log = await (await fetch(`${sandbox.baseUrl}/sandbox/log`)).text();
      const kinds = (JSON.parse(log) as { kind: string; grantType?: string }[]).map(
        ({ kind, grantType }) => grantType ?? kind,
      );
      assert.deepEqual(kinds.filter((kind) => kind !== 'request').slice(-4), [
        'authorization_code',
        'refresh_token',
        'refresh-replay',
        'refresh_token',
      ]);
      for (const secret of [callback.code, tokens.access_token, tokens.refresh_token, client.client_secret]) {
        assert.ok(secret);
        assert.equal(log.includes(secret), false);
      }
    });

    async function control(path: string, body: unknown): Promise<void> {
      const answer = await fetch(`${sandbox.baseUrl}/sandbox/${path}`, {
        method: 'POST',
        body: JSON.stringify(body),
      });
      assert.equal(answer.status, 200);
    }
  });
}
