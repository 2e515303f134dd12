import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { host, type FakeDocument } from '../fakes/vscode.ts';
import { Uri } from '../fakes/vscodeValues.ts';
import type { FhirAsk, FhirPart, FhirView } from '../../src/protocol/fhirViews.ts';
import { generatedDataset } from '../../src/sandbox/fhir/generatedData.ts';
import { startSandbox, type RunningSandbox } from '../../src/sandbox/sandboxServer.ts';
import { leaksIn, personalValues } from '../fhir/personalData.ts';
import { admin, draftFor, until, WorkbenchWindow } from './workbenchWindow.ts';

const values = personalValues(generatedDataset());
const scopes = [
  'openid',
  'offline_access',
  'api:fhir',
  'fhirUser',
  'user/Patient.read',
  'user/Observation.read',
  'user/Person.read',
];

interface LensCommand {
  readonly title: string;
  readonly command: string;
  readonly arguments: readonly string[];
}

for (const era of ['7.0', '8.2'] as const) {
  describe(`The FHIR sections with an OpenEMR ${era}`, () => {
    let sandbox: RunningSandbox;
    let window: WorkbenchWindow;

    beforeEach(async () => {
      sandbox = await startSandbox({ era });
      window = await WorkbenchWindow.open();
      await window.connect(sandbox, { scopes });
      const outcome = await window.logIn(admin);
      assert.equal(outcome['kind'], 'done', JSON.stringify(outcome));
    });

    afterEach(async () => {
      await window.close();
      await sandbox.stop();
    });

    const ask = (question: FhirAsk) => window.request('fhir.ask', { ask: question });

    function view<P extends FhirPart>(part: P): Extract<FhirView, { part: P }> {
      const views = window.panel.posted.flatMap((message) => {
        const { type, view: posted } = message as { type: string; view: FhirView };
        return type === 'fhir.changed' && posted.part === part ? [posted] : [];
      });
      const last = views.at(-1);
      assert.ok(last, `no ${part} was shown`);
      return last as Extract<FhirView, { part: P }>;
    }

    const postedText = () => JSON.stringify(window.panel.posted);

    async function search(type: string): Promise<void> {
      await ask({ kind: 'open', section: 'explorer' });
      await ask({ kind: 'selectType', type });
      assert.deepEqual(await ask({ kind: 'search', type, values: [] }), { kind: 'done', message: '' });
    }

    it('shows where each permission stands, and tries every type with GET alone', async () => {
      await ask({ kind: 'open', section: 'scopes' });
      const row = view('scopes').rows.find(({ scope }) => scope === 'user/Patient.read');
      assert.deepEqual(
        [row?.supported, row?.registered, row?.requested, row?.granted],
        ['yes', 'yes', true, 'yes'],
      );
      await fetch(`${sandbox.baseUrl}/sandbox/log`, { method: 'DELETE' });
      assert.equal((await ask({ kind: 'probe' }))['kind'], 'done');
      const { rows, state } = view('matrix');
      assert.equal(state, 'done');
      assert.ok(rows.length >= 27);
      assert.equal(rows.find(({ type }) => type === 'Observation')?.search.verdict, 'allowed');
      const refused = rows.find(({ type }) => type === 'Condition');
      assert.equal(refused?.search.verdict, 'scope-missing');
      assert.match(refused.search.diagnosis, /user\/Condition\.read was not granted/);
      const log = (await (await fetch(`${sandbox.baseUrl}/sandbox/log`)).json()) as {
        method?: string;
        path?: string;
      }[];
      const toFhir = log.filter(({ path }) => path?.includes('/fhir/'));
      assert.ok(toFhir.length >= 50);
      assert.deepEqual([...new Set(toFhir.map(({ method }) => method))], ['GET']);
      assert.equal(view('timing').pictures.length, 1);
      assert.deepEqual(leaksIn(postedText(), values), []);
    });

    it("tells the role's refusal from a missing permission", async () => {
      await fetch(`${sandbox.baseUrl}/sandbox/faults/acl-refused`, { method: 'POST' });
      await ask({ kind: 'open', section: 'scopes' });
      await ask({ kind: 'probe' });
      const verdicts = (wanted: string) => {
        const row = view('matrix').rows.find(({ type }) => type === wanted);
        return [row?.search.verdict, row?.read.verdict];
      };
      assert.deepEqual(verdicts('Patient'), ['role-refused', 'role-refused']);
      assert.deepEqual(verdicts('Goal'), ['scope-missing', 'scope-missing']);
    });

    it('says what the token says without showing it', async () => {
      await ask({ kind: 'open', section: 'token' });
      const { tokens, canOpenUser, expiresAt } = view('token');
      assert.ok((expiresAt ?? 0) > Date.now());
      assert.equal(canOpenUser, true);
      for (const { checks } of tokens) {
        assert.ok(
          checks.every(({ tone }) => tone === 'good' || tone === 'neutral'),
          JSON.stringify(checks),
        );
      }
      assert.equal(/eyJ/.test(postedText()), false);
      await ask({ kind: 'openUser' });
      assert.match(documentAt(-1).uri.path, /\/Person\//);
    });

    it('asks for the keys of the server once a token, and no part of the refresh that it follows', async () => {
      await ask({ kind: 'open', section: 'token' });
      await fetch(`${sandbox.baseUrl}/sandbox/log`, { method: 'DELETE' });
      assert.equal((await window.request('session.refresh'))['kind'], 'done');
      const asked = async () => {
        const log = (await (await fetch(`${sandbox.baseUrl}/sandbox/log`)).json()) as { path?: string }[];
        return log.filter(({ path }) => path?.endsWith('/jwk')).length;
      };
      await until(asked);
      await ask({ kind: 'open', section: 'token' });
      assert.equal(await asked(), 1);
      const flows = (await window.request('doctor.open'))['flows'] as {
        kind: string;
        exchanges: { address: string }[];
      }[];
      const refresh = flows.find(({ kind }) => kind === 'refresh');
      assert.deepEqual(
        refresh?.exchanges.map(({ address }) => new URL(address).pathname.split('/').at(-1)),
        ['token'],
      );
    });

    it('hands out the access token after a question and takes it back', async () => {
      host.scriptedButtons.push(undefined, 'Copy');
      assert.equal((await ask({ kind: 'copyAccessToken' }))['kind'], 'cancelled');
      assert.equal(host.clipboard, '');
      assert.equal((await ask({ kind: 'copyAccessToken' }))['kind'], 'done');
      assert.match(host.clipboard, /^eyJ/);
      await window.close();
      assert.equal(host.clipboard, '');
    });

    it('masks records in table and document until somebody reveals one, or all after a question', async () => {
      await search('Patient');
      const { result, isSandbox } = view('explorer');
      assert.equal(isSandbox, false, 'this sandbox was not started by the window');
      assert.equal(result?.rows.length, 50);
      assert.ok(result.rows.every(({ isMasked }) => isMasked));
      await ask({ kind: 'openResource', index: 0 });
      const masked = documentAt(-1);
      assert.match(masked.getText(), /"resourceType": "Patient"/);
      assert.deepEqual(leaksIn(postedText() + masked.getText(), values), []);

      await ask({ kind: 'reveal', index: 0 });
      await until(() => (view('explorer').result?.rows[0]?.isMasked === false ? true : undefined));
      assert.equal(view('explorer').result?.rows[1]?.isMasked, true);
      assert.ok(leaksIn(await contentOf(masked), values).length > 3);

      await ask({ kind: 'reveal', index: 1 });
      await until(() => (view('explorer').result?.rows[1]?.isMasked === false ? true : undefined));
      await ask({ kind: 'mask', index: 0 });
      await until(() => (view('explorer').result?.rows[0]?.isMasked ? true : undefined));
      assert.equal(view('explorer').result?.rows[1]?.isMasked, false, 'the other one stays revealed');

      host.scriptedButtons.push(undefined, 'Reveal all');
      assert.equal((await ask({ kind: 'revealAll' }))['kind'], 'cancelled');
      assert.equal(view('explorer').isAllRevealed, false);
      await ask({ kind: 'revealAll' });
      await until(() => (view('explorer').isAllRevealed ? true : undefined));
      assert.ok(view('explorer').result?.rows.every(({ isMasked }) => !isMasked));

      await ask({ kind: 'maskAll' });
      await until(() => (view('explorer').result?.rows[1]?.isMasked ? true : undefined));
      assert.ok(view('explorer').result?.rows.every(({ isMasked }) => isMasked));
      assert.deepEqual(leaksIn(await contentOf(masked), values), []);
    });

    it('reads a record that is still open after a restart anew, masked', async () => {
      await search('Patient');
      await ask({ kind: 'reveal', index: 0 });
      await ask({ kind: 'openResource', index: 0 });
      const record = documentAt(-1);
      assert.ok(leaksIn(record.getText(), values).length > 3);
      await window.reload();
      await until(() => (leaksIn(record.getText(), values).length === 0 ? true : undefined));
      assert.match(record.getText(), /"resourceType": "Patient"/);
      assert.match((await lensOf(record)).title, /Masked\. Reveal this record/);
    });

    it('says why a record cannot be read, and reads it again on a click', async () => {
      await search('Patient');
      await fetch(`${sandbox.baseUrl}/sandbox/faults/server-error`, { method: 'POST' });
      await ask({ kind: 'openResource', index: 0 });
      const record = documentAt(-1);
      assert.match(record.getText(), /notShown/);
      const { title, command, arguments: target } = await lensOf(record);
      assert.match(title, /Read again/);
      await fetch(`${sandbox.baseUrl}/sandbox/faults/server-error`, { method: 'DELETE' });
      await host.commands.get(command)?.(...target);
      await until(() => (record.getText().includes('"resourceType": "Patient"') ? true : undefined));
      assert.match((await lensOf(record)).title, /Masked/);
    });

    it('shows how many there are where that is known, and else how many were loaded', async () => {
      const known = (type: string) => view('explorer').types.find((one) => one.type === type)?.known;
      const find = (type: string, values: { name: string; value: string }[], limit?: number) =>
        ask({ kind: 'search', type, values, ...(limit === undefined ? {} : { limit }) });
      await ask({ kind: 'open', section: 'explorer' });
      assert.deepEqual([known('Patient'), known('Observation')], ['', '']);
      await find('Patient', [{ name: 'gender', value: 'female' }]);
      assert.match(known('Patient') ?? '', /^\d+ loaded$/);
      await find('Observation', [], 50);
      assert.equal(known('Observation'), '50 loaded');
      await window.request('connection.test');
      await find('Patient', [{ name: 'gender', value: 'male' }]);
      assert.equal(known('Patient'), '120', 'what the connection test counted');
      await find('Observation', []);
      assert.match(known('Observation') ?? '', /^\d,\d{3}$/);
      await find('Observation', [], 50);
      assert.match(known('Observation') ?? '', /^\d,\d{3}$/, 'stays known');
    });

    it('follows references, and pages to the last record', async () => {
      await search('Observation');
      await ask({ kind: 'openResource', index: 0 });
      const provider = host.documentLinkProviders.at(-1) as {
        provideDocumentLinks(document: FakeDocument): { target: Uri }[];
      };
      const links = provider.provideDocumentLinks(documentAt(-1));
      const patient = links.find(({ target }) => target.path.includes('/Patient/'));
      assert.ok(patient);
      assert.match(await contentOf({ uri: patient.target }), /"resourceType": "Patient"/);
      const count = view('explorer').result?.count ?? 0;
      await ask({ kind: 'showRows', from: count - 1 });
      assert.equal(view('explorer').result?.rows.at(-1)?.index, count - 1);
    });

    it('exports a report in three formats that names nobody', async () => {
      await window.request('connection.test');
      await ask({ kind: 'probe' });
      for (const [format, pattern] of [
        ['markdown', /^# OpenEMR connection report/],
        ['json', /^\{/],
        ['junit', /^<\?xml/],
      ] as const) {
        host.chosenFile = Uri.file(`/report.${format}`);
        assert.equal((await ask({ kind: 'exportReport', format }))['kind'], 'done');
        const text = host.files.get(`/report.${format}`) ?? '';
        assert.match(text, pattern);
        assert.match(text, /Condition search/);
        assert.match(text, /Patients are counted/);
        assert.deepEqual(leaksIn(text, values), []);
        assert.equal(/eyJ|def50200/.test(text), false);
      }
    });

    it('lets go of records and of what was agreed to show when the connection is pointed at another server', async () => {
      await search('Patient');
      host.scriptedButtons.push('Reveal all');
      await ask({ kind: 'revealAll' });
      assert.equal(view('explorer').isAllRevealed, true);
      const other = await startSandbox({ era });
      try {
        const draft = draftFor(other, { scopes });
        await window.request('connection.save', { draft, confirmed: true });
        await until(() => (view('explorer').result ? undefined : true));
        assert.equal(view('explorer').isAllRevealed, false);
      } finally {
        await other.stop();
      }
    });

    it('keeps what came of a search that broke off, and no longer waits for more', async () => {
      await ask({ kind: 'open', section: 'explorer' });
      await fetch(`${sandbox.baseUrl}/sandbox/faults/truncated-answer`, { method: 'POST' });
      const outcome = await ask({ kind: 'search', type: 'Observation', values: [] });
      assert.equal(outcome['kind'], 'failed', JSON.stringify(outcome));
      const { result } = view('explorer');
      assert.ok(result && result.rows.length > 0);
      assert.equal(result.isRunning, false);
      assert.match(result.text, /ended early/);
    });

    async function lensOf(document: FakeDocument) {
      const provider = host.codeLensProviders.at(-1) as {
        provideCodeLenses(of: FakeDocument): Promise<{ command: LensCommand }[]>;
      };
      const [lens] = await provider.provideCodeLenses(document);
      assert.ok(lens, 'no lens');
      return lens.command;
    }

    function documentAt(index: number): FakeDocument {
      const document = host.virtualDocuments.at(index);
      assert.ok(document, 'no document was opened');
      return document;
    }

    async function contentOf({ uri }: Pick<FakeDocument, 'uri'>): Promise<string> {
      const provider = host.contentProviders.get('openemr-fhir');
      assert.ok(provider);
      return provider.provideTextDocumentContent(uri);
    }
  });
}

describe('The sandbox that the window started', () => {
  it('shows its records unmasked, with a badge', async () => {
    const window = await WorkbenchWindow.open();
    try {
      void window.command('startSandbox');
      await until(() => host.messages.find(({ text }) => /sandbox is ready/i.test(text)));
      await window.request('panel.ready');
      await window.logIn(admin, (url) => Promise.resolve(host.uriHandlers[0]?.handleUri(Uri.parse(url))));
      await window.request('fhir.ask', { ask: { kind: 'open', section: 'explorer' } });
      await window.request('fhir.ask', { ask: { kind: 'search', type: 'Patient', values: [], limit: 50 } });
      const posted = JSON.stringify(window.panel.posted.at(-2)) + JSON.stringify(window.panel.posted.at(-1));
      assert.match(posted, /"isSandbox":true/);
      assert.ok(leaksIn(posted, values).length > 3);
    } finally {
      await window.close();
    }
  });
});

describe('The matrix of a public client', () => {
  it('names the permission that such a client can have, and is forgotten with its login', async () => {
    const sandbox = await startSandbox({ era: '8.2' });
    const window = await WorkbenchWindow.open();
    try {
      const own = [
        'openid',
        'offline_access',
        'api:fhir',
        'fhirUser',
        'launch/patient',
        'patient/Patient.read',
      ];
      await window.connect(sandbox, { clientType: 'public', scopes: own });
      assert.equal((await window.logIn())['kind'], 'done');
      const ask = (question: FhirAsk) => window.request('fhir.ask', { ask: question });
      const matrix = () => {
        const views = (window.panel.posted as { view?: FhirView }[]).flatMap(({ view }) => view ?? []);
        return views.filter((view) => view.part === 'matrix').at(-1);
      };
      await ask({ kind: 'open', section: 'scopes' });
      await ask({ kind: 'probe' });
      const goal = matrix()?.rows.find(({ type }) => type === 'Goal');
      assert.match(goal?.search.diagnosis ?? '', /the permission patient\/Goal\.read was not granted/);
      await window.logIn();
      await until(() => (matrix()?.state === 'none' ? true : undefined));
    } finally {
      await window.close();
      await sandbox.stop();
    }
  });
});
