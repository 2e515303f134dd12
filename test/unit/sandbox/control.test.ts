import assert from 'node:assert/strict';
import { startSandbox } from '../../../src/sandbox/sandboxServer.ts';
import type { RunningSandbox } from '../../../src/sandbox/sandboxServer.ts';
import { register } from './browser.ts';

describe('The sandbox’s controls', () => {
  let sandbox: RunningSandbox;
  const call = (path: string, method = 'GET', body?: unknown): Promise<Response> =>
    fetch(`${sandbox.baseUrl}${path}`, {
      method,
      redirect: 'manual',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const configuration = '/oauth2/default/.well-known/openid-configuration';

  before(async () => {
    sandbox = await startSandbox({ era: '7.0' });
  });
  after(() => sandbox.stop());

  it('show the user and the password on the front page', async () => {
    const page = await (await call('/')).text();
    assert.match(page, /sandbox/);
    assert.match(page, /href="\/interface\/smart\/admin-client\.php"/);
    assert.ok(page.includes(sandbox.username) && page.includes(sandbox.portal.email));
  });

  it('list clients with a button that enables them', async () => {
    assert.match(
      await (await call('/interface/smart/admin-client.php')).text(),
      /No client has been registered/,
    );
    const { client_id: id } = await register(sandbox.baseUrl, { client_name: 'A <b>client</b>' });
    const page = await (await call('/interface/smart/admin-client.php')).text();
    assert.match(page, /<title>API Clients<\/title>/);
    assert.ok(page.includes('A &lt;b&gt;client&lt;/b&gt;'));
    const action = /action="([^"]*\/enable)"/.exec(page)?.[1] ?? '';
    const answer = await fetch(new URL(action, `${sandbox.baseUrl}/interface/smart/admin-client.php`), {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams(),
    });
    assert.equal(answer.headers.get('location'), '/interface/smart/admin-client.php');
    assert.match(await (await call('/interface/smart/admin-client.php')).text(), />Enabled</);
    const clients = (await (await call('/sandbox/clients')).json()) as { id: string; enabled: boolean }[];
    assert.deepEqual(clients, [{ id, name: 'A <b>client</b>', enabled: true }]);
  });

  it('refuse what does not exist', async () => {
    assert.equal((await call('/sandbox/clients/nobody/enable', 'POST')).status, 404);
    assert.equal((await call('/sandbox/clients/nobody/paint', 'POST')).status, 400);
    assert.equal((await call('/sandbox/faults/gremlins', 'POST')).status, 404);
    assert.equal((await call('/sandbox/settings', 'PUT', { no_such_global: 1 })).status, 400);
    assert.equal((await call('/sandbox/settings', 'PUT', { site_addr_oath: 1 })).status, 400);
    assert.equal((await call('/sandbox/clock', 'POST', {})).status, 400);
    assert.equal((await call('/sandbox/tokens/paint', 'POST')).status, 400);
    assert.equal((await call('/sandbox/nothing')).status, 404);
  });

  it('change the globals', async () => {
    const off = { rest_api: 0, rest_fhir_api: 0, rest_portal_api: 0 };
    assert.equal((await call('/sandbox/settings', 'PUT', off)).status, 200);
    assert.equal((await call(configuration)).status, 404);
    await call('/sandbox/settings', 'PUT', { rest_api: 1, rest_fhir_api: 1, rest_portal_api: 1 });
    await call('/sandbox/settings', 'PUT', { oauth_password_grant: 3, rest_system_scopes_api: 0 });
    const document = (await (await call(configuration)).json()) as {
      grant_types_supported: string[];
      scopes_supported: string[];
    };
    assert.ok(document.grant_types_supported.includes('password'));
    assert.equal(
      document.scopes_supported.some((scope) => scope.startsWith('system/')),
      false,
    );
  });

  it('take a wrong global address as OpenEMR does', async () => {
    const before = (await (await call('/sandbox/settings')).json()) as { site_addr_oath: string };
    await call('/sandbox/settings', 'PUT', { site_addr_oath: 'https://emr.example' });
    const document = (await (await call(configuration)).json()) as { issuer: string };
    assert.equal(document.issuer, 'https://emr.example/oauth2/default');
    await call('/sandbox/settings', 'PUT', before);
  });

  describe('switch faults', () => {
    const faulty = async (name: string, options: unknown = {}): Promise<Response> => {
      assert.equal((await call(`/sandbox/faults/${name}`, 'POST', options)).status, 200);
      try {
        return await call(configuration);
      } finally {
        await call(`/sandbox/faults/${name}`, 'DELETE');
      }
    };

    it('that answer with something else', async () => {
      assert.equal((await faulty('unavailable')).status, 503);
      assert.equal((await faulty('server-error')).status, 500);
      const page = await faulty('html-instead-of-json');
      assert.match(page.headers.get('content-type') ?? '', /html/);
      assert.deepEqual(await (await faulty('wrong-type-answer')).json(), [1, 2, 3]);
      assert.equal((await call(configuration)).status, 200);
    });

    it('that break the connection', async () => {
      await assert.rejects(faulty('connection-reset'));
      await assert.rejects((await faulty('truncated-answer')).text());
    });

    it('that answer late or with too much', async () => {
      const started = performance.now();
      await faulty('slow', { milliseconds: 60 });
      assert.ok(performance.now() - started >= 55);
      const huge = await (await faulty('huge-answer', { bytes: 1_000_000 })).text();
      assert.ok(huge.length >= 1_000_000);
    });

    it('only where and as often as asked for', async () => {
      await call('/sandbox/faults/unavailable', 'POST', { path: '/fhir/', times: 1 });
      assert.equal((await call(configuration)).status, 200);
      const { active } = (await (await call('/sandbox/faults')).json()) as { active: { name: string }[] };
      assert.deepEqual(
        active.map(({ name }) => name),
        ['unavailable'],
      );
      assert.equal((await call('/apis/default/fhir/metadata')).status, 503);
      assert.equal((await call('/apis/default/fhir/metadata')).status, 200);
    });

    it('that lose the answer of the token endpoint and nothing else', async () => {
      await call('/sandbox/faults/lost-token-answer', 'POST');
      assert.equal((await call(configuration)).status, 200);
      await assert.rejects(call('/oauth2/default/token', 'POST', {}));
      await call('/sandbox/faults/lost-token-answer', 'DELETE');
      const log = (await (await call('/sandbox/log')).json()) as { kind: string }[];
      assert.ok(log.some(({ kind }) => kind === 'token'));
      await call('/sandbox/log', 'DELETE');
      assert.deepEqual(await (await call('/sandbox/log')).json(), []);
    });
  });
});
