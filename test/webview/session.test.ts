import assert from 'node:assert/strict';
import { bundlePage, PanelPages, type OpenPanel } from './panelPage.ts';
import { failure, newConnection, savedConnection, signedIn, testReport, testRows } from './samples.ts';
import { ScriptedHost } from './scriptedHost.ts';

describe('connection panel: login and test', () => {
  let pages: PanelPages;

  before(async () => (pages = await PanelPages.launch()));
  afterEach(() => pages.closePages());
  after(() => pages.close());

  async function open(host: ScriptedHost): Promise<OpenPanel> {
    const panel = await pages.open({ host });
    await panel.page.getByRole('tabpanel').waitFor();
    return panel;
  }

  it('shows a failure in three sentences with its button and the facts under Details', async () => {
    const host = new ScriptedHost(savedConnection())
      .answer('session.logIn', { kind: 'failed', error: failure })
      .answer('action.run', { kind: 'done', message: 'The client is enabled.', show: { section: 'status' } });
    const panel = await open(host);
    await panel.button('Log in').click();
    const alert = panel.page.getByRole('alert');
    await alert.waitFor();
    for (const sentence of [failure.happened, failure.why, failure.remedy]) {
      assert.ok((await alert.innerText()).includes(sentence));
    }
    assert.equal(await alert.getByText('status: 401').isVisible(), false);
    await alert.getByText('Details').click();
    assert.equal(await alert.getByText('status: 401').isVisible(), true);
    await panel.button('Wait until it is enabled').click();
    await panel.page.getByRole('status').getByText('The client is enabled.').waitFor();
    assert.equal(host.of('action.run')[0]?.actionId, 'waitUntilEnabled');
    assert.equal(await panel.tab('Status').getAttribute('aria-selected'), 'true');
  });

  it('brings a failure into view for who had scrolled down the form', async () => {
    const host = new ScriptedHost(savedConnection()).answer('session.logIn', {
      kind: 'failed',
      error: failure,
    });
    const panel = await open(host);
    await panel.textbox('Client secret').scrollIntoViewIfNeeded();
    assert.notEqual(await panel.page.evaluate('scrollY'), 0);
    await panel.button('Log in').click();
    await panel.page.getByRole('alert').waitFor();
    await panel.page.waitForFunction(`scrollY === 0`);
  });

  it('keeps no finding that the login has overtaken', async () => {
    const found = { client: 'enabled', redirect: 'accepted', secret: 'unclear' } as const;
    const host = new ScriptedHost(savedConnection({ step: 'enable', clientState: 'disabled' }))
      .answer('client.check', { kind: 'checked', ...found })
      .answer('session.logIn', { kind: 'done', message: 'Signed in.' });
    const panel = await open(host);
    await panel.button('Check again').click();
    await panel.until('You will see at login whether the client secret is correct.');
    await panel.button('Log in').click();
    await panel.until('Signed in.');
    assert.equal(await panel.page.getByText('shows at the login').count(), 0);
  });

  it('does not repeat a button of its own inside a failure', async () => {
    const error = { ...failure, action: { id: 'logIn', label: 'Log in' } };
    const panel = await open(
      new ScriptedHost(savedConnection()).answer('session.logIn', { kind: 'failed', error }),
    );
    await panel.button('Log in').click();
    await panel.page.getByRole('alert').waitFor();
    assert.equal(await panel.button('Log in').count(), 1);
  });

  it('says why a button cannot be pressed, to keyboards too, and does not ask the host', async () => {
    const host = new ScriptedHost(newConnection());
    const panel = await open(host);
    const logIn = panel.button('Log in');
    assert.equal(await logIn.getAttribute('aria-disabled'), 'true');
    await logIn.focus();
    assert.equal(
      await panel.page.evaluate(`document.activeElement.title`),
      'Register a client first, or enter one that exists.',
    );
    await panel.page.keyboard.press('Enter');
    assert.equal(host.of('session.logIn').length, 0);
  });

  it('cancels what is under way', async () => {
    const host = new ScriptedHost(savedConnection());
    host.answerWith('session.logIn', async () => {
      await host.tell({ type: 'operation.changed', operation: 'logIn' });
      return new Promise((resolve) => {
        host.answerWith('operation.cancel', async () => {
          await host.tell({ type: 'operation.changed' });
          resolve({ kind: 'cancelled' });
          return {};
        });
      });
    });
    const panel = await open(host);
    await panel.button('Log in').click();
    await panel.button('Cancel').click();
    await panel.until('Cancelled. Nothing was changed.');
    assert.deepEqual(
      host.of('operation.cancel').map(({ operation }) => operation),
      ['logIn'],
    );
    assert.equal(await panel.button('Cancel').count(), 0);
  });

  it('shows test rows as they come, then the report with what scripts read', async () => {
    const host = new ScriptedHost(signedIn());
    let finish: () => void = () => undefined;
    host.answerWith('connection.test', async () => {
      await host.tell({ type: 'test.changed', test: { state: 'running', rows: testRows.slice(0, 2) } });
      return new Promise((resolve) => (finish = () => resolve({})));
    });
    const panel = await open(host);
    await panel.button('Test connection').click();
    const rows = panel.page.getByRole('table').locator('tbody').getByRole('row');
    await rows.nth(1).waitFor();
    assert.equal(await rows.count(), 2);
    assert.equal(await panel.page.locator('[data-openemr-version]').count(), 0, 'nothing is final yet');
    await host.tell({ type: 'test.changed', test: { state: 'done', report: testReport() } });
    finish();
    await panel.until('4 passed · 1 failed · 0.4 s');
    const results = panel.page.locator('section.test-results');
    assert.equal(await results.getAttribute('data-openemr-version'), '8.2.0');
    assert.equal(await results.getAttribute('data-fhir-version'), '4.0.1');
    assert.equal(await results.getAttribute('data-scopes-granted'), testReport().scopesGranted.join(' '));
    const patients = panel.page.locator('tr[data-patient-count]');
    assert.equal(await patients.getAttribute('data-patient-count'), '120');
    assert.equal(await patients.getAttribute('data-at-least'), 'false');
    const headings = await panel.page.getByRole('columnheader').allInnerTexts();
    assert.deepEqual(headings, ['Check', 'Result', 'Time', 'What it means']);
  });

  it('counts the time left down by the minute', async () => {
    const expiresAt = Date.now() + 2 * 60_000 + 20_000;
    const model = signedIn();
    const host = new ScriptedHost({ ...model, session: { ...model.session, expiresAt } });
    const panel = await pages.open({ host, fakeClock: true });
    await panel.until('Signed in · 2 min');
    assert.equal(
      await panel.page.locator('header [data-expires-at]').getAttribute('data-expires-at'),
      String(expiresAt),
    );
    await panel.page.clock.runFor(25_000);
    await panel.until('Signed in · 1 min');
    await panel.page.clock.runFor(60_000);
    await panel.until('Signed in · < 1 min');
  });

  it('moves between sections by arrow keys and reaches every control by Tab', async () => {
    const panel = await open(new ScriptedHost(savedConnection()));
    await panel.tab('Connection').focus();
    await panel.page.keyboard.press('ArrowDown');
    await panel.page.keyboard.press('End');
    assert.equal(await panel.page.evaluate(`document.activeElement.id`), 'tab-audit');
    await panel.page.keyboard.press('Home');
    const reached: string[] = [];
    for (let press = 0; press < 80; press += 1) {
      await panel.page.keyboard.press('Tab');
      reached.push(
        await panel.page.evaluate(`document.activeElement.id || document.activeElement.innerText`),
      );
    }
    for (const control of [
      'name',
      'baseUrl',
      'Discover',
      'site',
      'clientType',
      'callback',
      'clientId',
      'clientSecret',
    ]) {
      assert.ok(reached.includes(control), `${control} among ${reached.join(', ')}`);
    }
    const inOrder = reached
      .slice(0, reached.indexOf('Save') + 1)
      .filter((control) => ['name', 'callback', 'Save'].includes(control));
    assert.deepEqual(inOrder, ['name', 'callback', 'Save']);
  });

  it('shows where a host that does not know the connection leaves it, and opens on trying again', async () => {
    const host = new ScriptedHost(savedConnection());
    host.refuseNext('panel.ready', failure);
    const panel = await pages.open({ host });
    await panel.until(failure.happened);
    await panel.button('Try again').click();
    await panel.page.getByRole('heading', { name: 'Clinic A' }).waitFor();
  });

  it('speaks only messages of the protocol', async () => {
    const host = new ScriptedHost(signedIn())
      .answer('connection.discover', { kind: 'cancelled' })
      .answer('connection.save', { kind: 'saved', connectionId: 'clinic-a' });
    const panel = await open(host);
    await panel.textbox('Base URL').fill('x'.repeat(1_000));
    for (const name of ['Discover', 'Save']) await panel.button(name).click();
    await panel.page.waitForTimeout(300);
    assert.deepEqual(host.invalid, []);
    assert.ok(host.of('connection.validate').length > 0);
  });

  it('stays small: at most 140 kB of script', async () => {
    const files = await bundlePage();
    const scripts = [...files].filter(([name]) => name.endsWith('.js'));
    const bytes = scripts.reduce((sum, [, { length }]) => sum + length, 0);
    assert.ok(bytes > 0 && bytes <= 140_000, `${bytes} bytes`);
  });
});
