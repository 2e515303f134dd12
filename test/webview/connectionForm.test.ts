import assert from 'node:assert/strict';
import { PanelPages, type OpenPanel } from './panelPage.ts';
import {
  certificate,
  discovery,
  emptyDraft,
  newConnection,
  savedConnection,
  savedDraft,
  signedIn,
} from './samples.ts';
import { ScriptedHost } from './scriptedHost.ts';

const typed = { ...emptyDraft, name: 'Clinic A', baseUrl: discovery.baseUrl };

describe('connection panel: form', () => {
  let pages: PanelPages;

  before(async () => (pages = await PanelPages.launch()));
  afterEach(() => pages.closePages());
  after(() => pages.close());

  async function open(host: ScriptedHost): Promise<OpenPanel> {
    const panel = await pages.open({ host });
    await panel.page.getByRole('tabpanel').waitFor();
    return panel;
  }

  it('has every control of the contract exactly once', async () => {
    for (const model of [newConnection(), signedIn()]) {
      const { page } = await open(new ScriptedHost(model));
      const exactlyOnce: [Parameters<typeof page.getByRole>[0], string[]][] = [
        ['textbox', ['Connection name', 'Base URL', 'Site', 'Client ID']],
        ['combobox', ['Client type', 'Callback']],
        ['group', ['Scopes']],
        ['checkbox', emptyDraft.scopes],
        [
          'button',
          ['Discover', 'Register client', 'Save', 'Log in', 'Test connection', 'Refresh token', 'Log out'],
        ],
        ['tab', ['Connection', 'Status', 'Test results']],
      ];
      for (const [role, names] of exactlyOnce) {
        for (const name of names) {
          assert.equal(await page.getByRole(role, { name, exact: true }).count(), 1, `${role} ${name}`);
        }
      }
      assert.equal(await page.getByLabel('Client secret', { exact: true }).count(), 1);
      const optionsOf = (name: string) =>
        page.getByLabel(name, { exact: true }).locator('option').allInnerTexts();
      assert.deepEqual(await optionsOf('Client type'), ['Confidential', 'Public']);
      assert.deepEqual(await optionsOf('Callback'), ['Automatic', 'VS Code URI', 'Loopback', 'Paste']);
    }
  });

  it('shows one primary button, for the next step', async () => {
    const primary = async (host: ScriptedHost) =>
      (await open(host)).page.locator('.button.primary').allInnerTexts();
    assert.deepEqual(await primary(new ScriptedHost(newConnection())), ['Discover']);
    const register = savedConnection({ step: 'register', saved: { ...savedDraft, clientId: '' } });
    assert.deepEqual(await primary(new ScriptedHost(register)), ['Register client']);
    assert.deepEqual(await primary(new ScriptedHost(savedConnection({ step: 'enable' }))), [
      'Open API Clients',
    ]);
    assert.deepEqual(await primary(new ScriptedHost(savedConnection())), ['Log in']);
    assert.deepEqual(await primary(new ScriptedHost(signedIn())), ['Test connection']);
    assert.deepEqual(await primary(new ScriptedHost(signedIn({ step: 'done' }))), []);
  });

  it('shows a problem beside its field once the field was touched, and names it to screen readers', async () => {
    const host = new ScriptedHost(newConnection()).answerWith('connection.validate', ({ draft }) => ({
      problems: draft.baseUrl.startsWith('https:')
        ? []
        : [{ field: 'baseUrl', severity: 'error', message: 'An address begins with https.' }],
    }));
    const panel = await open(host);
    const address = panel.textbox('Base URL');
    await panel.page.waitForTimeout(400);
    assert.equal(await panel.page.getByText('An address begins').count(), 0);
    await address.fill('ftp://nowhere');
    await panel.until('An address begins with https.');
    assert.equal(await address.getAttribute('aria-invalid'), 'true');
    const description = await address.evaluate(
      (input: { ariaDescribedByElements: { textContent: string }[] }) =>
        input.ariaDescribedByElements.map(({ textContent }) => textContent).join(' '),
    );
    assert.match(description, /An address begins with https\./);
    await address.fill('https://emr.example.org');
    await panel.page.getByText('An address begins').waitFor({ state: 'detached' });
    assert.equal(await address.getAttribute('aria-invalid'), null);
  });

  it('takes over what Discover found and offers the permissions of the server', async () => {
    const host = new ScriptedHost(newConnection({ saved: typed }));
    host.answerWith('connection.discover', ({ draft }) => {
      assert.equal(draft.baseUrl, 'emr.example.org/openemr/interface/login');
      return { kind: 'found', discovery };
    });
    const panel = await open(host);
    await panel.textbox('Base URL').fill('emr.example.org/openemr/interface/login');
    await panel.textbox('Base URL').press('Enter');
    await panel.until('OpenEMR 8.2.0 · FHIR 4.0.1');
    await panel.until(/names another issuer/);
    assert.equal(await panel.textbox('Base URL').inputValue(), discovery.baseUrl);
    assert.equal(await panel.page.locator('[data-discovery]').count(), 1);
    await panel.textbox('Find a permission').fill('condition');
    assert.deepEqual(await panel.page.getByRole('checkbox').evaluateAll(values), [
      'user/Condition.read',
      'patient/Condition.read',
    ]);
  });

  it('keeps what is typed while the server is being asked', async () => {
    const host = new ScriptedHost(newConnection({ saved: typed }));
    let answer: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      host.answerWith('connection.discover', () => {
        resolve();
        return new Promise((settle) => (answer = () => settle({ kind: 'found', discovery })));
      });
    });
    const panel = await open(host);
    await panel.button('Discover').click();
    await asked;
    await panel.textbox('Connection name').press('End');
    await panel.textbox('Connection name').pressSequentially(' and B');
    answer();
    await panel.until('What the server says');
    assert.equal(await panel.textbox('Connection name').inputValue(), 'Clinic A and B');
  });

  it('swaps the ticks with the client type, explains public and hides what such a client cannot have', async () => {
    const panel = await open(new ScriptedHost(newConnection()));
    const ticked = () => panel.page.getByRole('checkbox', { checked: true }).evaluateAll(values);
    await panel.page.getByRole('checkbox', { name: 'user/Encounter.read', exact: true }).uncheck();
    await panel.textbox('Client type').selectOption('Public');
    await panel.until('seen in the context of the patient chosen at login');
    assert.deepEqual(await ticked(), newConnection().defaultScopes.public);
    assert.equal(await panel.page.getByRole('checkbox', { name: /^user\// }).count(), 0);
    assert.equal(await panel.textbox('Client secret').isDisabled(), true);
    await panel.textbox('Client type').selectOption('Confidential');
    assert.deepEqual(
      await ticked(),
      emptyDraft.scopes.filter((scope) => scope !== 'user/Encounter.read'),
    );
  });

  it('sends the client secret with Save only, and forgets it', async () => {
    const host = new ScriptedHost(savedConnection({ hasClientSecret: false }));
    host.answerWith('connection.save', async () => {
      await host.change(savedConnection());
      return { kind: 'saved', connectionId: 'clinic-a' };
    });
    const panel = await open(host);
    await panel.textbox('Connection name').fill('Clinic B');
    await panel.textbox('Client secret').fill('s3cret-value');
    await panel.until('Unsaved changes');
    await panel.button('Save').click();
    await panel.until('Saved.');
    assert.equal(host.of('connection.save')[0]?.clientSecret, 's3cret-value');
    assert.equal(await panel.textbox('Client secret').inputValue(), '');
    await panel.page.getByText('stored', { exact: true }).waitFor();
    const others = host.requests.filter(({ type }) => type !== 'connection.save');
    assert.doesNotMatch(JSON.stringify([...panel.states, ...others]), /s3cret/);
    assert.match(JSON.stringify(panel.states), /Clinic B/, 'the unsaved form was kept meanwhile');
  });

  it('shows what was found out about a client that was entered by hand', async () => {
    const host = new ScriptedHost(savedConnection({ hasClientSecret: false }));
    host.answerWith('connection.save', async () => {
      await host.change(savedConnection());
      const found = { client: 'disabled', redirect: 'refused', secret: 'refused' } as const;
      return { kind: 'saved', connectionId: 'clinic-a', check: { kind: 'checked', ...found } };
    });
    const panel = await open(host);
    await panel.textbox('Client secret').fill('s3cret-value');
    await panel.button('Save').click();
    await panel.until('The client is known but not enabled yet.');
    await panel.until('The client secret is wrong.');
  });

  it('keeps the unsaved form over hiding and restarting', async () => {
    const host = new ScriptedHost(savedConnection());
    const draft = { ...savedDraft, name: 'Clinic Z' };
    const state = { version: 1, connectionId: 'clinic-a', section: 'connection', draft } as const;
    const panel = await pages.open({ host, state });
    await panel.until('Unsaved changes');
    assert.equal(await panel.textbox('Connection name').inputValue(), 'Clinic Z');
    await panel.button('Discard changes').click();
    assert.equal(await panel.textbox('Connection name').inputValue(), 'Clinic A');
    assert.deepEqual(panel.states.at(-1), { version: 1, connectionId: 'clinic-a', section: 'connection' });
  });

  it('merges a change from elsewhere with what is being typed', async () => {
    const host = new ScriptedHost(savedConnection());
    const panel = await open(host);
    await panel.textbox('Connection name').fill('Clinic B');
    await host.change(savedConnection({ saved: { ...savedDraft, clientId: 'new-client' } }));
    await panel.page.waitForFunction(`document.querySelector('#clientId').value === 'new-client'`);
    assert.equal(await panel.textbox('Connection name').inputValue(), 'Clinic B');
  });

  it('asks before a save that ends the login, and saves only after yes', async () => {
    const host = new ScriptedHost(signedIn());
    host.answerWith('connection.save', ({ confirmed }) =>
      confirmed
        ? { kind: 'saved', connectionId: 'clinic-a' }
        : { kind: 'signsOut', message: 'The login to Clinic A ends.' },
    );
    const panel = await open(host);
    await panel.textbox('Client ID').fill('other-client');
    await panel.button('Save').click();
    await panel.until('The login to Clinic A ends.');
    await panel.button('Keep editing').click();
    assert.equal(await panel.textbox('Client ID').inputValue(), 'other-client');
    assert.deepEqual(
      host.of('connection.save').map(({ confirmed }) => confirmed),
      [false],
    );
    await panel.button('Save').click();
    await panel.button('Save and sign out').click();
    await panel.until('Saved.');
    assert.equal(host.of('connection.save').at(-1)?.confirmed, true);
  });

  it('names refused permissions and leaves one out by one click', async () => {
    const error = {
      code: 'registration/scope-refused',
      happened: 'OpenEMR refused.',
      why: 'W.',
      remedy: 'R.',
    };
    const host = new ScriptedHost(newConnection({ saved: typed }));
    host.answer('client.register', { kind: 'scopesRefused', scopes: ['user/Encounter.read'], error });
    const panel = await open(host);
    await panel.button('Register client').click();
    await panel.button('Leave out user/Encounter.read').click();
    const checkbox = panel.page.getByRole('checkbox', { name: 'user/Encounter.read', exact: true });
    assert.equal(await checkbox.isChecked(), false);
    assert.equal(await panel.page.getByRole('alert').count(), 0);
  });

  it('leads from the registration to API Clients and looks again when the user comes back', async () => {
    const registered = savedConnection({ step: 'enable', clientState: 'disabled' });
    const host = new ScriptedHost(newConnection({ saved: typed }))
      .answer('client.openApiClients', { kind: 'done', message: 'OpenEMR was opened.' })
      .answerWith('client.register', async () => {
        await host.change(registered);
        return {
          kind: 'registered',
          connectionId: 'clinic-a',
          clientId: savedDraft.clientId,
          client: 'disabled',
        };
      })
      .answerWith('client.check', async () => {
        await host.change(savedConnection());
        return { kind: 'checked', client: 'enabled', redirect: 'accepted', secret: 'unclear' };
      });
    const panel = await open(host);
    await panel.button('Register client').click();
    await panel.until('API Clients → Edit (in the row "OpenEMR Workbench (Clinic A)") → Enable Client');
    assert.equal(await panel.textbox('Client ID').inputValue(), savedDraft.clientId);
    await panel.button('Open API Clients').click();
    await panel.until('OpenEMR was opened.');
    assert.deepEqual(await panel.page.locator('.button.primary').allInnerTexts(), ['Check again']);
    await panel.page.evaluate(`window.dispatchEvent(new Event('focus'))`);
    await panel.until('The client is known and enabled.');
    assert.deepEqual(await panel.page.locator('.button.primary').allInnerTexts(), ['Log in']);
    await panel.until('not in use: disable it in API Clients');
  });

  it('asks about a certificate and discovers again once it is trusted', async () => {
    const error = { code: 'tls/untrusted', happened: 'Not vouched for.', why: 'W.', remedy: 'R.' };
    const host = new ScriptedHost(newConnection({ saved: typed }));
    host.answer('connection.discover', { kind: 'certificate', certificate, error });
    host.answerWith('connection.trustCertificate', ({ sha256 }) => {
      assert.equal(sha256, certificate.sha256);
      host.answer('connection.discover', { kind: 'found', discovery });
      return { kind: 'done', message: 'Trusted.' };
    });
    const panel = await open(host);
    await panel.button('Discover').click();
    await panel.until(certificate.sha256);
    await panel.button('Do not trust').click();
    await panel.until('Nothing was sent to the server.');
    await panel.button('Discover').click();
    await panel.button('Trust this certificate').click();
    await panel.until('What the server says');
    assert.equal(await panel.button('Trust this certificate').count(), 0);
  });

  it('takes the user to the first field that keeps a save from happening', async () => {
    const host = new ScriptedHost(newConnection());
    host.answer('connection.save', {
      kind: 'invalid',
      problems: [{ field: 'baseUrl', severity: 'error', message: 'An address is needed.' }],
    });
    const panel = await open(host);
    await panel.button('Save').click();
    await panel.until('An address is needed.');
    assert.equal(await panel.page.evaluate(`document.activeElement.id`), 'baseUrl');
  });
});

function values(inputs: { value?: string }[]): (string | undefined)[] {
  return inputs.map(({ value }) => value);
}
