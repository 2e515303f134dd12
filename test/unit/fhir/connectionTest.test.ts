import assert from 'node:assert/strict';
import { WorkbenchError } from '../../../src/core/base/errors.ts';
import { runConnectionTest, type ConnectionTestOptions } from '../../../src/core/fhir/connectionTest.ts';
import {
  connectionCheckIds,
  type ConnectionCheckId,
  type ConnectionTestRow,
} from '../../../src/core/fhir/connectionTestRow.ts';
import type { HttpRequest } from '../../../src/core/http/httpTransport.ts';
import { CannedTransport, type CannedAnswer } from './cannedTransport.ts';
import {
  connection,
  fault82,
  patientsAnswer,
  statement70,
  statement82,
  unauthorised70,
  version82,
} from './recordings.ts';

const startedAt = Date.UTC(2026, 10, 22, 20);
const dayMs = 24 * 60 * 60 * 1000;
const tokens = {
  accessToken: 'eyJ.a.b',
  expiresAt: startedAt + 42 * 60_000,
  grantedScopes: ['openid', 'api:fhir', 'user/Patient.read'],
};
const certificate = {
  subject: 'emr.example.org',
  issuer: 'Example CA',
  validTo: startedAt + 90 * dayMs,
  isPinned: false,
};

interface Server {
  statement?: CannedAnswer | Error;
  version?: CannedAnswer | Error;
  patients?: (request: HttpRequest) => CannedAnswer | Error | Promise<CannedAnswer>;
}

/** An OpenEMR, which for the transport is three addresses; discovery goes over the same counter. */
function openEmr(server: Server = {}): CannedTransport {
  return new CannedTransport((request) => {
    const { url } = request;
    if (url.endsWith('/metadata')) return server.statement ?? { body: statement70 };
    if (url.endsWith('/api/version')) return server.version ?? { body: version82 };
    if (url.includes('/Patient?')) {
      return server.patients?.(request) ?? { body: patientsAnswer(107, url) };
    }
    return { body: {} };
  });
}

function options(transport: CannedTransport, changes: Partial<ConnectionTestOptions> = {}) {
  const get = (path: string, signal: AbortSignal) =>
    transport.send({ method: 'GET', url: connection.baseUrl + path, signal });
  return {
    transport,
    connection,
    tokens,
    fetchMetadata: async (signal: AbortSignal) => {
      await get('/oauth2/default/.well-known/openid-configuration', signal);
      return { issuer: 'https://emr.example.org/oauth2/default' };
    },
    fetchSmartConfiguration: (signal: AbortSignal) =>
      get('/apis/default/fhir/.well-known/smart-configuration', signal),
    readCertificate: () => Promise.resolve(certificate),
    now: () => startedAt,
    ...changes,
  };
}

const row = (result: { rows: readonly ConnectionTestRow[] }, id: ConnectionCheckId) =>
  result.rows.find((candidate) => candidate.id === id)!;
const statuses = (result: { rows: readonly ConnectionTestRow[] }) =>
  Object.fromEntries(result.rows.map(({ id, status }) => [id, status]));
const failing = (code: ConstructorParameters<typeof WorkbenchError>[0]) => () =>
  Promise.reject(new WorkbenchError(code));

describe('The connection test', () => {
  it('passes every check of a healthy 7.0 in four requests', async () => {
    const transport = openEmr();
    const seen: ConnectionTestRow[] = [];
    const result = await runConnectionTest(options(transport, { onRow: (finished) => seen.push(finished) }));
    assert.deepEqual(
      result.rows.map(({ id, status }) => `${id} ${status}`),
      connectionCheckIds.map((id) => `${id} pass`),
    );
    assert.deepEqual([result.passed, result.failed], [8, 0]);
    assert.equal(result.openEmrVersion, '7.0.4');
    assert.equal(result.fhirVersion, '4.0.1');
    assert.deepEqual(result.patientCount, { count: 107, isAtLeast: false });
    assert.deepEqual(result.scopesGranted, tokens.grantedScopes);
    assert.equal(result.startedAt, startedAt);
    assert.equal(transport.requests.length, 4);
    assert.equal(transport.mostAtOnce, 4);
    assert.deepEqual(new Set(seen), new Set(result.rows));
  });

  it('asks 8.2 once more, for its version', async () => {
    const transport = openEmr({ statement: { body: statement82, clockSkewMs: 7400 } });
    const result = await runConnectionTest(options(transport));
    assert.equal(transport.requests.length, 5);
    assert.equal(result.openEmrVersion, '8.2.0-dev');
    assert.equal(result.failed, 0);
    assert.equal(row(result, 'openEmrVersion').facts['source'], 'version-endpoint');
    assert.equal(row(result, 'capabilityStatement').facts['clockSkewSeconds'], 7);
  });

  it('tells facts, and nothing of a patient', async () => {
    const result = await runConnectionTest(options(openEmr()));
    assert.equal(row(result, 'token').facts['minutesLeft'], 42);
    assert.deepEqual(row(result, 'patientCount').facts, { count: 107, isAtLeast: false });
    assert.equal(row(result, 'discovery').facts['issuer'], 'https://emr.example.org/oauth2/default');
    assert.equal(row(result, 'certificate').facts['daysLeft'], 90);
    assert.doesNotMatch(JSON.stringify(result), /Hara|eyJ|a349cdaa/);
  });

  it('reads the certificate only when one of the four requests is over', async () => {
    const transport = openEmr({ patients: () => new Promise(() => undefined) });
    const abort = new AbortController();
    let besideTheCertificate = 0;
    await runConnectionTest({
      ...options(transport),
      signal: abort.signal,
      readCertificate: () => {
        besideTheCertificate = transport.running;
        abort.abort();
        return Promise.resolve(certificate);
      },
    });
    assert.equal(transport.mostAtOnce, 4);
    assert.ok(besideTheCertificate < 4);
  });

  describe('without a usable token', () => {
    it('fails the token and skips the patients when nobody is signed in', async () => {
      const transport = openEmr();
      const result = await runConnectionTest(options(transport, { tokens: undefined }));
      assert.equal(row(result, 'token').errorCode, 'token/none');
      assert.equal(row(result, 'patientRead').status, 'skipped');
      assert.equal(row(result, 'patientCount').errorCode, 'token/none');
      assert.equal(result.failed, 1);
      assert.deepEqual(result.scopesGranted, []);
      assert.ok(transport.urls.every((url) => !url.includes('/Patient')));
    });

    it('does not send an expired token', async () => {
      const transport = openEmr();
      const expired = { ...tokens, expiresAt: startedAt };
      const result = await runConnectionTest(options(transport, { tokens: expired }));
      assert.equal(row(result, 'token').status, 'fail');
      assert.equal(row(result, 'token').facts['isExpired'], true);
      assert.equal(row(result, 'patientRead').errorCode, 'fhir/token-refused');
      assert.ok(transport.urls.every((url) => !url.includes('/Patient')));
    });

    it('warns in the last minute', async () => {
      const ending = { ...tokens, expiresAt: startedAt + 59_000, patient: 'x' };
      const result = await runConnectionTest(options(openEmr(), { tokens: ending }));
      assert.equal(row(result, 'token').status, 'warn');
      assert.equal(row(result, 'token').facts['hasPatientContext'], true);
    });
  });

  describe('when patients cannot be read', () => {
    it('fails once with the reason and does not try a refresh', async () => {
      const transport = openEmr({ patients: () => ({ status: 401, body: fault82('Unauthorized') }) });
      const result = await runConnectionTest(options(transport));
      assert.equal(row(result, 'patientRead').errorCode, 'fhir/access-refused');
      assert.equal(row(result, 'patientRead').error?.details['resource'], 'Patient');
      assert.equal(row(result, 'patientCount').status, 'skipped');
      assert.equal(result.failed, 1);
      assert.equal(result.patientCount, undefined);
      assert.ok(transport.requests.every(({ method }) => method === 'GET'));
    });

    it('keeps the proof of the first page when a later one fails', async () => {
      const patients = ({ url }: HttpRequest) =>
        url.includes('_offset')
          ? { status: 401, body: unauthorised70('Access token has been revoked') }
          : { body: patientsAnswer(500, url) };
      const result = await runConnectionTest(options(openEmr({ patients })));
      assert.equal(row(result, 'patientRead').status, 'pass');
      assert.equal(row(result, 'patientCount').errorCode, 'fhir/token-refused');
    });

    it('warns where the answer is empty', async () => {
      const patients = ({ url }: HttpRequest) => ({ body: patientsAnswer(0, url) });
      const result = await runConnectionTest(options(openEmr({ patients })));
      assert.equal(row(result, 'patientRead').status, 'warn');
      assert.deepEqual(result.patientCount, { count: 0, isAtLeast: false });
    });
  });

  describe('when the server is wrong or away', () => {
    it('fails one check where nothing answers, skips the rest and does not wait for the search', async () => {
      const refused = new WorkbenchError('network/refused');
      const patients = () => new Promise<never>(() => undefined);
      const result = await runConnectionTest(
        options(openEmr({ statement: refused, patients }), {
          fetchMetadata: failing('network/refused'),
          fetchSmartConfiguration: failing('network/refused'),
          readCertificate: failing('network/refused'),
        }),
      );
      assert.deepEqual(statuses(result), {
        server: 'fail',
        certificate: 'skipped',
        discovery: 'skipped',
        capabilityStatement: 'skipped',
        openEmrVersion: 'skipped',
        token: 'pass',
        patientRead: 'skipped',
        patientCount: 'skipped',
      });
      assert.ok(result.rows.every(({ id, errorCode }) => id === 'token' || errorCode === 'network/refused'));
    });

    it('fails the certificate alone where it is not believed, and shows it', async () => {
      const untrusted = new WorkbenchError('tls/untrusted');
      const result = await runConnectionTest(
        options(openEmr({ statement: untrusted, patients: () => untrusted }), {
          fetchMetadata: failing('tls/untrusted'),
          fetchSmartConfiguration: failing('tls/untrusted'),
        }),
      );
      assert.equal(row(result, 'server').status, 'pass');
      assert.equal(row(result, 'certificate').status, 'fail');
      assert.equal(row(result, 'certificate').errorCode, 'tls/untrusted');
      assert.equal(row(result, 'certificate').facts['issuer'], 'Example CA');
      assert.equal(row(result, 'patientRead').status, 'skipped');
      assert.equal(result.failed, 1);
    });

    it('fails a single request that breaks as itself', async () => {
      const result = await runConnectionTest(
        options(openEmr({ statement: new WorkbenchError('network/timed-out') })),
      );
      assert.equal(row(result, 'server').status, 'pass');
      assert.equal(row(result, 'capabilityStatement').status, 'fail');
      assert.equal(row(result, 'capabilityStatement').errorCode, 'network/timed-out');
      assert.equal(row(result, 'openEmrVersion').status, 'pass');
    });

    it('shows what discovery contradicts', async () => {
      const mismatch = await runConnectionTest(
        options(openEmr(), { fetchMetadata: failing('discovery/issuer-mismatch') }),
      );
      assert.equal(row(mismatch, 'discovery').errorCode, 'discovery/issuer-mismatch');
      const noSmart = await runConnectionTest(
        options(openEmr(), { fetchSmartConfiguration: failing('discovery/not-found') }),
      );
      assert.equal(row(noSmart, 'discovery').status, 'warn');
      assert.equal(row(noSmart, 'discovery').facts['hasSmartConfiguration'], false);
    });

    it('warns where no version can be had', async () => {
      const silent = { ...statement82, fhirVersion: undefined };
      const version = { status: 401, body: unauthorised70('Missing "Authorization" header') };
      const result = await runConnectionTest(options(openEmr({ statement: { body: silent }, version })));
      assert.equal(row(result, 'capabilityStatement').status, 'warn');
      assert.equal(row(result, 'openEmrVersion').status, 'warn');
      assert.equal(result.openEmrVersion, undefined);
      const broken = openEmr({ statement: { body: silent }, version: new WorkbenchError('network/reset') });
      const other = await runConnectionTest(options(broken));
      assert.equal(row(other, 'openEmrVersion').errorCode, 'network/reset');
    });

    it('reports a defect as what it is', async () => {
      const result = await runConnectionTest(
        options(openEmr(), { fetchMetadata: () => Promise.reject(new TypeError('oops')) }),
      );
      assert.equal(row(result, 'discovery').errorCode, 'internal/unexpected');
    });
  });

  describe('the certificate', () => {
    it('has no part in plain http on this machine', async () => {
      const result = await runConnectionTest(
        options(openEmr(), { connection: { baseUrl: 'http://127.0.0.1:8300', site: 'default' } }),
      );
      assert.equal(row(result, 'certificate').status, 'skipped');
      assert.equal(row(result, 'certificate').errorCode, undefined);
      assert.equal(result.failed, 0);
    });

    it('passes unread, since the transport checks it', async () => {
      const { readCertificate, ...rest } = options(openEmr());
      assert.ok(readCertificate);
      const unread = await runConnectionTest(rest);
      assert.equal(row(unread, 'certificate').status, 'pass');
      const failed = await runConnectionTest(
        options(openEmr(), { readCertificate: failing('network/reset') }),
      );
      assert.equal(row(failed, 'certificate').status, 'pass');
    });

    it('warns two weeks before it ends', async () => {
      const ending = { ...certificate, validTo: startedAt + 13 * dayMs, isPinned: true };
      const result = await runConnectionTest(
        options(openEmr(), { readCertificate: () => Promise.resolve(ending) }),
      );
      assert.equal(row(result, 'certificate').status, 'warn');
      assert.equal(row(result, 'certificate').facts['isPinned'], true);
    });
  });

  describe('when it is cancelled', () => {
    it('keeps what is done, skips the rest at once and asks no more', async () => {
      const abort = new AbortController();
      const transport = openEmr({
        patients: ({ url }) =>
          url.includes('_offset') ? new Promise(() => undefined) : { body: patientsAnswer(500, url) },
      });
      const finished: string[] = [];
      const result = await runConnectionTest(
        options(transport, {
          signal: abort.signal,
          onRow: ({ id }) => {
            finished.push(id);
            if (finished.length === 7) abort.abort();
          },
        }),
      );
      assert.equal(row(result, 'patientRead').status, 'pass');
      assert.equal(row(result, 'patientCount').status, 'skipped');
      assert.equal(row(result, 'patientCount').errorCode, 'operation/cancelled');
      assert.equal(result.rows.length, 8);
    });

    it('makes no request when it was cancelled before', async () => {
      const transport = openEmr();
      const result = await runConnectionTest(options(transport, { signal: AbortSignal.abort() }));
      assert.deepEqual(transport.urls, []);
      assert.ok(
        result.rows.every(({ id, errorCode }) => id === 'token' || errorCode === 'operation/cancelled'),
      );
      assert.equal(result.rows.length, 8);
    });

    it('ends although an operation does not listen', async () => {
      const abort = new AbortController();
      const running = runConnectionTest(
        options(openEmr(), { signal: abort.signal, fetchMetadata: () => new Promise(() => undefined) }),
      );
      setTimeout(() => abort.abort(), 20);
      assert.equal(row(await running, 'discovery').errorCode, 'operation/cancelled');
    });
  });

  it('measures with the clock it is given', async () => {
    let time = startedAt;
    const result = await runConnectionTest(
      options(openEmr(), {
        now: () => time,
        fetchMetadata: async () => {
          await new Promise((resolve) => setImmediate(resolve));
          time += 31;
          return { issuer: 'x' };
        },
      }),
    );
    assert.equal(result.durationMs, 31);
    assert.equal(row(result, 'discovery').durationMs, 31);
  });
});
