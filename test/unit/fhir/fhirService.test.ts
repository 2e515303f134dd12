import assert from 'node:assert/strict';
import type { FhirActivity } from '../../../src/core/fhir/fhirActivity.ts';
import { FhirService } from '../../../src/core/fhir/fhirService.ts';
import { LatencyHistory } from '../../../src/core/fhir/latencyHistory.ts';
import { Servers } from '../../../src/core/connection/servers.ts';
import { tokenOwnerOf } from '../../../src/core/connection/connectionService.ts';
import { SharedMachine } from '../../fakes/coreWindow.ts';
import { FakeMemento } from '../../fakes/extensionContext.ts';
import { connection, KeptWindow } from '../connection/keptWindow.ts';
import { CannedTransport } from './cannedTransport.ts';
import { fault82, patientsAnswer, statement82 } from './recordings.ts';

const minute = 60_000;
const lifetime = 60 * minute;
const searchable = [{ code: 'search-type' }, { code: 'read' }];
const statement = {
  ...statement82,
  rest: [{ mode: 'server', resource: [{ type: 'Patient', interaction: searchable, searchParam: [] }] }],
};
const patient = 'a349cdaa-6d9d-4cd6-91e2-000000000001';
const denied = {
  status: 401,
  body: fault82('The resource owner or authorization server denied the request.'),
};

describe('Looking at records while tokens run out', () => {
  let machine: SharedMachine;
  let window: KeptWindow;
  let fhir: FhirService;
  let server: CannedTransport;
  let refusal: { status: number; body: unknown } | undefined;
  /** By token. */
  let refusals: Map<string, { status: number; body: unknown }>;

  beforeEach(async () => {
    machine = new SharedMachine();
    refusal = undefined;
    refusals = new Map();
    server = new CannedTransport(({ url, headers }) => {
      if (url.endsWith('/metadata')) return { body: statement };
      const token = headers?.['authorization']?.replace('Bearer ', '') ?? '';
      const refused = refusal ?? refusals.get(token);
      if (refused) return refused;
      const { pathname, search } = new URL(url);
      const isSearch = pathname.endsWith('/Patient');
      return { body: isSearch ? patientsAnswer(120, search ? url : `${url}?_count=120`) : resource() };
    });
    window = new KeptWindow(machine);
    await window.logIn();
    const { tokens } = window.core;
    fhir = new FhirService({
      sessions: {
        tokens: () => tokens.tokens(tokenOwnerOf(connection)),
        sessionEnded: (_connection, reason) => tokens.requireReauthentication(connection.id, reason),
      },
      accessTokens: window.accessTokens,
      servers: new Servers(() => server),
      latency: new LatencyHistory(new FakeMemento()),
      clock: machine.clock,
    });
  });

  const resource = () => ({ resourceType: 'Patient', id: patient });
  const lastToken = () => server.requests.at(-1)?.headers?.['authorization'];
  const signal = new AbortController().signal;
  const search = (until = signal) =>
    fhir.search(
      connection,
      { type: 'Patient', values: [], limit: undefined, onProgress: () => undefined },
      until,
    );

  it('renews a token that has run out before it searches, reads and tries all types', async () => {
    for (const [number, look] of [
      () => search(),
      () => fhir.read(connection, 'Patient', patient),
      () => fhir.probe(connection, () => undefined, signal),
    ].entries()) {
      machine.clock.jump(lifetime + 1);
      await look();
      assert.equal(window.requests, number + 1);
      assert.equal(lastToken(), `Bearer access-n${number + 1}`);
    }
  });

  it('asks for the keys of the server once a token, and again where it got none', async () => {
    const oauth = 'https://emr.example.org/oauth2/default';
    const metadata = {
      ...{ issuer: oauth, authorization_endpoint: `${oauth}/authorize`, token_endpoint: `${oauth}/token` },
      jwks_uri: `${oauth}/jwk`,
    };
    let keys: unknown = { keys: [] };
    server = new CannedTransport(({ url }) => {
      if (url.endsWith('/openid-configuration')) return { body: metadata };
      return keys === undefined ? { status: 500 } : { body: keys };
    });
    const asked = async () => {
      await Promise.all([fhir.tokenDetails(connection), fhir.tokenDetails(connection)]);
      await fhir.tokenDetails(connection);
      return server.urls.filter((url) => url.endsWith('/jwk')).length;
    };
    assert.equal(await asked(), 1);
    await window.logIn('2');
    assert.equal(await asked(), 2);
    keys = undefined;
    await window.logIn('3');
    assert.equal(await asked(), 4);
  });

  it('reads the next page with the token of that moment', async () => {
    const result = await search();
    assert.equal(lastToken(), 'Bearer access-1');
    machine.clock.jump(lifetime + 1);
    await result.show(60);
    assert.equal(lastToken(), 'Bearer access-n1');
    assert.equal(result.page.length, 50);
  });

  describe('where a token is refused before its time', () => {
    beforeEach(() => machine.clock.jump(10 * minute));

    const refuse = (answer: { status: number; body: unknown }) => {
      refusals.set('access-1', answer);
    };

    for (const [name, look] of [
      ['a search', () => search()],
      ['a record', () => fhir.read(connection, 'Patient', patient)],
    ] as const) {
      it(`goes on with ${name} after one refresh`, async () => {
        refuse(denied);
        await look();
        assert.deepEqual([window.requests, lastToken()], [1, 'Bearer access-n1']);
      });

      it(`takes a missing permission for ${name} as it is`, async () => {
        for (const body of ['', fault82('Unauthorized')]) {
          refuse({ status: 401, body });
          await assert.rejects(look(), { code: 'fhir/access-refused' });
        }
        assert.equal(window.requests, 0);
      });

      it(`refreshes for ${name} at most once a minute`, async () => {
        refuse(denied);
        refusals.set('access-n1', denied);
        for (let times = 0; times < 2; times++) await assert.rejects(look(), { code: 'fhir/token-refused' });
        assert.equal(window.requests, 1);
      });
    }

    it('goes on with the next page after one refresh', async () => {
      const result = await search();
      refuse(denied);
      await result.show(60);
      assert.deepEqual([window.requests, lastToken()], [1, 'Bearer access-n1']);
      assert.equal(result.page.length, 50);
    });

    it('refreshes once for all who read at that moment', async () => {
      refuse(denied);
      await Promise.all([search(), fhir.read(connection, 'Patient', patient), search()]);
      assert.equal(window.requests, 1);
    });

    it('tries all types without a refresh', async () => {
      refuse(denied);
      const [row] = await fhir.probe(connection, () => undefined, signal);
      assert.equal(row?.search.verdict, 'token-refused');
      assert.equal(window.requests, 0);
    });

    it('ends a search that is cancelled at once, and not the refresh that has left', async () => {
      refuse(denied);
      const cancelling = new AbortController();
      let answer = () => {};
      const grant = window.answer;
      window.answer = async (pair, given, beforeSend) => {
        cancelling.abort();
        await new Promise<void>((resolve) => (answer = resolve));
        return grant(pair, given, beforeSend);
      };
      await assert.rejects(search(cancelling.signal), { code: 'operation/cancelled' });
      answer();
      await search();
      assert.deepEqual([window.requests, lastToken()], [1, 'Bearer access-n1']);
    });
  });

  it('reports a search that broke off after records were handed over, and none that brought nothing', async () => {
    const activities: FhirActivity[] = [];
    fhir.onDidAct((activity) => activities.push(activity));
    const whole = JSON.stringify(patientsAnswer(120, 'https://emr.example.org/Patient?_count=120'));
    refusal = { status: 200, body: whole.slice(0, whole.length / 2) };
    await assert.rejects(search(), { code: 'fhir/invalid-response' });
    const [read] = activities;
    assert.ok(read?.action === 'read' && read.count >= 50 && read.count < 120);
    refusal = denied;
    await assert.rejects(search());
    assert.equal(activities.length, 1);
  });

  for (const [name, look] of [
    ['a search', () => search().catch(() => undefined)],
    ['a record', () => fhir.read(connection, 'Patient', patient).catch(() => undefined)],
    ['the matrix', () => fhir.probe(connection, () => undefined, signal)],
  ] as const) {
    it(`learns from ${name} that the session was ended at the server`, async () => {
      refusal = { status: 400, body: fault82('Refresh Token revoked or logged out') };
      await look();
      assert.equal((await window.state()).kind, 'reauthenticationRequired');
    });
  }
});
