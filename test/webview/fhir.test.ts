import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import type { FhirSection } from '../../src/protocol/fhirViews.ts';
import { violations } from './accessibility.ts';
import { explorerFound, explorerPartlyRevealed, fhirHost, matrixNone, matrixRunning } from './fhirSamples.ts';
import { PanelPages, type OpenPanel } from './panelPage.ts';
import type { ScriptedHost } from './scriptedHost.ts';
import { themes, type ThemeName } from './themes.ts';

const tabs: Record<FhirSection, string> = {
  scopes: 'Scopes & resources',
  token: 'Token',
  explorer: 'FHIR explorer',
};

describe('connection panel: FHIR sections', () => {
  let pages: PanelPages;

  before(async () => {
    await mkdir('test-results/webview', { recursive: true });
    pages = await PanelPages.launch();
  });
  afterEach(() => pages.closePages());
  after(() => pages.close());

  async function open(
    section: FhirSection,
    host: ScriptedHost,
    theme: ThemeName = 'dark',
  ): Promise<OpenPanel> {
    const panel = await pages.open({ host, theme });
    await panel.tab(tabs[section]).click();
    await panel.page.locator('main h2').first().waitFor();
    return panel;
  }
  const asks = (host: ScriptedHost) => host.of('fhir.ask').map(({ ask }) => ask);

  for (const section of Object.keys(tabs) as FhirSection[]) {
    for (const theme of Object.keys(themes) as ThemeName[]) {
      it(`shows ${tabs[section]} accessibly in ${theme}, wide and narrow, without a complaint`, async () => {
        const host = fhirHost({ selectType: [explorerFound] });
        const panel = await open(section, host, theme);
        if (section === 'explorer') {
          await panel.page.getByLabel('Types of records').selectOption('Patient');
          await panel.page.locator('table.records').waitFor();
        }
        await panel.screenshot(`fhir-${section}-${theme}`);
        assert.deepEqual(await violations(panel), []);
        await panel.page.setViewportSize({ width: 420, height: 800 });
        const overflow = await panel.page.evaluate(`document.documentElement.scrollWidth - innerWidth`);
        assert.ok(Number(overflow) <= 0, `${String(overflow)} px too wide`);
        if (theme === 'dark') await panel.screenshot(`fhir-${section}-narrow`);
        assert.deepEqual(await violations(panel), []);
        assert.deepEqual(panel.complaints, []);
        assert.deepEqual(host.invalid, []);
      });
    }
  }

  it('asks for nothing of the sections before the first of them shows', async () => {
    const host = fhirHost();
    const panel = await pages.open({ host });
    await panel.page.getByRole('tabpanel').waitFor();
    assert.deepEqual(asks(host), []);
    await panel.tab('Token').click();
    await panel.page.locator('main h2').first().waitFor();
    assert.deepEqual(asks(host), [{ kind: 'open', section: 'token' }]);
  });

  it('gives the meaning of a permission room to be read at every width', async () => {
    const panel = await open('scopes', fhirHost(), 'light');
    for (const width of [620, 700, 800, 945, 1079, 1080, 1300]) {
      await panel.page.setViewportSize({ width, height: 860 });
      const meaning = await panel.page.locator('table.scopes tbody td:last-child').first().boundingBox();
      assert.ok((meaning?.width ?? 0) >= 200, `${meaning?.width} px at ${width}`);
      const [overflow, cut] = await panel.page.evaluate<[number, string[]]>(`[
        document.documentElement.scrollWidth - innerWidth,
        [...document.querySelectorAll('table.scopes :is(th, td)')]
          .filter((cell) => cell.scrollWidth > cell.clientWidth + 1)
          .map((cell) => cell.textContent.trim()),
      ]`);
      assert.ok(overflow <= 0, `${overflow} px too wide at ${width}`);
      assert.deepEqual(cut, [], `at ${width}`);
      const label = await panel.page.getByText('Permission missing').first().boundingBox();
      assert.ok((label?.width ?? 0) >= 65, `the matrix breaks words at ${width}: ${label?.width}`);
      if (width === 700 || width === 945) await panel.screenshot(`fhir-scopes-${width}`);
    }
  });

  it('says what a permission lacks, and which client to delete after a new registration', async () => {
    const panel = await open('scopes', fhirHost());
    await panel.until(/Register the client again; an administrator has to enable the new one/);
    const row = panel.page.locator('tr[data-scope="user/Observation.read"]');
    assert.match(await row.innerText(), /OpenEMR silently leaves it out/);
    assert.match(await row.innerText(), /user\/Observation\.rs/);
    const lowerCase = panel.page.locator('tr[data-scope="user/patient.read"]');
    assert.match(await lowerCase.innerText(), /FHIR needs user\/Patient\.read/);
    await panel.button('Choose permissions').click();
    assert.equal(await panel.tab('Connection').getAttribute('aria-selected'), 'true');
  });

  it('shows all of the server’s permissions on demand, and finds one', async () => {
    const panel = await open('scopes', fhirHost());
    const rows = panel.page.locator('table.scopes tbody tr');
    const few = await rows.count();
    await panel.page.getByLabel('Show all that the server offers').check();
    assert.ok((await rows.count()) > few + 100);
    await panel.page.getByLabel('Find a permission').fill('immunization');
    await panel.until('user/Immunization.rs');
    assert.ok((await rows.count()) < 20);
  });

  it('tries all types on a click', async () => {
    const host = fhirHost({ open: [matrixNone] });
    const panel = await pages.open({ host });
    await panel.tab(tabs.scopes).click();
    await panel.button('Try all types').click();
    assert.deepEqual(asks(host).at(-1), { kind: 'probe' });
  });

  it('shows what is known while the rest is on its way', async () => {
    const host = fhirHost();
    const panel = await open('scopes', host);
    await host.tell({ type: 'fhir.changed', view: matrixRunning });
    await panel.until('3 of 44 requests · 2 types');
    const rows = panel.page.locator('table.matrix tbody tr');
    assert.equal(await rows.count(), 2);
    assert.match(await rows.nth(1).innerText(), /Waiting/);
    await host.tell({ type: 'fhir.changed', view: { ...matrixRunning, rows: [], summary: '' } });
    await panel.until(/0 of 44 requests$/m);
    assert.equal(await panel.page.getByText('Not tried yet.').count(), 0);
  });

  it('tells every verdict by colour, icon and words', async () => {
    const panel = await open('scopes', fhirHost());
    const cells = await panel.page.locator('table.matrix .verdict').allInnerTexts();
    for (const words of [
      'Allowed',
      'Permission missing',
      'Role refused',
      'No patient chosen',
      'Not offered',
    ]) {
      assert.ok(
        cells.some((text) => text.includes(words)),
        words,
      );
    }
    const icons = await panel.page.locator('table.matrix .verdict .codicon').count();
    assert.equal(icons, cells.length);
  });

  it('draws times as pictures that say the same in words and as a table', async () => {
    const panel = await open('scopes', fhirHost());
    const picture = panel.page.getByRole('img', { name: /took longest/ });
    await picture.waitFor();
    assert.equal(await panel.page.locator('svg.timing .bar').count(), 12);
    await panel.page.getByText('As a table').click();
    assert.equal(await panel.page.locator('details[open] tbody tr').count(), 12);
  });

  it('counts a token down by the second, shows no token, and masks who it may be about', async () => {
    const panel = await open('token', fhirHost());
    const left = panel.page.locator('.countdown');
    const before = await left.innerText();
    assert.match(before, /^\d\d:\d\d left$/);
    await panel.page.waitForTimeout(1500);
    assert.notEqual(await left.innerText(), before);
    const text = await panel.page.locator('main').innerText();
    assert.match(text, /needs user\/Person\.read, which was not granted/);
    assert.equal(/someone@example\.org|eyJ/.test(text), false);
    assert.equal(await panel.button('Open the record of who is signed in').count(), 0);
  });

  it('searches by the parameters that the server lists, and pages through 50,000 records', async () => {
    const host = fhirHost({ selectType: [explorerFound] });
    const panel = await open('explorer', host);
    await panel.page.getByLabel('Types of records').selectOption('Patient');
    await panel.page.getByLabel('gender', { exact: true }).fill('female');
    await panel.page.getByLabel('At most').selectOption('0');
    await panel.button('Search').click();
    await panel.until('Stopped after 50000 records');
    assert.deepEqual(asks(host).at(-1), {
      kind: 'search',
      type: 'Patient',
      values: [{ name: 'gender', value: 'female' }],
    });
    await panel.page.getByLabel('gender', { exact: true }).press('Enter');
    assert.equal(asks(host).filter(({ kind }) => kind === 'search').length, 2, 'Enter searches too');
    await panel.until('Rows 1 to 50 of 50,000');
    await panel.button('Last').click();
    assert.deepEqual(asks(host).at(-1), { kind: 'showRows', from: 49_950 });
    await panel.page.getByLabel('Go to row').fill('777');
    await panel.page.keyboard.press('Enter');
    assert.deepEqual(asks(host).at(-1), { kind: 'showRows', from: 776 });
  });

  it('asks before it opens, reveals or masks, and names the record for ears too', async () => {
    const host = fhirHost({ selectType: [explorerFound] });
    const panel = await open('explorer', host);
    await panel.page.getByLabel('Types of records').selectOption('Patient');
    await panel.page.locator('[data-masking="masked"]').waitFor();
    await panel.button('Open Patient 00000003').click();
    assert.deepEqual(asks(host).at(-1), { kind: 'openResource', index: 3 });
    await panel.button('Reveal Patient 00000003').click();
    assert.deepEqual(asks(host).at(-1), { kind: 'reveal', index: 3 });
    await host.tell({ type: 'fhir.changed', view: explorerPartlyRevealed });
    await panel.button('Mask Patient 00000003').click();
    assert.deepEqual(asks(host).at(-1), { kind: 'mask', index: 3 });
    assert.equal(await panel.button('Mask Patient 00000004').count(), 0);
    await panel.button('Reveal all for this session').click();
    assert.deepEqual(asks(host).at(-1), { kind: 'revealAll' });
    await host.tell({ type: 'fhir.changed', view: { ...explorerFound, isAllRevealed: true } });
    await panel.button('Mask all again').click();
    assert.deepEqual(asks(host).at(-1), { kind: 'maskAll' });
    assert.equal(await panel.button('Reveal all for this session').count(), 0);
  });

  it('wears a badge and offers no mask in the sandbox', async () => {
    const host = fhirHost({ selectType: [{ ...explorerFound, isSandbox: true }] });
    const panel = await open('explorer', host);
    await panel.page.getByLabel('Types of records').selectOption('Patient');
    await panel.until('Sandbox: made-up data');
    assert.equal(await panel.button('Reveal all for this session').count(), 0);
  });
});
