import assert from 'node:assert/strict';
import { l10n } from 'vscode';
import type { AuditPageView, AuditRow, AuditVerificationView } from '../../src/protocol/auditView.ts';
import { violations } from './accessibility.ts';
import { PanelPages, type OpenPanel } from './panelPage.ts';
import { signedIn } from './samples.ts';
import { ScriptedHost } from './scriptedHost.ts';
import type { ThemeName } from './themes.ts';

const rowOf = (seq: number): AuditRow => ({
  ...{ seq, time: Date.UTC(2026, 4, 4) + seq * 1000, action: `Login ${seq}`, connection: 'Clinic A' },
  ...(seq % 2 === 0
    ? { outcome: 'success', outcomeText: 'done' }
    : { outcome: 'failure', outcomeText: 'failed' }),
  ...{ who: 'Person/7', detail: 'token/refused' },
});
const pageFrom = (newest: number, change: Partial<AuditPageView> = {}): AuditPageView => ({
  rows: [newest, newest - 1, newest - 2].map(rowOf),
  actions: [
    { id: 'login', label: 'Login' },
    { id: 'logout', label: 'Logout' },
  ],
  ...{ notices: [], expiredFiles: 0 },
  ...(newest > 3 ? { before: newest - 2 } : {}),
  ...change,
});
const good: AuditVerificationView = {
  tone: 'good',
  headline: 'The audit log is intact.',
  lines: ['Entries 1 to 9.'],
};
const bad: AuditVerificationView = {
  tone: 'bad',
  headline: 'The audit log was changed.',
  lines: ['line 4: changed'],
};

describe('the audit log in the panel', () => {
  let pages: PanelPages;
  before(async () => {
    pages = await PanelPages.launch();
  });
  after(() => pages.close());
  afterEach(() => pages.closePages());

  function auditHost(change: Partial<AuditPageView> = {}): ScriptedHost {
    return new ScriptedHost(signedIn())
      .answerWith('audit.page', ({ before }) => pageFrom(before === undefined ? 9 : before - 1, change))
      .answer('audit.verify', good)
      .answer('audit.export', { kind: 'done', message: 'The audit log was exported.' });
  }
  async function open(host = auditHost(), theme: ThemeName = 'dark'): Promise<OpenPanel> {
    const panel = await pages.open({ host, theme });
    await panel.tab('Audit').click();
    await panel.page.locator('[data-seq="9"]').waitFor();
    return panel;
  }
  /** Moves on by the Tab key until the control has the focus. */
  async function tabTo(panel: OpenPanel, control: ReturnType<OpenPanel['button']>): Promise<void> {
    for (let presses = 0; presses < 40; presses++) {
      if ((await control.and(panel.page.locator(':focus')).count()) > 0) return;
      await panel.page.keyboard.press('Tab');
    }
    assert.fail('The control cannot be reached by the Tab key.');
  }
  const focused = (panel: OpenPanel) =>
    panel.page.evaluate<string>(
      `document.activeElement.textContent.trim() || document.activeElement.tagName`,
    );
  const filterOf = (panel: OpenPanel, name: string) =>
    panel.page.getByRole('combobox', { name, exact: true });
  const focusedRow = (panel: OpenPanel) =>
    panel.page.evaluate<string>(`document.activeElement.closest('tr')?.dataset.seq ?? 'no row'`);
  const announced = (panel: OpenPanel) => panel.page.locator('.audit [role=status]').allInnerTexts();
  const sequences = (panel: OpenPanel) =>
    panel.page.evaluate<number[]>(
      `[...document.querySelectorAll('.audit-table tbody tr')].map((row) => Number(row.dataset.seq))`,
    );

  for (const theme of ['light', 'high-contrast'] as const) {
    it(`has no barrier in ${theme}, wide and narrow, verified or with a problem`, async () => {
      const host = auditHost({ notices: ['Entries cannot be written at the moment.'], expiredFiles: 2 });
      const panel = await open(host, theme);
      assert.deepEqual(await violations(panel), []);
      for (const result of [good, bad]) {
        host.answer('audit.verify', result);
        await panel.button('Verify').click();
        await panel.page.locator(`[data-verification=${result.tone}]`).waitFor();
        assert.deepEqual(await violations(panel), []);
      }
      await panel.page.setViewportSize({ width: 420, height: 800 });
      const overflow = await panel.page.evaluate(`document.documentElement.scrollWidth - innerWidth`);
      assert.ok(Number(overflow) <= 0, `${String(overflow)} px too wide`);
      assert.deepEqual(await violations(panel), []);
      assert.deepEqual([panel.complaints, host.invalid], [[], []]);
    });
  }

  it('is verified by the keyboard alone, with the progress shown and the result announced', async () => {
    const host = auditHost();
    let finish = (): void => undefined;
    host.answerWith('audit.verify', () => new Promise((resolve) => (finish = () => resolve(good))));
    const panel = await open(host);
    await tabTo(panel, panel.button('Verify'));
    await panel.page.keyboard.press('Enter');
    const bar = panel.page.getByRole('progressbar');
    await bar.waitFor();
    await host.tell({ type: 'audit.progress', share: 0.42 });
    await panel.page.waitForFunction(`document.querySelector('vscode-progress-bar').value === 42`);
    assert.match((await announced(panel)).join(), new RegExp(l10n.t('Verifying the audit log')));
    assert.deepEqual(await violations(panel), []);
    finish();
    await panel.page.locator('[data-verification=good]').waitFor();
    assert.match((await announced(panel)).join(), /The audit log is intact\./);
    assert.equal(await focused(panel), 'Verify', 'the focus stays where it was');
  });

  it('is filtered by the keyboard alone, by action and by outcome', async () => {
    const host = auditHost();
    const panel = await open(host);
    await tabTo(panel, filterOf(panel, 'Action'));
    await panel.page.keyboard.press('ArrowDown');
    await panel.page.keyboard.press('Tab');
    await panel.page.keyboard.type('failed');
    await panel.page.waitForFunction(`document.querySelectorAll('.audit select')[1].value === 'failure'`);
    await until(() => host.of('audit.page').length === 3);
    assert.deepEqual(
      host.of('audit.page').map(({ filter }) => filter),
      [{}, { action: 'login' }, { action: 'login', outcome: 'failure' }],
    );
    assert.equal(await focused(panel).then((text) => text.includes('failed')), true);
  });

  it('shows what the last filter asks for, however late the answers come', async () => {
    const host = auditHost();
    const panel = await open(host);
    const answers: (() => void)[] = [];
    host.answerWith(
      'audit.page',
      ({ filter }) =>
        new Promise((resolve) =>
          answers.push(() => resolve(pageFrom(filter.action === 'logout' ? 7 : 5, { expiredFiles: 0 }))),
        ),
    );
    await filterOf(panel, 'Action').selectOption('login');
    await filterOf(panel, 'Action').selectOption('logout');
    await until(() => answers.length === 2);
    answers[1]?.();
    await panel.page.locator('[data-seq="7"]').waitFor();
    answers[0]?.();
    await host.tell({ type: 'audit.progress', share: 0 });
    await panel.page.waitForTimeout(100);
    assert.deepEqual(await sequences(panel), [7, 6, 5]);
  });

  it('is filtered while it is verified', async () => {
    const host = auditHost();
    host.answerWith('audit.verify', () => new Promise(() => undefined));
    const panel = await open(host);
    await panel.button('Verify').click();
    host.answer('audit.page', pageFrom(3));
    await filterOf(panel, 'Outcome').selectOption('failure');
    await panel.page.locator('[data-seq="3"]').waitFor();
  });

  it('goes back to its beginning by the keyboard, and reads on at the first of the older entries', async () => {
    const host = auditHost();
    const panel = await open(host);
    await tabTo(panel, panel.button('Show older entries'));
    await panel.page.keyboard.press('Enter');
    await panel.page.locator('[data-seq="4"]').waitFor();
    assert.match(await focusedRow(panel), /^6$/);
    await tabTo(panel, panel.button('Show older entries'));
    await panel.page.keyboard.press('Space');
    await panel.page.locator('[data-seq="1"]').waitFor();
    assert.match(await focusedRow(panel), /^3$/);
    assert.deepEqual(await sequences(panel), [9, 8, 7, 6, 5, 4, 3, 2, 1]);
    assert.equal(await panel.button('Show older entries').count(), 0);
    assert.deepEqual(
      host.of('audit.page').map(({ before }) => before),
      [undefined, 7, 4],
    );
    assert.deepEqual(await violations(panel), []);
  });

  it('is exported by the keyboard alone, and goes on saying so when the export is in the log itself', async () => {
    const host = auditHost();
    const panel = await open(host);
    await tabTo(panel, panel.button('Export as CSV'));
    await panel.page.keyboard.press('Enter');
    await panel.until('The audit log was exported.');
    await tabTo(panel, panel.button('Export as JSON Lines'));
    await panel.page.keyboard.press('Space');
    await until(() => host.of('audit.export').length === 2);
    assert.deepEqual(
      host.of('audit.export').map(({ format }) => format),
      ['csv', 'jsonl'],
    );
    host.answer('audit.page', pageFrom(12));
    await host.tell({ type: 'audit.changed' });
    await panel.page.locator('[data-seq="12"]').waitFor();
    assert.match((await announced(panel)).join(), /The audit log was exported\./);
  });

  it('says at once that an export failed', async () => {
    const host = auditHost();
    host.refuseNext('audit.export', {
      ...{ code: 'storage/write-failed', happened: 'It could not be saved.', why: 'The disk is full.' },
      ...{ remedy: 'Make room.', details: [] },
    });
    const panel = await open(host);
    await panel.button('Export as CSV').click();
    await panel.page.getByRole('alert').getByText('It could not be saved.').waitFor();
    assert.deepEqual(await violations(panel), []);
  });

  it('offers to remove old entries where there are some, and says that they were removed', async () => {
    const host = auditHost({ expiredFiles: 2 });
    host.answerWith('audit.removeExpired', () => {
      host.answer('audit.page', pageFrom(9));
      return { kind: 'done', message: '2 old files of the audit log were removed.' };
    });
    const panel = await open(host);
    await tabTo(panel, panel.button('Remove old entries'));
    await panel.page.keyboard.press('Enter');
    await panel.button('Remove old entries').waitFor({ state: 'detached' });
    assert.match((await announced(panel)).join(), /2 old files of the audit log were removed\./);
  });

  it('goes on looking through a long log until an entry fits', async () => {
    const host = auditHost();
    const panel = await open(host);
    host.answerWith('audit.page', ({ before = 4_000 }) =>
      before > 1_000 ? pageFrom(0, { rows: [], before: before - 1_000 }) : pageFrom(3),
    );
    await filterOf(panel, 'Outcome').selectOption('failure');
    await panel.page.locator('[data-seq="3"]').waitFor();
  });

  it('says that there is nothing where no entry fits', async () => {
    const host = auditHost();
    const panel = await open(host);
    host.answer('audit.page', { ...pageFrom(3), rows: [] });
    await filterOf(panel, 'Outcome').selectOption('cancelled');
    await panel.until('No entries.');
  });

  it('breaks no heading within a word, and scrolls sideways at no width', async () => {
    const panel = await open();
    for (const width of [600, 760, 1000]) {
      await panel.page.setViewportSize({ width, height: 800 });
      const overflow = await panel.page.evaluate(`document.documentElement.scrollWidth - innerWidth`);
      assert.ok(Number(overflow) <= 0, `${String(overflow)} px too wide at ${width}`);
      const heights = await panel.page.evaluate<number[]>(
        `[...document.querySelectorAll('.audit-table thead th')].map((th) => {
          const range = document.createRange();
          range.selectNodeContents(th);
          return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
        })`,
      );
      if (width >= 760) assert.deepEqual([...new Set(heights)], [1], String(width));
    }
  });

  it('has a row header for each entry, so that a screen reader says which one it is in', async () => {
    const panel = await open();
    const tree = await panel.page.locator('.audit-table').ariaSnapshot();
    assert.match(tree, /table "Entries of the audit log, newest first"/);
    for (const name of ['When', 'Action', 'Outcome', 'Connection', 'Who', 'Details'])
      assert.ok(tree.includes(`columnheader "${name}"`), name);
    assert.equal(tree.match(/rowheader "/g)?.length, 3);
  });
});

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail('What was waited for did not happen.');
}
