import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createFakeContext, type FakeContext } from '../fakes/extensionContext.ts';
import { signIn, type Person } from '../fakes/personAtBrowser.ts';
import { host } from '../fakes/vscode.ts';
import type { FakeWebviewPanel } from '../fakes/webviewPanel.ts';
import { activate, deactivate } from '../../src/extension.ts';

type Message = Record<string, unknown>;

/** The extension, really activated, in the fake editor: commands, panel and browser as a person would use them. */
export class WorkbenchWindow {
  readonly fake: FakeContext;
  readonly storagePath: string;
  #lastRequestId = 0;

  constructor(fake: FakeContext, storagePath: string) {
    this.fake = fake;
    this.storagePath = storagePath;
  }

  static async open(): Promise<WorkbenchWindow> {
    host.reset();
    const storagePath = await mkdtemp(join(tmpdir(), 'workbench-'));
    const fake = createFakeContext({ extensionPath: resolve('.'), globalStoragePath: storagePath });
    activate(fake.context);
    return new WorkbenchWindow(fake, storagePath);
  }

  /** The window is reloaded: the extension ends and starts again over the same storage. */
  async reload(): Promise<void> {
    await this.#end();
    host.panels.length = 0;
    activate(this.fake.context);
  }

  async close(): Promise<void> {
    await this.#end();
    await rm(this.storagePath, { recursive: true, force: true });
  }

  async #end(): Promise<void> {
    this.fake.dispose();
    await deactivate();
  }

  async command(title: string): Promise<void> {
    const run = host.commands.get(`openemr.${title}`);
    if (!run) throw new Error(`No command ${title}`);
    await run();
  }

  get panel(): FakeWebviewPanel {
    return host.lastPanel;
  }

  get statusText(): string {
    return host.statusBarItems.at(-1)?.text ?? '';
  }

  /** Sends a request as the page does and waits for the answer. */
  async request<T = Message>(type: string, body: Message = {}): Promise<T> {
    const id = ++this.#lastRequestId;
    const { panel } = this;
    panel.receive({ type, id, ...body });
    const answer = await until(
      () => panel.posted.find((message) => isAnswerTo(id, message)) as Message | undefined,
    );
    if (answer['type'] === 'request.failed') throw new Error(JSON.stringify(answer['error']));
    return answer['result'] as T;
  }

  /** The page that was opened last, once there is one more than `before`. */
  async openedPage(before: number): Promise<string> {
    return until(() => (host.opened.length > before ? String(host.opened.at(-1)) : undefined));
  }

  /** Presses Log in, signs in at the page that opens, and lets the browser go back. */
  async logIn(
    person: Person,
    goBack: (callbackUrl: string) => Promise<unknown> = (url) => fetch(url),
  ): Promise<Message> {
    const before = host.opened.length;
    const outcome = this.request('session.logIn');
    const page = await this.openedPage(before);
    await goBack(await signIn(await followGo(page), person));
    return outcome;
  }
}

/** In a browser host the sign-in page is opened by way of our own one-time address. */
async function followGo(page: string): Promise<string> {
  if (!/\/go\//.test(page)) return page;
  const response = await fetch(page, { redirect: 'manual' });
  return response.headers.get('location') ?? page;
}

function isAnswerTo(id: number, message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'id' in message && message.id === id;
}

/** Waits until `look` finds something; fails after ten seconds. */
export async function until<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 500; tries++) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((tick) => setTimeout(tick, 20));
  }
  throw new Error('What was waited for did not happen.');
}
