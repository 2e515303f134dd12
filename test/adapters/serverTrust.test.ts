import assert from 'node:assert/strict';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import { loadUndici } from '../../src/platform/undiciLoader.ts';
import type { CertificateView, DiscoveryView } from '../../src/protocol/viewModels.ts';
import { startSandbox, type RunningSandbox } from '../../src/sandbox/sandboxServer.ts';
import { makeCertificate, type TestCertificate } from '../fakes/certificates.ts';
import { host } from '../fakes/vscode.ts';
import { admin, draftFor, until, WorkbenchWindow } from './workbenchWindow.ts';

describe('A server with a certificate of its own', () => {
  let certificate: TestCertificate;
  let other: TestCertificate;
  /** A browser whose user clicked the warning away. */
  let carelessFetch: typeof fetch;
  let sandbox: RunningSandbox;
  let window: WorkbenchWindow;

  before(async () => {
    [certificate, other] = await Promise.all([makeCertificate(), makeCertificate()]);
    const undici = await loadUndici();
    const dispatcher = new undici.Agent({ connect: { rejectUnauthorized: false } });
    carelessFetch = ((url: string, init: object) =>
      undici.fetch(url, { ...init, dispatcher })) as unknown as typeof fetch;
  });

  async function start(tls: TestCertificate, port = 0, hostName = '127.0.0.1'): Promise<void> {
    sandbox = await startSandbox({ tls, port, hostName });
  }

  beforeEach(async () => {
    await start(certificate);
    window = await WorkbenchWindow.open();
  });
  afterEach(async () => {
    await window.close();
    await sandbox.stop();
  });

  const discover = (baseUrl = sandbox.baseUrl) =>
    window.request('connection.discover', { draft: draftFor({ baseUrl }) });

  const trust = (baseUrl = sandbox.baseUrl, sha256 = certificate.sha256) =>
    window.request('connection.trustCertificate', { draft: draftFor({ baseUrl }), sha256 });

  const enable = (clientId: unknown) =>
    carelessFetch(`${sandbox.baseUrl}/sandbox/clients/${String(clientId)}/enable`, { method: 'POST' });

  async function registerAndEnable(baseUrl = sandbox.baseUrl): Promise<string> {
    const draft = draftFor({ baseUrl });
    const registered = await window.request('client.register', { draft, confirmed: false });
    assert.equal(registered['kind'], 'registered', JSON.stringify(registered));
    await enable(registered['clientId']);
    return String(registered['connectionId']);
  }

  it('is used for everything once its certificate was looked at and trusted', async () => {
    await window.openPanel();
    const asked = await discover();
    assert.equal(asked['kind'], 'certificate', JSON.stringify(asked));
    const shown = asked['certificate'] as CertificateView;
    assert.equal(shown.sha256, certificate.sha256);
    assert.equal(shown.selfSigned, true);
    assert.equal((asked['error'] as { code: string }).code, 'tls/untrusted');

    assert.equal((await trust())['kind'], 'done');
    assert.equal((await discover())['kind'], 'found');
    await registerAndEnable();
    const loggedIn = await window.logIn({ ...admin, fetch: carelessFetch });
    assert.equal(loggedIn['kind'], 'done', JSON.stringify(loggedIn));
    await window.request('connection.test');
    const shownTest = JSON.stringify(
      window.panel.posted.findLast((posted) => /"done"/.test(JSON.stringify(posted))),
    );
    assert.match(shownTest, /"id":"certificate"[^}]*"result":"pass"/);
    assert.doesNotMatch(shownTest, /"result":"fail"/);
    assert.equal((await window.request('session.logOut'))['kind'], 'done');
  });

  it('is not trusted when it shows another certificate than the one on the screen', async () => {
    await window.openPanel();
    const outcome = await trust(sandbox.baseUrl, other.sha256);
    assert.equal((outcome['error'] as { code: string }).code, 'tls/certificate-changed');
    assert.equal((await discover())['kind'], 'certificate');
  });

  it('is refused once its certificate changed, until that one is trusted', async () => {
    await window.openPanel();
    await trust();
    await registerAndEnable();
    const { port } = new URL(sandbox.baseUrl);
    await sandbox.stop();
    await start(other, Number(port));

    await window.request('connection.test');
    const asked = await discover();
    assert.equal(asked['kind'], 'certificate');
    assert.equal((asked['error'] as { code: string }).code, 'tls/certificate-changed');
    assert.equal((asked['certificate'] as CertificateView).sha256, other.sha256);

    const command = window.command('logIn');
    const message = await until(() => host.messages.at(-1));
    assert.match(message.text, /another certificate than the one you trusted/);
    message.press('Look at the new certificate');
    const question = await until(() => host.messages[1]);
    assert.match(question.options.detail ?? '', new RegExp(other.sha256));
    question.press('Trust this certificate');
    await command;
    await until(async () => ((await discover())['kind'] === 'found' ? true : undefined));
  });

  it('can be trusted by the command, for a connection that was set up before', async () => {
    await window.openPanel();
    await window.request('connection.save', { draft: draftFor(sandbox), confirmed: false });
    host.scriptedButtons.push(undefined);
    await window.command('trustServerCertificate');
    assert.equal((await discover())['kind'], 'certificate', 'closing the question means no');
    host.scriptedButtons.push('Trust this certificate');
    await window.command('trustServerCertificate');
    assert.match(host.statusBarMessages.at(-1) ?? '', /trusted from now on/);
    assert.equal((await discover())['kind'], 'found');
  });

  it('is trusted under the name it gives itself too', async () => {
    const { port } = new URL(sandbox.baseUrl);
    await sandbox.stop();
    await start(certificate, Number(port), 'localhost');
    const typed = `https://127.0.0.1:${port}`;
    await window.openPanel();
    assert.equal((await discover(typed))['kind'], 'certificate');
    await trust(typed);
    const found = await discover(typed);
    assert.equal(found['kind'], 'found', JSON.stringify(found));
    const { baseUrl } = found['discovery'] as DiscoveryView;
    assert.equal(baseUrl, sandbox.baseUrl);
    await registerAndEnable(baseUrl);
    const loggedIn = await window.logIn({ ...admin, fetch: carelessFetch });
    assert.equal(loggedIn['kind'], 'done', JSON.stringify(loggedIn));
  });

  it('is asked about by its own certificate after the address was changed to it', async () => {
    const former = await startSandbox({ tls: other });
    await window.openPanel();
    await trust(former.baseUrl, other.sha256);
    await window.request('connection.save', { draft: draftFor(former), confirmed: false });
    const asked = await discover();
    assert.equal((asked['error'] as { code: string }).code, 'tls/untrusted');
    await former.stop();
  });

  it('is trusted for the form only in which somebody trusted it', async () => {
    await window.openPanel();
    await trust();
    window.panel.dispose();
    await window.openNewPanel();
    assert.equal((await discover())['kind'], 'certificate');
    await window.request('connection.save', { draft: draftFor(sandbox), confirmed: false });
    const [saved] = host.settings.get('openemr.connections') as { pinnedCertificate?: object }[];
    assert.equal(saved?.pinnedCertificate, undefined);
  });

  it('shows the old fingerprint beside the new one, and forgets a trust that is taken back', async () => {
    await window.openPanel();
    await trust();
    await registerAndEnable();
    const { port } = new URL(sandbox.baseUrl);
    await sandbox.stop();
    await start(other, Number(port));

    host.scriptedButtons.push(undefined);
    await window.command('trustServerCertificate');
    const detail = host.messages.findLast(({ options }) => options.modal)?.options.detail ?? '';
    assert.ok(detail.includes(other.sha256) && detail.includes(certificate.sha256), detail);
    assert.match(detail, /not the one that you trusted before/);

    assert.equal((await window.request('certificate.forget'))['kind'], 'done');
    const [saved] = host.settings.get('openemr.connections') as { pinnedCertificate?: object }[];
    assert.equal(saved?.pinnedCertificate, undefined);
  });
});
