import assert from 'node:assert/strict';
import { concurrencyLimit } from '../../../src/core/fhir/concurrencyLimit.ts';
import { keptRuns, LatencyHistory } from '../../../src/core/fhir/latencyHistory.ts';
import { verdictOf } from '../../../src/core/fhir/probeVerdict.ts';
import { probeOrder, probeResources, probesAtATime } from '../../../src/core/fhir/resourceProbe.ts';
import { writeReport } from '../../../src/core/fhir/reportExport.ts';
import { CannedTransport } from './cannedTransport.ts';

const described = (...types: string[]) =>
  types.map((type) => ({ type, canSearch: true, canRead: true, searchParameters: [] }));
const login = { accessToken: 'token', grantedScopes: ['user/Patient.read', 'user/Encounter.read'] };
const many = described(...Array.from({ length: 20 }, (_, index) => `Type${String.fromCharCode(65 + index)}`));

describe('The probe matrix', () => {
  it('never has more than four requests on the way, and sends GET alone', async () => {
    const transport = new CannedTransport(() => ({ body: { resourceType: 'Bundle' } }));
    const rows = await probeResources({
      ...{ transport, fhirBaseUrl: 'https://emr.example.org/fhir', resources: many, login },
      limit: concurrencyLimit(probesAtATime),
    });
    assert.equal(rows.length, 20);
    assert.equal(transport.mostAtOnce, 4);
    assert.equal(transport.requests.length, 40);
    assert.ok(transport.requests.every(({ method, body }) => method === 'GET' && body === undefined));
  });

  it('tells of each search at once, and of each read when it is there', async () => {
    const transport = new CannedTransport(() => ({ body: { resourceType: 'Bundle' } }));
    const seen: string[] = [];
    await probeResources({
      ...{ transport, fhirBaseUrl: 'https://emr.example.org/fhir', resources: many, login },
      limit: concurrencyLimit(probesAtATime),
      onProgress: ({ type, read }) => seen.push(read ? `${type} read` : type),
    });
    assert.equal(seen.length, 40);
    assert.deepEqual(seen.slice(0, 4), ['TypeA', 'TypeB', 'TypeC', 'TypeD']);
    for (const { type } of many) assert.ok(seen.indexOf(type) < seen.indexOf(`${type} read`));
  });

  it('begins with what is granted, the slowest of the last run first', () => {
    const resources = described('Binary', 'Patient', 'Observation', 'Encounter');
    const order = probeOrder(resources, login, { Encounter: 80, Patient: 20, Observation: 900 });
    assert.deepEqual(
      order.map(({ type }) => type),
      ['Encounter', 'Patient', 'Observation', 'Binary'],
    );
  });

  it('does not refresh a token that is refused, and says so in every cell', async () => {
    const body = { error: 'access_denied', hint: 'Access token has been revoked' };
    const transport = new CannedTransport(() => ({ status: 401, body }));
    const rows = await probeResources({
      ...{ transport, fhirBaseUrl: 'https://emr.example.org/fhir', resources: described('Patient'), login },
      limit: concurrencyLimit(probesAtATime),
    });
    assert.deepEqual([rows[0]?.search.verdict, rows[0]?.read.verdict], ['token-refused', 'token-refused']);
    assert.ok(transport.urls.every((url) => url.includes('/fhir/Patient')));
  });

  it('stops when it is cancelled', async () => {
    const cancel = new AbortController();
    const transport = new CannedTransport(() => ({ body: { resourceType: 'Bundle' } }));
    const rows = await probeResources({
      ...{ transport, fhirBaseUrl: 'https://emr.example.org/fhir', resources: many, login },
      limit: concurrencyLimit(probesAtATime),
      signal: cancel.signal,
      onProgress: () => cancel.abort(),
    });
    assert.equal(rows.length, 20);
    assert.ok(rows.filter(({ read }) => read.verdict === 'cancelled').length >= 15);
    assert.ok(transport.requests.length < 30);
  });

  it('tells scope, context and role apart by what was granted', () => {
    const refused = { kind: 'refused', code: 'fhir/access-refused' } as const;
    assert.equal(verdictOf(refused, 'none'), 'scope-missing');
    assert.equal(verdictOf(refused, 'patient-without-context'), 'context-missing');
    assert.equal(verdictOf(refused, 'user'), 'role-refused');
    assert.equal(verdictOf(refused, 'patient'), 'role-refused');
    assert.equal(verdictOf({ kind: 'refused', code: 'http/server-error' }, 'user'), 'server-error');
    assert.equal(verdictOf({ kind: 'refused', code: 'network/timed-out' }, 'user'), 'unreachable');
    assert.equal(verdictOf({ kind: 'refused', code: 'fhir/not-found' }, 'user'), 'not-supported');
  });
});

describe('The history of times', () => {
  it('keeps the last ten runs of each kind and survives rubbish', async () => {
    const stored = new Map<string, unknown>([['openemr.latency.bad', { at: 'never' }]]);
    const history = new LatencyHistory({
      get: (key) => stored.get(key),
      update: (key, value) => Promise.resolve(void stored.set(key, value)),
    });
    assert.deepEqual(history.runs('bad', 'test'), []);
    for (let run = 1; run <= 13; run++) {
      await history.add('a', { at: run, kind: 'matrix', times: { Patient: run } });
      await history.add('a', { at: run, kind: 'test', times: { server: run } });
    }
    assert.equal(history.runs('a', 'matrix').length, keptRuns);
    assert.equal(history.runs('a', 'matrix')[0]?.at, 4);
    assert.deepEqual(history.last('a', 'test'), { server: 13 });
  });
});

describe('A report', () => {
  const report = {
    title: 'Report <of> "A" & B',
    facts: [['Address', 'https://emr.example.org']] as const,
    heads: ['Check', 'Result', 'ms', 'Meaning'] as const,
    parts: [
      {
        title: 'Test | one',
        cases: [
          {
            name: 'a|b\n# c',
            result: 'fail' as const,
            text: '</failure>',
            meaning: '\u0000]]>',
            durationMs: 12.345,
          },
          { name: 'skipped', result: 'skipped' as const, text: 'no' },
        ],
      },
    ],
  };

  it('stays well formed whatever its texts are', () => {
    const xml = writeReport(report, 'junit');
    assert.match(xml, /tests="2" failures="1" errors="0" skipped="1" time="0.012"/);
    assert.match(xml, /&lt;\/failure&gt;/);
    assert.equal(xml.includes('\u0000'), false);
    const markdown = writeReport(report, 'markdown');
    assert.match(markdown, /\| a\\\|b # c \|/);
    const json = JSON.parse(writeReport(report, 'json')) as { parts: { cases: { durationMs?: number }[] }[] };
    assert.equal(json.parts[0]?.cases[0]?.durationMs, 12);
  });
});
