import { strict as assert } from 'node:assert';
import { introspect } from '../../../src/core/oauth/introspection.ts';
import { metadata, paths, refusals, without } from './recordedAnswers.ts';
import { failureOf, ScriptedTransport, type ScriptedAnswer } from './scriptedTransport.ts';

const client = { clientId: 'client-1', clientSecret: 'secret-1' };
const ask = (answer: ScriptedAnswer) =>
  introspect(
    new ScriptedTransport({ [paths.introspect]: answer }),
    metadata,
    client,
    'token-1',
    'access_token',
  );

const active70 = {
  active: true,
  status: 'active',
  scope: 'openid api:fhir user/Patient.read site:default',
  exp: { date: '2026-11-22 20:45:58.376843', timezone_type: 1, timezone: '+00:00' },
  sub: 'a349c94e',
  jti: '5e9f6236',
  aud: ['client-1'],
  client_id: 'client-1',
};

describe('introspection', () => {
  it('sends the credentials in the form', async () => {
    const transport = new ScriptedTransport({ [paths.introspect]: { json: { active: false } } });
    await introspect(transport, metadata, client, 'token-1', 'refresh_token');
    await introspect(transport, metadata, { clientId: 'client-2' }, 'token-2');
    assert.deepEqual(Object.fromEntries(transport.form(0)), {
      token: 'token-1',
      token_type_hint: 'refresh_token',
      client_id: 'client-1',
      client_secret: 'secret-1',
    });
    assert.deepEqual(Object.fromEntries(transport.form(1)), { token: 'token-2', client_id: 'client-2' });
  });

  it("reads 7.0's PHP date", async () => {
    assert.deepEqual(await ask({ headers: { 'content-type': 'text/html' }, json: active70 }), {
      active: true,
      status: 'active',
      scopes: ['openid', 'api:fhir', 'user/Patient.read', 'site:default'],
      expiresAt: Date.UTC(2026, 10, 22, 20, 45, 58, 376),
      subject: 'a349c94e',
      clientId: 'client-1',
    });
  });

  it('reads a zone by name where it is UTC and gives up on others', async () => {
    const at = async (timezone: string, date = '2026-11-22 20:45:58.0') =>
      (await ask({ json: { active: true, exp: { date, timezone } } })).expiresAt;
    assert.equal(await at('UTC'), Date.UTC(2026, 10, 22, 20, 45, 58));
    assert.equal(await at('Europe/Lisbon'), undefined);
    assert.equal(await at('UTC', 'some day'), undefined);
  });

  it("reads 8.2's number, and the list of scopes of a refresh token", async () => {
    const found = await ask({ json: { ...active70, exp: 1795380350, scope: ['openid', 'offline_access'] } });
    assert.equal(found.expiresAt, 1795380350000);
    assert.deepEqual(found.scopes, ['openid', 'offline_access']);
  });

  it('reads a bare refusal and odd members', async () => {
    assert.deepEqual(await ask({ json: { active: false } }), { active: false });
    assert.deepEqual(await ask({ json: { active: true, exp: 'soon', scope: 7, sub: null } }), {
      active: true,
    });
  });

  it("takes 7.0's plain sentence about an unreadable token for inactive", async () => {
    assert.deepEqual(await ask({ status: 400, text: 'The JWT string must have two dots' }), {
      active: false,
    });
  });

  it('does not know where the server refuses the client or talks nonsense', async () => {
    for (const answer of [
      refusals.introspection('Client failed security'),
      { status: 400 },
      { status: 400, json: { error: 'invalid_request' } },
      { status: 404 },
      { text: '<html>' },
      { json: { active: 'yes' } },
    ]) {
      assert.deepEqual(await ask(answer), { active: undefined });
    }
  });

  it('does not know where there is no endpoint', async () => {
    const bare = without(metadata, 'introspectionEndpoint');
    assert.deepEqual(await introspect(new ScriptedTransport({}), bare, client, 't'), {
      active: undefined,
    });
  });

  it('fails with a broken server', async () => {
    assert.equal((await failureOf(ask({ status: 500 }))).code, 'http/server-error');
  });
});
