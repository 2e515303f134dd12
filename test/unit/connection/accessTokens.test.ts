import assert from 'node:assert/strict';
import { WorkbenchError } from '../../../src/core/base/errors.ts';
import { fhirGet } from '../../../src/core/fhir/fhirClient.ts';
import type { HttpTransport } from '../../../src/core/http/httpTransport.ts';
import { SharedMachine } from '../../fakes/coreWindow.ts';
import { fault82, unauthorised70 } from '../fhir/recordings.ts';
import { connection, KeptWindow } from './keptWindow.ts';

const url = 'https://emr.example.org/apis/default/fhir/Patient?_count=1';
const denied = 'The resource owner or authorization server denied the request.';
const minute = 60_000;

describe('Reading FHIR with a token', () => {
  let machine: SharedMachine;
  let window: KeptWindow;
  /** What FHIR answers to whom; the rest gets 200. */
  let refusals: Map<string, { status: number; body: unknown }>;
  let used: string[];
  let transport: HttpTransport;

  beforeEach(async () => {
    machine = new SharedMachine();
    refusals = new Map();
    used = [];
    transport = {
      send: ({ headers }) => {
        const token = (headers?.['authorization'] ?? '').replace('Bearer ', '');
        used.push(token);
        const { status, body } = refusals.get(token) ?? { status: 200, body: {} };
        const text = typeof body === 'string' ? body : JSON.stringify(body);
        return Promise.resolve({ status, headers: new Headers(), text, durationMs: 1 });
      },
      stream: () => Promise.reject(new Error('not streamed')),
    };
    window = new KeptWindow(machine);
    await window.logIn();
    machine.clock.jump(10 * minute);
  });

  const get = () =>
    window.accessTokens.reading(connection, (accessToken) => fhirGet(transport, { url, accessToken }));

  it('asks no token endpoint while the token is good', async () => {
    assert.equal((await get()).status, 200);
    assert.deepEqual([used, window.requests], [['access-1'], 0]);
  });

  const blamesToken: [string, unknown][] = [
    ['7.0: revoked', unauthorised70('Access token has been revoked')],
    ['7.0: not verified', unauthorised70('Access token could not be verified')],
    ['8.2: denied', fault82(denied)],
    ['8.2: revoked', fault82(denied, 9)],
  ];
  for (const [name, body] of blamesToken) {
    it(`refreshes once where the answer blames the token (${name})`, async () => {
      refusals.set('access-1', { status: 401, body });
      assert.equal((await get()).status, 200);
      assert.deepEqual([used, window.requests], [['access-1', 'access-n1'], 1]);
    });
  }

  const blamesPermission: [string, unknown][] = [
    ['7.0: empty', ''],
    ['8.2: Unauthorized', fault82('Unauthorized')],
  ];
  for (const [name, body] of blamesPermission) {
    it(`does not refresh where a permission is missing (${name})`, async () => {
      refusals.set('access-1', { status: 401, body });
      await assert.rejects(get(), { code: 'fhir/access-refused' });
      assert.deepEqual([used, window.requests], [['access-1'], 0]);
    });

    it(`takes a newer pair where one is stored (${name})`, async () => {
      refusals.set('access-1', { status: 401, body });
      const fresh = window.accessTokens.fresh.bind(window.accessTokens);
      window.accessTokens.fresh = async (of) => {
        const tokens = await fresh(of);
        await new KeptWindow(machine, 'b').logIn('2');
        return tokens;
      };
      assert.equal((await get()).status, 200);
      assert.deepEqual([used, window.requests], [['access-1', 'access-2'], 0]);
    });
  }

  it('refreshes for this reason at most once a minute, whichever window did', async () => {
    for (const token of ['access-1', 'access-n1', 'access-n2']) {
      refusals.set(token, { status: 401, body: fault82(denied) });
    }
    await assert.rejects(get(), { code: 'fhir/token-refused' });
    await assert.rejects(get(), { code: 'fhir/token-refused' });
    assert.equal(window.requests, 1);
    machine.clock.jump(minute);
    await assert.rejects(get(), { code: 'fhir/token-refused' });
    assert.equal(window.requests, 2);
  });

  it('takes the end of the session for what it is, though a refresh would succeed', async () => {
    refusals.set('access-1', { status: 400, body: fault82('Refresh Token revoked or logged out') });
    await assert.rejects(get(), { code: 'fhir/signed-out' });
    assert.equal(window.requests, 0);
    assert.deepEqual(await window.state(), { kind: 'reauthenticationRequired', reason: 'fhir/signed-out' });
  });

  it('renews before use what is due', async () => {
    machine.clock.jump(46 * minute);
    assert.equal((await get()).status, 200);
    assert.deepEqual([used, window.requests], [['access-n1'], 1]);
  });

  it('uses a token to its end while the server refuses to renew it', async () => {
    window.answer = () => Promise.reject(new WorkbenchError('network/refused'));
    machine.clock.jump(46 * minute);
    assert.equal((await get()).status, 200);
    assert.deepEqual(used, ['access-1']);
    machine.clock.jump(10 * minute);
    await assert.rejects(get(), { code: 'network/refused' });
  });

  it('renews nothing where the automatic refresh is off', async () => {
    window.settings = { ...window.settings, autoRefresh: false };
    machine.clock.jump(46 * minute);
    refusals.set('access-1', { status: 401, body: fault82(denied) });
    await assert.rejects(get(), { code: 'fhir/token-refused' });
    assert.equal(window.requests, 0);
  });
});
