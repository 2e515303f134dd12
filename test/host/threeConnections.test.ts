import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { openConnectionPanel } from '../../src/launch/connectionPanelPage.ts';
import { parseDemoOptions } from '../../src/launch/demoOptions.ts';
import { openDemoSession, type DemoSession } from '../../src/launch/demoSession.ts';
import { stepActions, type DemoProgress } from '../../src/launch/demoSteps.ts';
import { Cleanup } from '../../src/launch/shutdown.ts';
import {
  answerInputBox,
  openWorkbench,
  runCommand,
  statusItem,
  waitForStatus,
  webview,
} from '../../src/launch/workbenchPage.ts';
import { startSandbox, type RunningSandbox } from '../../src/sandbox/sandboxServer.ts';
import { Random } from '../soak/random.ts';

const waitMs = 60_000;
const switchingMs = 75_000;

/** What tells a connection from the others wherever it shows. */
interface Clinic {
  readonly name: string;
  readonly environment: string;
  readonly label: string;
  readonly lifetimeSeconds: number;
  readonly data: 'generated' | 'recorded';
  readonly era: '7.0' | '8.2';
  /** What may stand in the status bar and in the view as the time left. */
  readonly time: RegExp;
}

const clinics: readonly Clinic[] = [
  {
    ...{ name: 'Alder Clinic', environment: 'production', label: 'Production' },
    ...{ lifetimeSeconds: 30, data: 'generated', era: '8.2', time: /^< 1 min$/ },
  },
  {
    ...{ name: 'Birch Practice', environment: 'test', label: 'Test' },
    ...{ lifetimeSeconds: 3600, data: 'recorded', era: '8.2', time: /^(1 h|59 min|58 min|5\d min)$/ },
  },
  {
    ...{ name: 'Cedar Hospital', environment: 'training', label: 'Training' },
    ...{ lifetimeSeconds: 178, data: 'recorded', era: '7.0', time: /^[12] min$/ },
  },
];

interface Connected extends Clinic {
  readonly server: RunningSandbox;
  readonly clientId: string;
  readonly patientCount: number;
}

interface Sample {
  readonly surface: 'status bar' | 'view' | 'panel';
  readonly window: number;
  readonly owner: string;
}

describe('Three connections in two windows of VS Code', () => {
  const cleanup = new Cleanup();
  const connected: Connected[] = [];
  const samples: Sample[] = [];
  const faults: string[] = [];
  let session: DemoSession;
  let pages: Page[];
  let switches = 0;

  const openView = async (page: Page) => {
    await page.locator('.activitybar .action-label[aria-label^="OpenEMR"]').first().click();
    await rows(page).first().waitFor({ timeout: waitMs });
  };
  const rows = (page: Page) => page.getByRole('tree', { name: /Connections/ }).getByRole('treeitem');

  /** A connection as a person makes one: Quick Connect, Register, Enable, Log in, Test. */
  async function connect(clinic: Clinic): Promise<Connected> {
    const server = await startSandbox({
      ...{ era: clinic.era, data: clinic.data, accessTokenLifetimeSeconds: clinic.lifetimeSeconds },
    });
    cleanup.add(() => server.stop());
    const { workbench } = session;
    await runCommand(workbench, 'OpenEMR: Quick Connect');
    await answerInputBox(workbench, clinic.name);
    await workbench
      .locator('.quick-input-widget')
      .filter({ hasText: 'address' })
      .waitFor({ timeout: waitMs });
    await answerInputBox(workbench, server.baseUrl);
    await waitForStatus(workbench, new RegExp(clinic.name), waitMs);
    const panel = await openConnectionPanel(workbench);
    await panel.click('Register client');
    const clientId = await panel.clientId();
    await fetch(`${server.baseUrl}/sandbox/clients/${clientId}/enable`, { method: 'POST' });
    await panel.checkClientAgain();
    const options = parseDemoOptions([]);
    const progress: DemoProgress = { panel, clientId };
    await stepActions.logIn(session, options, progress);
    await stepActions.test(session, options, progress);
    return { ...clinic, server, clientId, patientCount: progress.observation!.patientCount };
  }

  /** As somebody does in settings.json. */
  async function setEnvironments(): Promise<void> {
    const file = join(session.serverFolder, 'user-data', 'User', 'settings.json');
    const settings = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    const entries = settings['openemr.connections'] as { name: string }[];
    settings['openemr.connections'] = entries.map((entry) => ({
      ...entry,
      environment: clinics.find(({ name }) => name === entry.name)!.environment,
    }));
    await writeFile(file, JSON.stringify(settings));
    await openWorkbench(session.browser, session.workbench.url());
    await waitForStatus(session.workbench, /\(Training\)/, waitMs);
  }

  before(async () => {
    session = {
      ...(await openDemoSession(parseDemoOptions([]), cleanup)),
      screenshot: () => Promise.resolve(),
    };
    for (const clinic of clinics) connected.push(await connect(clinic));
    await setEnvironments();
    const second = await session.browser.newPage();
    await second.goto(session.workbench.url());
    await waitForStatus(second, /OpenEMR: .* · /, waitMs);
    pages = [session.workbench, second];
    for (const page of pages) {
      page.setDefaultTimeout(4000);
      await page.bringToFront();
      await openView(page);
    }
  });
  after(() => cleanup.run());

  const namesIn = (text: string) => clinics.map(({ name }) => name).filter((name) => text.includes(name));

  function record(
    surface: Sample['surface'],
    window: number,
    text: string,
    owner: string | undefined,
  ): Connected | undefined {
    const clinic = connected.find(({ name }) => name === owner);
    if (!clinic) faults.push(`${surface} ${window}: nobody's: ${text}`);
    else samples.push({ surface, window, owner: clinic.name });
    return clinic;
  }

  /** The words of a login's state must be of its own connection. */
  function checkWords(
    where: string,
    { name, label, time }: Clinic,
    environment: string,
    words: string,
  ): void {
    const isOwn = time.test(words) || /^(refreshing|reload to pick up the login|log in again)$/.test(words);
    if (environment !== label || !isOwn) faults.push(`${where}: ${name} with ${environment} · ${words}`);
  }

  async function lookAtStatusBar(page: Page, window: number): Promise<void> {
    const { text, label } = await statusItem(page).evaluate(textAndLabel);
    if (namesIn(`${text} ${label}`).length > 1) faults.push(`status bar ${window}: ${text} / ${label}`);
    const [, name, environment = '', words = ''] = /OpenEMR: (.+?) \((\w+)\) · (.+)$/.exec(text) ?? [];
    const clinic = record('status bar', window, text, name);
    if (clinic) checkWords(`status bar ${window}`, clinic, environment, words);
  }

  async function lookAtView(page: Page, window: number): Promise<void> {
    const labels = await rows(page).evaluateAll((items) =>
      (items as { getAttribute(name: string): string | null }[]).map(
        (item) => item.getAttribute('aria-label') ?? '',
      ),
    );
    for (const label of labels) {
      const [, name, environment = '', words = ''] = /^(.+?), (\w+) · ([^,]+)/.exec(label) ?? [];
      const clinic = record('view', window, label, name);
      if (clinic) checkWords(`view ${window}`, clinic, environment, words);
    }
  }

  /** Everything that the panel shows at one moment. */
  async function lookAtPanel(page: Page, window: number): Promise<void> {
    const shown = await webview(page)
      .locator('connection-panel')
      .evaluate(everythingIn, undefined, { timeout: 1000 })
      .catch(() => undefined);
    // Between two pages there is none.
    if (!shown || namesIn(shown.text).length === 0) return;
    const [name, ...others] = namesIn(shown.text);
    if (others.length > 0) faults.push(`panel ${window}: ${[name, ...others].join(' and ')}`);
    const clinic = record('panel', window, shown.text, name);
    if (!clinic) return;
    for (const other of connected.filter((one) => one !== clinic)) {
      const theirs = [new URL(other.server.baseUrl).port, other.clientId].filter((mark) =>
        shown.text.includes(mark),
      );
      if (theirs.length > 0)
        faults.push(`panel ${window}: ${clinic.name} with ${theirs.join()} of ${other.name}`);
    }
    if (shown.patientCount !== undefined && Number(shown.patientCount) !== clinic.patientCount)
      faults.push(`panel ${window}: ${clinic.name} with ${shown.patientCount} patients`);
    const secondsLeft = (Number(shown.expiresAt) - Date.now()) / 1000;
    const isOwn = secondsLeft <= clinic.lifetimeSeconds + 2 && secondsLeft > clinic.lifetimeSeconds - 250;
    if (shown.expiresAt !== undefined && !isOwn)
      faults.push(`panel ${window}: ${clinic.name} ends in ${secondsLeft} s`);
  }

  async function watch(until: () => boolean): Promise<void> {
    const watchPage = async (page: Page, window: number) => {
      while (!until()) {
        const looks = [lookAtStatusBar(page, window), lookAtView(page, window), lookAtPanel(page, window)];
        // A page that is being drawn anew holds nothing still.
        await Promise.all(looks.map((look) => look.catch(() => undefined)));
        await sleep(20);
      }
    };
    await Promise.all(pages.map((page, index) => watchPage(page, index + 1)));
  }

  const byList = async (page: Page, name: string) => {
    await runCommand(page, 'OpenEMR: Switch Connection');
    await page
      .locator('.quick-input-list .monaco-list-row')
      .filter({ hasText: name })
      .first()
      .click({ timeout: 10_000 });
  };
  const byView = (page: Page, name: string) =>
    rows(page).filter({ hasText: name }).first().click({ timeout: 10_000 });
  const byTab = async (page: Page, name: string) => {
    const tab = page.locator('.tab', { hasText: name }).first();
    if ((await tab.count()) > 0) await tab.click({ timeout: 10_000 });
  };

  /** A panel that opens takes the keyboard away from a list, as it would from a person, who then does it again. */
  async function tryTo(page: Page, act: () => Promise<void>): Promise<void> {
    for (let tries = 0; tries < 3; tries++) {
      const isDone = await act().then(
        () => true,
        () => false,
      );
      if (isDone) {
        switches++;
        return;
      }
      await page.keyboard.press('Escape');
    }
  }

  async function switchTo(page: Page, name: string, by: typeof byView): Promise<void> {
    await page.bringToFront();
    await tryTo(page, () => by(page, name));
  }

  const reload = async (page: Page) => {
    await page.reload();
    await waitForStatus(page, /OpenEMR: .* · /, waitMs);
    await rows(page).first().waitFor({ timeout: waitMs });
  };

  it('show each nothing but its own, while people switch and refreshes run', async () => {
    const random = new Random(7);
    const end = Date.now() + switchingMs;
    let isOver = false;
    const watching = watch(() => isOver);
    try {
      for (const page of pages) for (const { name } of clinics) await switchTo(page, name, byView);
      await reload(pages[1]!);
      while (Date.now() < end) {
        const index = random.chance(0.6) ? 0 : 1;
        const page = pages[index]!;
        const { name } = random.pick(clinics);
        await switchTo(page, name, random.pick([byList, byView, byView, byTab]));
        if (index === 0 && random.chance(0.4))
          await tryTo(page, () => runCommand(page, 'OpenEMR: Refresh Token'));
        await sleep(random.between(0, 900));
      }
    } finally {
      isOver = true;
      await watching;
    }
    assert.deepEqual([...new Set(faults)], []);
    assert.ok(switches >= 20, `only ${switches} times something was switched or refreshed`);
    for (const surface of ['status bar', 'view', 'panel'] as const)
      for (const window of [1, 2])
        for (const { name } of clinics) {
          const seen = samples.filter(
            (one) => one.surface === surface && one.window === window && one.owner === name,
          );
          assert.ok(seen.length > 0, `${name} was never seen in the ${surface} of window ${window}`);
        }
  });

  it('are refreshed meanwhile, and no token is sent twice', async () => {
    for (const { name, server } of connected) {
      const log = (await (await fetch(`${server.baseUrl}/sandbox/log`)).json()) as {
        readonly kind: string;
        readonly grantType?: string;
        readonly status?: number;
      }[];
      const refreshed = log.filter(
        ({ grantType, status }) => grantType === 'refresh_token' && status === 200,
      );
      assert.ok(refreshed.length > 0, `${name} was never refreshed`);
      assert.equal(log.filter(({ kind }) => kind === 'refresh-replay').length, 0, name);
    }
  });
});

/** Runs in the page: what is seen and what is read aloud, at one moment. */
function textAndLabel(item: unknown): { text: string; label: string } {
  const { innerText, children } = item as {
    readonly innerText: string;
    readonly children: Iterable<{ getAttribute(name: string): string | null }>;
  };
  const label = Array.from(children, (child) => child.getAttribute('aria-label') ?? '').join(' ');
  return { text: innerText.replace(/\s+/g, ' ').trim(), label };
}

interface Shown {
  readonly text: string;
  readonly expiresAt: string | undefined;
  readonly patientCount: string | undefined;
}

/** Runs in the page: all text below an element, in shadow trees and fields too. */
function everythingIn(root: unknown): Shown {
  interface Node_ {
    readonly nodeType: number;
    readonly textContent: string | null;
    readonly value?: unknown;
    readonly childNodes: Iterable<Node_>;
    readonly shadowRoot?: Node_ | null;
    getAttribute?(name: string): string | null;
  }
  const texts: string[] = [];
  const found: { expiresAt?: string; patientCount?: string } = {};
  const visit = (node: Node_): void => {
    if (node.nodeType === 3) texts.push(node.textContent ?? '');
    if (typeof node.value === 'string') texts.push(node.value);
    const expiresAt = node.getAttribute?.('data-expires-at');
    if (expiresAt) found.expiresAt = expiresAt;
    const patientCount = node.getAttribute?.('data-patient-count');
    if (patientCount) found.patientCount = patientCount;
    if (node.shadowRoot) visit(node.shadowRoot);
    for (const child of node.childNodes) visit(child);
  };
  visit(root as Node_);
  return { text: texts.join(' '), expiresAt: found.expiresAt, patientCount: found.patientCount };
}
