import assert from 'node:assert/strict';
import { PanelPages, type OpenPanel } from './panelPage.ts';
import { savedConnection, savedDraft, signedIn } from './samples.ts';
import { ScriptedHost } from './scriptedHost.ts';

const hostile = `</script><script>document.title='taken'</script><img src=x onerror="document.title='taken'"> & " '`;

describe('connection panel: opening', () => {
  let pages: PanelPages;

  before(async () => (pages = await PanelPages.launch()));
  afterEach(() => pages.closePages());
  after(() => pages.close());

  /** The extension answers nothing: it may be busy, or its messages are still on the way. */
  function silentHost(name = savedDraft.name): ScriptedHost {
    const host = new ScriptedHost(savedConnection({ saved: { ...savedDraft, name } }));
    for (const type of ['panel.ready', 'connection.validate'] as const) {
      host.answerWith(type, () => new Promise<never>(() => undefined));
    }
    return host;
  }

  async function openDelivered(host: ScriptedHost): Promise<OpenPanel> {
    const panel = await pages.open({ host, delivered: host.ready() });
    await panel.page.locator('#baseUrl').waitFor();
    return panel;
  }

  it('shows the form from what came with the page, before anybody has answered', async () => {
    const panel = await openDelivered(silentHost());
    assert.equal(await panel.textbox('Base URL').inputValue(), savedDraft.baseUrl);
    assert.deepEqual(panel.complaints, []);
  });

  it('takes a name for a name, whatever is in it', async () => {
    const panel = await openDelivered(silentHost(hostile));
    assert.equal(await panel.textbox('Connection name').inputValue(), hostile);
    assert.equal(await panel.page.getByRole('heading', { level: 1 }).innerText(), hostile);
    assert.equal(await panel.page.title(), 'OpenEMR');
    assert.deepEqual(panel.complaints, []);
  });

  it('asks for what could not be told at once', async () => {
    const host = new ScriptedHost(savedConnection());
    const delivered = host.ready();
    host.viewModel = signedIn();
    const panel = await pages.open({ host, delivered });
    await panel.page.locator('[data-state=valid]').waitFor();
    assert.equal(host.of('panel.ready').length, 1);
  });

  it('takes over what the extension finds out afterwards, and leaves what was typed meanwhile', async () => {
    const host = silentHost();
    const panel = await openDelivered(host);
    await panel.textbox('Connection name').fill('Clinic North');
    await host.change(savedConnection({ saved: { ...savedDraft, clientId: 'another-client' } }));
    await panel.page.waitForFunction(
      `document.getElementById('clientId').value === 'another-client'`,
      undefined,
      { timeout: 10_000 },
    );
    assert.equal(await panel.textbox('Connection name').inputValue(), 'Clinic North');
  });

  it('asks where it is built anew: what came with the page is of an earlier moment', async () => {
    const host = new ScriptedHost(savedConnection());
    const delivered = host.ready();
    const { connectionId } = host.viewModel;
    assert.ok(connectionId);
    host.viewModel = savedConnection({ saved: { ...savedDraft, name: 'Renamed' } });
    const state = { version: 1, connectionId, section: 'status' } as const;
    const panel = await pages.open({ host, delivered, state });
    await panel.until('Renamed');
    assert.equal(host.of('panel.ready').length, 1);
    assert.equal(await panel.tab('Status').getAttribute('aria-selected'), 'true');
  });

  it('lets people type while the extension does not answer', async () => {
    const host = silentHost();
    const panel = await openDelivered(host);
    const text = 'https://emr.example.org/another/openemr';
    await panel.textbox('Base URL').fill('');
    const began = Date.now();
    await panel.textbox('Base URL').pressSequentially(text, { delay: 20 });
    assert.equal(await panel.textbox('Base URL').inputValue(), text);
    await panel.textbox('Connection name').fill('Clinic North');
    await panel.until('Unsaved changes');
    assert.ok(Date.now() - began < 10_000, 'somebody waited for an answer');
    await panel.page.waitForTimeout(400);
    assert.ok(host.of('connection.validate').length > 0, 'the extension was never asked: nothing was late');
    assert.equal(await panel.textbox('Base URL').inputValue(), text);
  });
});
