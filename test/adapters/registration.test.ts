import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { PanelViewModel, TestReport } from '../../src/protocol/viewModels.ts';
import { startSandbox, type RunningSandbox } from '../../src/sandbox/sandboxServer.ts';
import { host } from '../fakes/vscode.ts';
import { admin, draftFor, enableClient, until, WorkbenchWindow } from './workbenchWindow.ts';

const savedConnections = () =>
  (host.settings.get('openemr.connections') ?? []) as { id: string; name: string; clientId?: string }[];

for (const era of ['7.0', '8.2'] as const) {
  describe(`The client of a connection to OpenEMR ${era}`, () => {
    let sandbox: RunningSandbox;
    let window: WorkbenchWindow;

    beforeEach(async () => {
      sandbox = await startSandbox({ era });
      window = await WorkbenchWindow.open();
    });
    afterEach(async () => {
      await window.close();
      await sandbox.stop();
    });

    const viewModel = async (): Promise<PanelViewModel> =>
      (await window.request<{ viewModel: PanelViewModel }>('panel.ready')).viewModel;

    /** A client that somebody registered without this workbench. */
    async function clientMadeByHand(): Promise<{ clientId: string; secret: string }> {
      const response = await fetch(`${sandbox.baseUrl}/oauth2/default/registration`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          application_type: 'private',
          client_name: 'Made by hand',
          contacts: ['it@clinic.test'],
          redirect_uris: ['http://127.0.0.1/callback'],
          token_endpoint_auth_method: 'client_secret_post',
          scope: draftFor(sandbox).scopes.join(' '),
        }),
      });
      const { client_id: clientId, client_secret: secret } = (await response.json()) as Record<
        string,
        string
      >;
      return { clientId: clientId ?? '', secret: secret ?? '' };
    }

    it('tells which permission the server refused, and is registered once that is left out', async () => {
      await window.openPanel();
      const draft = draftFor(sandbox);
      const scopes = [...draft.scopes, 'user/Spaceship.read'];
      const refused = await window.request('client.register', {
        draft: { ...draft, scopes },
        confirmed: false,
      });
      assert.equal(refused['kind'], 'scopesRefused', JSON.stringify(refused));
      assert.deepEqual(refused['scopes'], ['user/Spaceship.read']);
      assert.match((refused['error'] as { happened: string }).happened, /user\/Spaceship\.read/);

      const registered = await window.request('client.register', { draft, confirmed: false });
      assert.equal(registered['kind'], 'registered', JSON.stringify(registered));
      assert.deepEqual(
        savedConnections().map(({ name }) => name),
        ['Clinic A'],
      );
    });

    it('can be public, and then sees the one patient that was chosen at login', async () => {
      await window.connect(sandbox, { clientType: 'public' });
      const loggedIn = await window.logIn();
      assert.equal(loggedIn['kind'], 'done', JSON.stringify(loggedIn));
      const { session } = await viewModel();
      assert.equal(session.user, "One patient's records");
      await window.request('connection.test');
      const report = lastReport();
      assert.equal(report.context, 'patient');
      assert.deepEqual(
        report.rows.filter(({ result }) => result === 'fail').map(({ id, meaning }) => `${id}: ${meaning}`),
        [],
      );
      assert.ok(![...window.fake.secrets.entries.keys()].some((key) => key.includes('clientSecret')));
    });

    it('is refused to be public with the permissions of a staff member before the server is asked', async () => {
      await window.openPanel();
      const draft = draftFor(sandbox, { clientType: 'public', scopes: ['openid', 'user/Patient.read'] });
      const outcome = await window.request('client.register', { draft, confirmed: false });
      assert.equal(outcome['kind'], 'invalid');
      assert.match(JSON.stringify(outcome['problems']), /user\/Patient\.read/);
      assert.deepEqual(savedConnections(), []);
    });

    it('that was entered by hand is looked at when it is saved', async () => {
      const { clientId, secret } = await clientMadeByHand();
      await window.openPanel();
      const draft = draftFor(sandbox, { clientId });
      const save = (clientSecret: string) =>
        window.request('connection.save', { draft, clientSecret, confirmed: false });
      const saved = await save(secret);
      assert.equal(saved['kind'], 'saved');
      assert.deepEqual(saved['check'], {
        kind: 'checked',
        client: 'disabled',
        redirect: 'accepted',
        secret: 'unclear',
      });
      assert.equal((await viewModel()).clientState, 'disabled');
      await enableClient(sandbox, clientId);
      assert.deepEqual(await window.request('client.check'), {
        kind: 'checked',
        client: 'enabled',
        redirect: 'accepted',
        // 8.2 tells about the secret at the first real token request only.
        secret: era === '7.0' ? 'accepted' : 'unclear',
      });
      assert.equal((await viewModel()).step, 'logIn');
      assert.equal((await window.logIn())['kind'], 'done');
    });

    it('with a wrong secret is told so by the check and by the login', async () => {
      const { clientId } = await clientMadeByHand();
      await enableClient(sandbox, clientId);
      await window.openPanel();
      const draft = draftFor(sandbox, { clientId });
      await window.request('connection.save', { draft, clientSecret: 'made-up', confirmed: false });
      const check = await window.request('client.check');
      assert.equal(check['kind'], 'checked');
      assert.equal(check['secret'], era === '7.0' ? 'refused' : 'unclear');
      const outcome = await window.logIn();
      assert.equal((outcome['error'] as { code: string }).code, 'grant/client-refused');
    });

    it('that nobody registered is told apart or left open, never called usable', async () => {
      await window.openPanel();
      const draft = draftFor(sandbox, { clientId: 'nobody-knows-me' });
      await window.request('connection.save', { draft, clientSecret: 'made-up', confirmed: false });
      const check = await window.request('client.check');
      assert.match(String(check['client']), /^(unregistered|unclear)$/);
      assert.notEqual(check['redirect'], 'accepted');
    });

    it('without its secret cannot log in and says where to enter it', async () => {
      const { clientId } = await clientMadeByHand();
      await window.openPanel();
      await window.request('connection.save', { draft: draftFor(sandbox, { clientId }), confirmed: false });
      const outcome = await window.request('session.logIn');
      const error = outcome['error'] as { code: string; action: { id: string } };
      assert.deepEqual([error.code, error.action.id], ['connection/secret-missing', 'configure']);
    });

    it('is not changed under a login without a word', async () => {
      const connectionId = await window.connect(sandbox);
      await window.logIn();
      const clientId = savedConnections()[0]?.clientId ?? '';
      const draft = draftFor(sandbox, { clientId, scopes: ['openid', 'api:fhir', 'user/Patient.read'] });
      const asked = await window.request('connection.save', { draft, confirmed: false });
      assert.equal(asked['kind'], 'signsOut');
      assert.ok(window.fake.secrets.entries.has(`openemr.tokens.${connectionId}`));
      assert.equal((await window.request('connection.save', { draft, confirmed: true }))['kind'], 'saved');
      assert.equal(window.fake.secrets.entries.has(`openemr.tokens.${connectionId}`), false);
      await until(() => (/signed out/.test(window.statusText) ? true : undefined));
      assert.equal((await viewModel()).hasClientSecret, true);
    });

    it('keeps its login when a new registration was refused', async () => {
      const connectionId = await window.connect(sandbox);
      await window.logIn();
      const clientId = savedConnections()[0]?.clientId ?? '';
      const draft = draftFor(sandbox, { clientId, scopes: ['openid', 'user/Spaceship.read'] });
      const asked = await window.request('client.register', { draft, confirmed: false });
      assert.equal(asked['kind'], 'signsOut');
      const refused = await window.request('client.register', { draft, confirmed: true });
      assert.equal(refused['kind'], 'scopesRefused');
      assert.ok(window.fake.secrets.entries.has(`openemr.tokens.${connectionId}`));
      assert.equal(savedConnections()[0]?.clientId, clientId);
    });

    it('is replaced by a new registration, which lists the former one as superfluous', async () => {
      const connectionId = await window.connect(sandbox);
      await window.logIn(admin);
      const clientId = savedConnections()[0]?.clientId ?? '';
      const draft = draftFor(sandbox, { clientId });
      const registered = await window.request('client.register', { draft, confirmed: true });
      assert.equal(registered['kind'], 'registered');
      assert.equal(window.fake.secrets.entries.has(`openemr.tokens.${connectionId}`), false);
      const { clients } = await viewModel();
      assert.deepEqual(
        clients.map((client) => [client.clientId, client.isCurrent]),
        [
          [registered['clientId'], true],
          [clientId, false],
        ],
      );
    });

    function lastReport(): TestReport {
      const shown = window.panel.posted.findLast((message) =>
        JSON.stringify(message).includes('"state":"done"'),
      );
      return (shown as { test: { report: TestReport } }).test.report;
    }
  });
}
