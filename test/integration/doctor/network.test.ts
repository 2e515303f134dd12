import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import type { DoctorReport } from '../../../src/core/doctor/doctor.ts';
import { examineAddress } from '../../doctor/patient.ts';
import { firstOf } from '../../doctor/scenarios.ts';
import { closeServers, startHttp, startTcp } from '../platform/servers.ts';

const limitMs = 800;
const html = { 'content-type': 'text/html' };

async function diagnosisOf(url: string): Promise<string> {
  const { check, rule } = firstOf(await examineAddress(url, { timeoutMs: limitMs }));
  return `${check}: ${rule}`;
}

const skippedOf = ({ results }: DoctorReport): string[] =>
  results.filter(({ skippedBecause }) => skippedBecause).map(({ id }) => id);

describe('The doctor on a bad network', () => {
  afterEach(closeServers);

  it('names a name that nobody knows, and says what it skipped for it', async () => {
    const report = await examineAddress('https://openemr.invalid', { timeoutMs: 5000 });
    assert.deepEqual(firstOf(report), { check: 'dns', rule: 'name-not-found' });
    assert.ok(skippedOf(report).includes('tls') && skippedOf(report).includes('fhirRead'));
    assert.equal(report.results.find(({ id }) => id === 'openid')?.skippedBecause, 'dns');
  });

  it('names a closed port', async () => {
    const server = await startTcp(() => undefined);
    await server.close();
    assert.equal(await diagnosisOf(server.url), 'tcp: port-closed');
  });

  it('names a server that takes the connection and says nothing, within its time limit', async () => {
    const server = await startTcp(() => undefined);
    const started = performance.now();
    assert.equal(await diagnosisOf(server.url), 'http: answer-too-slow');
    assert.ok(performance.now() - started < limitMs + 1000);
  });

  it('names a black hole behind https, within its time limit', async () => {
    const server = await startTcp(() => undefined);
    const started = performance.now();
    assert.equal(await diagnosisOf(server.url.replace('http:', 'https:')), 'tls: no-answer-in-time');
    assert.ok(performance.now() - started < limitMs + 1000);
  });

  it('names a connection that is reset', async () => {
    const server = await startTcp((socket) => socket.resetAndDestroy());
    assert.match(await diagnosisOf(server.url), /^(?:tcp|http): connection-broken-off$/);
  });

  it('names an answer that drips', async () => {
    const server = await startHttp((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const drip = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(drip));
    });
    assert.equal(await diagnosisOf(server.url), 'http: answer-too-slow');
  });

  it('names the login page of a network', async () => {
    const server = await startHttp((_, response) =>
      response.writeHead(200, html).end('<html>Sign in</html>'),
    );
    assert.equal(await diagnosisOf(server.url), 'http: network-login-page');
  });

  it('names a loop of redirects without walking in it', async () => {
    let requests = 0;
    const server = await startHttp((request, response) => {
      requests++;
      response.writeHead(302, { location: request.url ?? '/' }).end();
    });
    assert.equal(await diagnosisOf(server.url), 'http: sent-elsewhere');
    assert.ok(requests < 10);
  });

  it('names a gzip bomb without unpacking it', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '));
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const server = await startHttp((_, response) => response.writeHead(200, headers).end(bomb));
    assert.equal(await diagnosisOf(server.url), 'http: answer-too-large');
  });

  it('names a body over the limit', async () => {
    const server = await startHttp((_, response) => {
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(`["${'x'.repeat(6 * 1024 * 1024)}"]`);
    });
    assert.equal(await diagnosisOf(server.url), 'http: answer-too-large');
  });

  it('names an empty web server, and where OpenEMR is instead', async () => {
    const server = await startHttp((request, response) => {
      const isOpenEmr = request.url?.startsWith('/openemr/oauth2/default/');
      if (isOpenEmr) response.writeHead(200, { 'content-type': 'application/json' }).end('{"issuer":"x"}');
      else response.writeHead(404, html).end('<html>Not Found</html>');
    });
    const report = await examineAddress(server.url, { timeoutMs: limitMs });
    assert.deepEqual(firstOf(report), { check: 'webroot', rule: 'no-openemr-here' });
    assert.match(report.first?.diagnosis?.facts['suggestion'] ?? '', /\/openemr\.$/);
  });

  it('names a proxy that is gone, and asks the server nothing without it', async () => {
    const gone = await startTcp(() => undefined);
    await gone.close();
    const report = await examineAddress('https://emr.example.org', {
      proxyFor: () => `http://127.0.0.1:${gone.port}`,
      timeoutMs: limitMs,
    });
    assert.deepEqual(firstOf(report), { check: 'proxy', rule: 'proxy-failed' });
  });

  it('ends at once when it is cancelled', async () => {
    const server = await startTcp(() => undefined);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 100);
    const started = performance.now();
    const report = await examineAddress(server.url, { signal: controller.signal });
    assert.ok(report.wasCancelled);
    assert.ok(performance.now() - started < 1000);
    assert.equal(report.results.find(({ id }) => id === 'tcp')?.status, 'pass');
  });
});
