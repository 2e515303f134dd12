import assert from 'node:assert/strict';
import { addressOf } from '../../src/vscode/webview/draftValidation.ts';
import { PanelPages, type OpenPanel } from './panelPage.ts';
import { newConnection, savedConnection, savedDraft } from './samples.ts';
import { ScriptedHost } from './scriptedHost.ts';

describe('connection panel: comfort', () => {
  let pages: PanelPages;

  before(async () => (pages = await PanelPages.launch()));
  afterEach(() => pages.closePages());
  after(() => pages.close());

  async function open(host: ScriptedHost): Promise<OpenPanel> {
    host.answerWith('connection.validate', ({ draft }) => {
      const address = addressOf(draft);
      return { problems: [], ...(address ? { address } : {}) };
    });
    const panel = await pages.open({ host });
    await panel.page.getByRole('tabpanel').waitFor();
    return panel;
  }

  const valueIs = (panel: OpenPanel, name: string, value: string) =>
    panel.page.waitForFunction(
      ([id, wanted]) =>
        (
          globalThis as unknown as { document: { getElementById(id: string): { value: string } } }
        ).document.getElementById(id).value === wanted,
      [name, value] as const,
    );

  async function paste(panel: OpenPanel, text: string): Promise<void> {
    await panel.textbox('Base URL').focus();
    await panel.textbox('Base URL').selectText();
    await panel.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await panel.page.evaluate((value) => {
      const { navigator } = globalThis as unknown as {
        navigator: { clipboard: { writeText(text: string): Promise<void> } };
      };
      return navigator.clipboard.writeText(value);
    }, text);
    await panel.page.keyboard.press('ControlOrMeta+v');
  }

  it('fills base URL and site from a whole address that is pasted, and takes it back', async () => {
    const panel = await open(new ScriptedHost(newConnection()));
    await paste(panel, 'https://emr.example.org/openemr/interface/login/login.php?site=north');
    await valueIs(panel, 'baseUrl', 'https://emr.example.org/openemr');
    await valueIs(panel, 'site', 'north');
    await panel.until('Base URL and site were filled in');
    await panel.button('Undo').click();
    await valueIs(panel, 'site', 'default');
    await valueIs(panel, 'baseUrl', 'https://emr.example.org/openemr/interface/login/login.php?site=north');
  });

  it('leaves alone what is typed letter by letter', async () => {
    const panel = await open(new ScriptedHost(newConnection()));
    const text = 'https://emr.example.org/openemr/interface/login/login.php?site=north';
    await panel.textbox('Base URL').pressSequentially(text);
    await panel.page.waitForTimeout(500);
    assert.equal(await panel.textbox('Base URL').inputValue(), text);
    assert.equal(await panel.textbox('Site').inputValue(), 'default');
  });

  it('undoes typing as every text field does', async () => {
    const panel = await open(new ScriptedHost(savedConnection()));
    await panel.textbox('Connection name').focus();
    await panel.page.keyboard.press('End');
    await panel.page.keyboard.type(' North');
    await valueIs(panel, 'name', 'Clinic A North');
    await panel.page.keyboard.press('ControlOrMeta+z');
    await valueIs(panel, 'name', savedDraft.name);
    assert.equal(await panel.page.getByText('Unsaved changes').count(), 0);
  });

  it('brings back what was discarded', async () => {
    const panel = await open(new ScriptedHost(savedConnection()));
    await panel.textbox('Connection name').fill('Clinic North');
    await panel.button('Discard changes').click();
    await valueIs(panel, 'name', savedDraft.name);
    await panel.button('Undo').click();
    await valueIs(panel, 'name', 'Clinic North');
  });

  it('tells of every value that comes from OpenEMR where it is found there', async () => {
    const panel = await open(new ScriptedHost(newConnection()));
    const places = panel.page.locator('details.where');
    assert.equal(await places.count(), 7);
    await places.nth(0).locator('summary').press('Enter');
    await panel.until('copy the whole address line');
    const names = await places.locator('summary').allTextContents();
    assert.equal(new Set(names.map((name) => name.trim())).size, 7, 'each says what it is about');
  });

  it('lets the keyboard follow the button that leads on, and no other focus', async () => {
    const host = new ScriptedHost(savedConnection({ step: 'enable', clientState: 'disabled' }));
    const panel = await open(host);
    await panel.button('Open API Clients').focus();
    await host.change(savedConnection());
    await panel.page.locator('.button.primary:focus', { hasText: 'Log in' }).waitFor();
    await panel.textbox('Site').focus();
    await host.change(savedConnection({ step: 'enable', clientState: 'disabled' }));
    await panel.page.locator('.button.primary', { hasText: 'Open API Clients' }).waitFor();
    assert.equal(await panel.page.locator('#site:focus').count(), 1);
  });

  it('puts the focus on the next step where a command asks for it', async () => {
    const host = new ScriptedHost(savedConnection());
    const panel = await open(host);
    await host.tell({ type: 'panel.show', section: 'connection', field: 'next' });
    await panel.page.locator('.button.primary:focus', { hasText: 'Log in' }).waitFor();
  });

  it('shows in words what a server is for', async () => {
    const panel = await open(new ScriptedHost(savedConnection({ environment: 'production' })));
    await panel.page.getByRole('heading', { level: 1, name: 'Clinic A Production' }).waitFor();
  });
});
