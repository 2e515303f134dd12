import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { DiscoveryView, FieldProblem } from '../../src/protocol/viewModels.ts';
import { startSandbox, type RunningSandbox } from '../../src/sandbox/sandboxServer.ts';
import { host } from '../fakes/vscode.ts';
import { draftFor, WorkbenchWindow } from './workbenchWindow.ts';

describe('The address of a server', () => {
  let sandbox: RunningSandbox;
  let window: WorkbenchWindow;

  beforeEach(async () => {
    sandbox = await startSandbox({ hostName: 'localhost' });
    window = await WorkbenchWindow.open();
    await window.openPanel();
  });
  afterEach(async () => {
    await window.close();
    await sandbox.stop();
  });

  const typedAddress = () => sandbox.baseUrl.replace('localhost', '127.0.0.1');
  const discover = async (baseUrl: string, site = 'default') =>
    window.request('connection.discover', { draft: draftFor({ baseUrl }, { site }) });
  const putSettings = (settings: object) =>
    fetch(`${typedAddress()}/sandbox/settings`, { method: 'PUT', body: JSON.stringify(settings) });
  const validate = async (change: object): Promise<FieldProblem[]> => {
    const { problems } = await window.request<{ problems: FieldProblem[] }>('connection.validate', {
      draft: draftFor(sandbox, change),
    });
    return problems;
  };

  it("gives way to the server's own name where that works, and the difference is told", async () => {
    const found = await discover(typedAddress());
    assert.equal(found['kind'], 'found', JSON.stringify(found));
    const discovery = found['discovery'] as DiscoveryView;
    assert.equal(discovery.baseUrl, sandbox.baseUrl);
    assert.match(discovery.contradictions.join('\n'), /localhost.*127\.0\.0\.1.*Site Address Override/);
    await window.connect(sandbox);
    assert.equal((await window.logIn())['kind'], 'done');
  });

  it("is kept where the server's own name leads nowhere; registering then says what to correct", async () => {
    await putSettings({ site_addr_oath: 'http://127.0.0.1:1' });
    const found = await discover(typedAddress());
    const discovery = found['discovery'] as DiscoveryView;
    assert.equal(discovery.baseUrl, typedAddress());
    assert.match(discovery.contradictions.join('\n'), /127\.0\.0\.1:1/);
    const draft = draftFor({ baseUrl: typedAddress() });
    const outcome = await window.request('client.register', { draft, confirmed: false });
    const error = outcome['error'] as { code: string; remedy: string };
    assert.equal(error.code, 'discovery/issuer-mismatch');
    assert.match(error.remedy, /Site Address Override/);
    assert.equal(host.settings.get('openemr.connections'), undefined);
  });

  it('can be a page of OpenEMR', async () => {
    const found = await discover(`${sandbox.baseUrl}/interface/login/login.php?site=default`);
    assert.equal((found['discovery'] as DiscoveryView).baseUrl, sandbox.baseUrl);
  });

  it('is refused before anything is sent where it cannot be one', async () => {
    for (const baseUrl of [
      '',
      'javascript:alert(1)',
      'http://emr.example.org',
      'https://a:b@emr.example.org',
    ]) {
      const outcome = await discover(baseUrl);
      assert.equal(outcome['kind'], 'invalid', baseUrl);
      assert.equal((outcome['problems'] as FieldProblem[])[0]?.field, 'baseUrl');
    }
  });

  it('of no OpenEMR is explained', async () => {
    assert.equal((await discover(`${sandbox.baseUrl}/nowhere`))['kind'], 'failed');
    const unknownSite = await discover(sandbox.baseUrl, 'branch');
    assert.equal(unknownSite['kind'], 'failed');
    assert.equal((await discover('http://127.0.0.1:1'))['kind'], 'failed');
  });

  it('and the rest of the form are checked while they are typed', async () => {
    const errors = (problems: FieldProblem[]) =>
      problems.filter(({ severity }) => severity === 'error').map(({ field }) => field);
    assert.deepEqual(await validate({}), []);
    assert.deepEqual(errors(await validate({ name: ' ' })), ['name']);
    assert.deepEqual(errors(await validate({ name: 'n'.repeat(81) })), ['name']);
    assert.deepEqual(errors(await validate({ baseUrl: 'http://emr.example.org' })), ['baseUrl']);
    assert.deepEqual(errors(await validate({ site: 'no/site' })), ['site']);
    assert.deepEqual(errors(await validate({ clientId: 'with blank' })), ['clientId']);
    assert.deepEqual(errors(await validate({ scopes: [] })), ['scopes']);
    assert.deepEqual(errors(await validate({ clientType: 'public', scopes: ['system/Patient.read'] })), [
      'scopes',
    ]);
    const [hint] = await validate({ baseUrl: `${sandbox.baseUrl}/` });
    assert.equal(hint?.severity, 'hint');
    assert.match(hint.message, new RegExp(`${sandbox.baseUrl}$`));
  });

  it('cannot be saved under the name of another connection', async () => {
    await window.request('connection.save', { draft: draftFor(sandbox), confirmed: false });
    await window.openNewPanel();
    const outcome = await window.request('connection.save', { draft: draftFor(sandbox), confirmed: false });
    assert.equal(outcome['kind'], 'invalid');
    assert.equal((host.settings.get('openemr.connections') as unknown[]).length, 1);
  });

  it('stays unsaved, with a reason, where the settings cannot be written', async () => {
    host.settingsWriteError = new Error('settings.json has errors');
    const outcome = await window.request('connection.save', { draft: draftFor(sandbox), confirmed: false });
    assert.equal((outcome['error'] as { code: string }).code, 'storage/write-failed');
  });
});
