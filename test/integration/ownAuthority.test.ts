import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import { loadUndici } from '../../src/platform/undiciLoader.ts';
import type { PanelViewModel, PresentedError, TestReport } from '../../src/protocol/viewModels.ts';
import { startSandbox, type RunningSandbox } from '../../src/sandbox/sandboxServer.ts';
import { admin, draftFor, until, WorkbenchWindow } from '../adapters/workbenchWindow.ts';
import { makeCertificate, type TestCertificate } from '../fakes/certificates.ts';
import { host } from '../fakes/vscode.ts';

describe('A practice with a certificate authority of its own', () => {
  let authority: TestCertificate;
  let other: TestCertificate;
  let leaf: TestCertificate;
  let browserFetch: typeof fetch;
  let sandbox: RunningSandbox;
  let window: WorkbenchWindow;
  let caFile: string;

  before(async () => {
    authority = await makeCertificate({ commonName: 'Clinic CA', isAuthority: true });
    other = await makeCertificate({ commonName: 'Other CA', isAuthority: true });
    leaf = await makeCertificate({ commonName: 'emr', issuer: authority });
    const undici = await loadUndici();
    const dispatcher = new undici.Agent({ connect: { ca: authority.cert } });
    browserFetch = ((url: string, init: object) =>
      undici.fetch(url, { ...init, dispatcher })) as unknown as typeof fetch;
  });
  beforeEach(async () => {
    sandbox = await startSandbox({ tls: { key: leaf.key, cert: leaf.cert } });
    window = await WorkbenchWindow.open();
    caFile = join(window.storagePath, '..', 'clinic-ca.pem');
    await writeFile(caFile, authority.cert);
    await saveWithFile();
  });
  afterEach(async () => {
    await rm(caFile, { force: true });
    await window.close();
    await sandbox.stop();
  });

  /** The panel saves the connection; the administrator names the file in settings.json. */
  async function saveWithFile(): Promise<void> {
    await window.openPanel();
    await window.request('connection.save', { draft: draftFor(sandbox), confirmed: false });
    const [entry] = host.settings.get('openemr.connections') as object[];
    host.changeSetting('openemr.connections', [{ ...entry, caFile }]);
  }

  const discover = () => window.request('connection.discover', { draft: draftFor(sandbox) });
  const viewModel = async (): Promise<PanelViewModel> =>
    (await window.request<{ viewModel: PanelViewModel }>('panel.ready')).viewModel;

  async function registerAndEnable(): Promise<void> {
    const registered = await window.request('client.register', {
      draft: draftFor(sandbox),
      confirmed: false,
    });
    assert.equal(registered['kind'], 'registered', JSON.stringify(registered));
    const enable = `${sandbox.baseUrl}/sandbox/clients/${String(registered['clientId'])}/enable`;
    assert.ok((await browserFetch(enable, { method: 'POST' })).status < 300);
  }

  it('connects without a question, from the discovery to the logout', async () => {
    assert.equal((await discover())['kind'], 'found');
    await registerAndEnable();
    const loggedIn = await window.logIn({ ...admin, fetch: browserFetch });
    assert.equal(loggedIn['kind'], 'done', JSON.stringify(loggedIn));
    await window.request('connection.test');
    assert.deepEqual(
      lastReport().rows.filter(({ result }) => result === 'fail' || result === 'warning'),
      [],
    );
    assert.equal((await window.request('session.refresh'))['kind'], 'done');
    assert.equal((await window.request('session.logOut'))['kind'], 'done');
    const [entry] = host.settings.get('openemr.connections') as {
      caFile?: string;
      pinnedCertificate?: object;
    }[];
    assert.deepEqual(
      [entry?.caFile, entry?.pinnedCertificate],
      [caFile, undefined],
      'registering keeps the file',
    );
  });

  it('is told which file is missing or wrong, and the connection stays', async () => {
    for (const [spoil, expected] of [
      [() => rm(caFile), /clinic-ca\.pem/],
      [() => writeFile(caFile, 'hello'), /clinic-ca\.pem/],
      [() => writeFile(caFile, ''), /clinic-ca\.pem/],
    ] as const) {
      await writeFile(caFile, authority.cert);
      await window.reload();
      await window.openPanel();
      await spoil();
      const outcome = await discover();
      const error = outcome['error'] as PresentedError;
      assert.equal(outcome['kind'], 'failed', JSON.stringify(outcome));
      assert.match(`${error.happened} ${error.why} ${error.remedy}`, expected);
      assert.equal((await viewModel()).saved.name, 'Clinic A');
    }
  });

  it('is asked about a server that another authority vouches for', async () => {
    await writeFile(caFile, other.cert);
    await window.reload();
    await window.openPanel();
    const asked = await discover();
    assert.equal(asked['kind'], 'certificate');
    assert.equal((asked['error'] as PresentedError).code, 'tls/untrusted');
  });

  it('works again once the file is put right, without a restart', async () => {
    await writeFile(caFile, 'hello');
    await window.reload();
    await window.openPanel();
    assert.equal((await discover())['kind'], 'failed');
    await writeFile(caFile, authority.cert);
    await until(async () => ((await discover())['kind'] === 'found' ? true : undefined));
  });

  function lastReport(): TestReport {
    const shown = window.panel.posted.findLast((message) =>
      JSON.stringify(message).includes('"state":"done"'),
    );
    return (shown as { test: { report: TestReport } }).test.report;
  }
});
