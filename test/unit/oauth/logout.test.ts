import { strict as assert } from 'node:assert';
import { endSession } from '../../../src/core/oauth/logout.ts';
import { metadata, paths, without } from './recordedAnswers.ts';
import { ScriptedTransport, type ScriptedAnswer } from './scriptedTransport.ts';

const end = (answer: ScriptedAnswer) =>
  endSession(new ScriptedTransport({ [paths.logout]: answer }), metadata, { idTokenHint: 'e.y.J' });

describe('logout', () => {
  it('asks by GET with the id_token and where to go afterwards', async () => {
    const transport = new ScriptedTransport({ [paths.logout]: { status: 307 } });
    await endSession(transport, metadata, {
      idTokenHint: 'e.y.J',
      postLogoutRedirectUri: 'http://127.0.0.1/loggedout',
      state: 's2',
    });
    const { method, url } = transport.requests[0]!;
    assert.equal(method, 'GET');
    assert.deepEqual(Object.fromEntries(new URL(url).searchParams), {
      id_token_hint: 'e.y.J',
      post_logout_redirect_uri: 'http://127.0.0.1/loggedout',
      state: 's2',
    });
  });

  const answers: [string, ScriptedAnswer, object][] = [
    [
      "7.0's redirect",
      { status: 302, headers: { location: 'http://127.0.0.1/loggedout?state=s2' } },
      { ended: true },
    ],
    ["8.2's redirect", { status: 307, headers: { location: 'http://127.0.0.1/loggedout' } }, { ended: true }],
    ['the plain farewell', { status: 200, text: 'You have been signed out. Thank you.' }, { ended: true }],
    [
      'the id_token of an older login',
      {
        status: 400,
        json: { error: 'invalid _request', error_description: 'Id token not issued from this server' },
      },
      { ended: false, reason: 'refused', status: 400 },
    ],
    ['not being signed in', { status: 401 }, { ended: false, reason: 'refused', status: 401 }],
    ['a broken server', { status: 500 }, { ended: false, reason: 'failed', status: 500 }],
  ];
  for (const [what, answer, result] of answers) {
    it(`reads ${what}`, async () => {
      assert.deepEqual(await end(answer), result);
    });
  }

  it('says where the server has no logout', async () => {
    const bare = without(metadata, 'endSessionEndpoint');
    const transport = new ScriptedTransport({});
    assert.deepEqual(await endSession(transport, bare, { idTokenHint: 'x' }), {
      ended: false,
      reason: 'unsupported',
    });
    assert.equal(transport.requests.length, 0);
  });

  it('adds to a query that the endpoint has', async () => {
    const transport = new ScriptedTransport({ [paths.logout]: {} });
    const endSessionEndpoint = `${metadata.endSessionEndpoint!}?tenant=a`;
    await endSession(transport, { ...metadata, endSessionEndpoint }, { idTokenHint: 'x' });
    assert.ok(transport.requests[0]!.url.endsWith('/logout?tenant=a&id_token_hint=x'));
  });
});
