import assert from 'node:assert/strict';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { parseDemoOptions } from '../../src/launch/demoOptions.ts';
import { runDemo } from '../../src/launch/demoRun.ts';
import type { DemoResult } from '../../src/launch/demoResult.ts';
import { projectRoot } from '../../src/launch/paths.ts';
import { startSandbox } from '../../src/sandbox/sandboxServer.ts';
import type { RunningSandbox } from '../../src/sandbox/sandboxServer.ts';

async function selfSigned(): Promise<{ key: string; cert: string }> {
  const pems = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  return { key: pems.private, cert: pems.cert };
}

const demo = (args: readonly string[]): Promise<DemoResult> =>
  runDemo(parseDemoOptions(args), {
    line: () => undefined,
    screenshots: join(projectRoot, 'test-results', 'own-server'),
  });

describe('the demo against a server of one’s own', () => {
  let server: RunningSandbox;

  before(async () => {
    server = await startSandbox({ era: '7.0', tls: await selfSigned() });
  });
  after(() => server.stop());

  it('looks at a self-signed certificate, trusts it and enables the client by a command', async () => {
    const command = `"${process.execPath}" "${join(import.meta.dirname, 'enableClient.mjs')}" ${server.baseUrl} {clientId}`;
    const args = ['--base-url', server.baseUrl, '--trust-certificate', '--after-register', command];
    const { ok, reason, era, patientCount } = await demo(args);
    assert.deepEqual(
      { ok, reason, era, patientCount },
      { ok: true, reason: undefined, era: '7.0', patientCount: 120 },
    );
  });

  it('says so where the client stays disabled', async () => {
    const { ok, reason, steps } = await demo(['--base-url', server.baseUrl, '--trust-certificate']);
    assert.equal(ok, false);
    assert.match(reason ?? '', /enabled/);
    assert.equal(steps.at(-1)?.name, 'enable');
  });

  it('does not get past a certificate that it was not told to trust', async () => {
    const { ok, reason, steps } = await demo(['--base-url', server.baseUrl]);
    assert.equal(ok, false);
    assert.match(reason ?? '', /certificate/i);
    assert.deepEqual(
      steps.map(({ name }) => name),
      ['configure'],
    );
  });
});
