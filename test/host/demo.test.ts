import assert from 'node:assert/strict';
import { parseDemoOptions } from '../../src/launch/demoOptions.ts';
import { runDemo } from '../../src/launch/demoRun.ts';
import { demoSteps } from '../../src/launch/demoResult.ts';
import { observedRun, type ObservedRun } from './observedRun.ts';

const sandboxPatients = 100;

const runs: readonly { readonly title: string; readonly args: readonly string[] }[] = [
  { title: 'era 8.2, loopback', args: ['--era', '8.2', '--callback', 'loopback'] },
  { title: 'era 7.0, loopback', args: ['--era', '7.0', '--callback', 'loopback'] },
  { title: 'era 8.2, uri-handler', args: ['--era', '8.2', '--callback', 'uri-handler'] },
  { title: 'era 8.2, paste', args: ['--era', '8.2', '--callback', 'paste'] },
];

for (const { title, args } of runs) {
  describe(`a person's way through VS Code: ${title}`, () => {
    let run: ObservedRun;
    before(async () => {
      run = await observedRun(args);
    });

    it('goes from a bare address to a verified connection and out again', () => {
      const { ok, reason, steps } = run.result;
      assert.deepEqual({ ok, reason }, { ok: true, reason: undefined });
      assert.deepEqual(
        steps.map(({ name }) => name),
        demoSteps,
      );
    });

    it('sees the version, the patients and the granted scopes of the server', () => {
      const { openemrVersion, patientCount, scopesGranted, era } = run.result;
      assert.ok(openemrVersion.startsWith(era), openemrVersion);
      assert.ok(patientCount >= sandboxPatients, String(patientCount));
      assert.ok(scopesGranted.includes('user/Patient.read'));
    });

    it('says a line a step', () => {
      assert.deepEqual(
        demoSteps.filter((step) => !run.lines.some((line) => line.includes(` ${step}: `))),
        [],
      );
    });

    it('leaves no token, secret, code or verifier behind', () => {
      assert.deepEqual(run.findings, []);
      assert.ok(run.storageRows > 0, 'nothing of the workbench was looked at');
    });

    it('would have found a code that was left behind', () => {
      assert.deepEqual(
        run.plantedFindings.map(({ where }) => where.endsWith('planted.log')),
        [true],
      );
    });
  });
}

describe('the demo against a server that it cannot use', () => {
  it('says that a browser host cannot use the uri-handler with a real OpenEMR', async () => {
    const options = parseDemoOptions(['--base-url', 'https://127.0.0.1:1', '--callback', 'uri-handler']);
    const result = await runDemo(options, { line: () => undefined });
    assert.equal(result.ok, false);
    assert.match(result.reason ?? '', /browser host cannot use/);
    assert.deepEqual(result.steps, []);
  });
});
