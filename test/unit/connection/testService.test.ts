import { strict as assert } from 'node:assert';
import { WorkbenchError } from '../../../src/core/base/errors.ts';
import { TestService } from '../../../src/core/connection/testService.ts';
import type { ConnectionTestRow } from '../../../src/core/fhir/connectionTestRow.ts';
import { startSandbox, type RunningSandbox } from '../../../src/sandbox/sandboxServer.ts';
import { SharedMachine } from '../../fakes/coreWindow.ts';
import { signIn } from '../../fakes/personAtBrowser.ts';
import { RecordingUi, ServiceWindow } from '../../fakes/serviceWindow.ts';

describe('test service', () => {
  let sandbox: RunningSandbox;
  before(async () => {
    sandbox = await startSandbox();
  });
  after(() => sandbox.stop());

  it('tests a connection before and after the login, and remembers what it learnt', async () => {
    const machine = new SharedMachine();
    machine.clock.jump(Date.now() - machine.clock.now());
    const window = new ServiceWindow(machine);
    const connection = await window.connect(sandbox);
    const { connections, sessions, servers, progress } = window;
    const tests = new TestService({
      ...{ connections, sessions, servers, progress, clock: machine.clock },
      readCertificate: () => undefined,
    });
    const rows: ConnectionTestRow[] = [];
    const test = () => tests.test('c1', (row) => rows.push(row), new AbortController().signal);
    assert.equal(tests.lastResult('c1'), undefined);
    await test();
    assert.equal(progress.nextStep(connection, 'valid'), 'verify');

    const opened = window.nextPage();
    const login = sessions.logIn('c1', new RecordingUi(), new AbortController().signal);
    await fetch(await signIn(await opened, sandbox));
    await login;
    const result = await test();
    assert.equal(result.failed, 0);
    assert.ok((result.patientCount?.count ?? 0) >= 100);
    assert.equal(tests.lastResult('c1'), result);
    assert.equal(progress.nextStep(connection, 'valid'), 'done');
    assert.ok(rows.length >= result.rows.length);

    await fetch(`${sandbox.baseUrl}/sandbox/tokens/revoke`, { method: 'POST' });
    assert.ok((await test()).failed > 0);
    assert.notEqual(progress.nextStep(connection, 'valid'), 'done');

    assert.ok(tests.lastResult('c1'));
    await connections.save({ ...connection, baseUrl: 'https://other.example.org' }, { mayEndSession: true });
    assert.equal(tests.lastResult('c1'), undefined);
  });

  it('says of a login that could not be renewed why, and not that there is none', async () => {
    const machine = new SharedMachine();
    const window = new ServiceWindow(machine);
    await window.connect(sandbox);
    const { connections, sessions, servers, progress } = window;
    for (const code of ['network/dns', 'storage/behind', 'token/none'] as const) {
      const tests = new TestService({
        ...{ connections, sessions, servers, progress, clock: machine.clock },
        freshTokens: () => Promise.reject(new WorkbenchError(code)),
        readCertificate: () => undefined,
      });
      const { rows } = await tests.test('c1', () => undefined, new AbortController().signal);
      assert.equal(rows.find(({ id }) => id === 'token')?.errorCode, code);
      assert.equal(rows.find(({ id }) => id === 'patientRead')?.errorCode, code);
    }
  });

  it('reports unreadable tokens in its rows', async () => {
    const machine = new SharedMachine();
    const window = new ServiceWindow(machine);
    await window.connect(sandbox);
    machine.secrets.entries.set('openemr.tokens.c1', 'rubbish');
    const { connections, sessions, servers, progress } = window;
    const tests = new TestService({
      ...{ connections, sessions, servers, progress, clock: machine.clock },
      readCertificate: () => undefined,
    });
    const { patientCount } = await tests.test('c1', () => undefined, new AbortController().signal);
    assert.equal(patientCount, undefined);
  });
});
