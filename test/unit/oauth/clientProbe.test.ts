import { strict as assert } from 'node:assert';
import { WorkbenchError } from '../../../src/core/base/errors.ts';
import { probeClient } from '../../../src/core/oauth/clientProbe.ts';
import { metadata, paths, refusals, without } from './recordedAnswers.ts';
import { failureOf, ScriptedTransport, type ScriptedAnswer } from './scriptedTransport.ts';

const login = (status: number): ScriptedAnswer => ({
  status,
  headers: { location: '/oauth2/default/provider/login' },
});
const inactive = { json: { active: false } };
const undecryptable = refusals.refreshToken('Cannot decrypt the refresh token');
const unreadable = { status: 400, text: 'The JWT string must have two dots' };

const client = {
  clientId: 'client-1',
  clientSecret: 'secret-1',
  redirectUri: 'http://127.0.0.1:19500/callback',
  scope: 'openid user/Patient.read',
  fhirBaseUrl: 'https://localhost:19443/apis/default/fhir',
  clientType: 'confidential',
} as const;

function transportWith(authorize: ScriptedAnswer, token: ScriptedAnswer, introspect: ScriptedAnswer) {
  return new ScriptedTransport({
    [paths.authorize]: authorize,
    [paths.token]: token,
    [paths.introspect]: introspect,
  });
}

type Row = [
  string,
  [ScriptedAnswer, ScriptedAnswer, ScriptedAnswer],
  { known?: boolean; redirect?: boolean; enabled?: boolean; secret?: boolean },
];

describe('client probe', () => {
  const rows: Row[] = [
    [
      'an enabled client of 7.0',
      [login(301), undecryptable, unreadable],
      { known: true, redirect: true, enabled: true, secret: true },
    ],
    [
      'a wrong secret at 7.0',
      [login(301), undecryptable, refusals.introspection('Client failed security')],
      { known: true, redirect: true, enabled: true, secret: false },
    ],
    [
      'a disabled client of 7.0, whose secret cannot be judged',
      [login(301), refusals.invalidClient, refusals.introspection('Client failed security')],
      { known: true, redirect: true, enabled: false },
    ],
    [
      'an unknown client of 7.0',
      [refusals.invalidClient, refusals.invalidClient, refusals.introspection('Not a registered client')],
      { known: false },
    ],
    [
      'a disabled client of 7.0 with another redirect URI',
      [refusals.invalidClient, refusals.invalidClient, refusals.introspection('Client failed security')],
      { known: true, redirect: false, enabled: false },
    ],
    [
      'an enabled client of 8.2, which does not tell about secrets',
      [login(307), undecryptable, inactive],
      { known: true, redirect: true, enabled: true },
    ],
    [
      'a disabled client of 8.2',
      [login(307), refusals.invalidClient, inactive],
      { known: true, redirect: true, enabled: false },
    ],
    [
      'an enabled client of 8.2 with another redirect URI',
      [refusals.invalidClient, undecryptable, inactive],
      { known: true, redirect: false, enabled: true },
    ],
    [
      'an unknown client of 8.2, which looks like a disabled one with another redirect URI',
      [refusals.invalidClient, refusals.invalidClient, inactive],
      {},
    ],
    [
      'a scope that the server refuses, after it took client and redirect URI',
      [
        { status: 302, headers: { location: `${client.redirectUri}?error=invalid_scope` } },
        undecryptable,
        inactive,
      ],
      { known: true, redirect: true, enabled: true },
    ],
    ['a broken server', [{ status: 500 }, { status: 502 }, { status: 503 }], {}],
    [
      'a redirect to elsewhere',
      [
        { status: 302, headers: { location: 'https://sso.example.org/' } },
        { status: 400 },
        refusals.introspection('Something else'),
      ],
      {},
    ],
  ];
  for (const [what, [authorize, token, introspect], { known, redirect, enabled, secret }] of rows) {
    it(`tells ${what}`, async () => {
      assert.deepEqual(await probeClient(transportWith(authorize, token, introspect), metadata, client), {
        isKnown: known,
        isRedirectUriRegistered: redirect,
        isEnabled: enabled,
        isSecretRight: secret,
      });
    });
  }

  it('takes three requests for a confidential client and shows its secret to the form endpoints alone', async () => {
    const transport = transportWith(login(307), undecryptable, inactive);
    await probeClient(transport, metadata, client);
    assert.deepEqual(
      transport.requests.map(({ method, url }) => `${method} ${new URL(url).pathname}`),
      [paths.authorize, paths.token, paths.introspect],
    );
    assert.ok(!transport.requests[0]!.url.includes('secret-1'));
    assert.deepEqual(Object.fromEntries(transport.form(1)), {
      grant_type: 'refresh_token',
      refresh_token: 'garbage',
      client_id: 'client-1',
      client_secret: 'secret-1',
    });
  });

  it('takes two for a public client, and where there is nothing to introspect with', async () => {
    const publicClient = { ...without(client, 'clientSecret'), clientType: 'public' } as const;
    const first = transportWith(login(307), undecryptable, inactive);
    const probe = await probeClient(first, metadata, publicClient);
    assert.equal(probe.isEnabled, true);
    assert.equal(probe.isSecretRight, undefined);
    assert.equal(first.requests.length, 2);
    assert.ok(!first.form(1).has('client_secret'));
    const second = transportWith(login(307), undecryptable, inactive);
    await probeClient(second, without(metadata, 'introspectionEndpoint'), client);
    assert.equal(second.requests.length, 2);
  });

  it('fails where the server cannot be reached', async () => {
    const refused = new WorkbenchError('network/refused');
    const transport = transportWith(login(307), { error: refused }, inactive);
    assert.equal(await failureOf(probeClient(transport, metadata, client)), refused);
  });
});
