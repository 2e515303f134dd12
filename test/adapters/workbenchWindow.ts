import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFakeContext, type FakeContext } from '../fakes/extensionContext.ts';
import { signIn, type Person } from '../fakes/personAtBrowser.ts';
import { host } from '../fakes/vscode.ts';
import type { FakeWebviewPanel } from '../fakes/webviewPanel.ts';
import { defaultScopesFor } from '../../src/core/oauth/scope.ts';
import { activate, deactivate } from '../../src/extension.ts';
import type { ConnectionDraft } from '../../src/protocol/viewModels.ts';
import type { RunningSandbox } from '../../src/sandbox/sandboxServer.ts';

/** The sandbox from its sources: what is tested here is how it is started, not its bundle. */
const sandboxMain = new URL('../../src/sandbox/main.ts', import.meta.url).href;

type Message = Record<string, unknown>;

type Address = Pick<RunningSandbox, 'baseUrl'>;

export const admin: Person = { username: 'admin', password: 'pass' };

/** The form as a newcomer fills it in for a sandbox. */
export function draftFor({ baseUrl }: { baseUrl: string }, change: Partial<ConnectionDraft> = {}) {
  const draft: ConnectionDraft = {
    name: 'Clinic A',
    baseUrl,
    site: 'default',
    clientType: 'confidential',
    clientId: '',
    scopes: [...defaultScopesFor(change.clientType ?? 'confidential')],
    callback: 'loopback',
  };
  return { ...draft, ...change };
}

/** What the administrator does under API Clients. */
export async function enableClient({ baseUrl }: Address, clientId: string): Promise<void> {
  const { status } = await fetch(`${baseUrl}/sandbox/clients/${clientId}/enable`, { method: 'POST' });
  assert.ok(status < 300, `status ${status}`);
}

/** The extension, really activated, in the fake editor: commands, panel and browser as a person would use them. */
export class WorkbenchWindow {
  readonly fake: FakeContext;
  readonly storagePath: string;
  #lastRequestId = 0;

  constructor(fake: FakeContext, storagePath: string) {
    this.fake = fake;
    this.storagePath = storagePath;
  }

  /** `prepare` sets the editor up, after it was emptied and before the extension starts. */
  static async open(prepare: (fake: FakeContext) => unknown = () => undefined): Promise<WorkbenchWindow> {
    host.reset();
    const folder = await mkdtemp(join(tmpdir(), 'workbench-'));
    const extensionPath = join(folder, 'extension');
    await mkdir(join(extensionPath, 'dist'), { recursive: true });
    await writeFile(join(extensionPath, 'dist', 'sandbox.js'), `import ${JSON.stringify(sandboxMain)};`);
    await writeFile(join(extensionPath, 'package.json'), '{"type":"module"}');
    const storagePath = join(folder, 'storage');
    const fake = createFakeContext({ extensionPath, globalStoragePath: storagePath });
    await prepare(fake);
    activate(fake.context);
    return new WorkbenchWindow(fake, storagePath);
  }

  /** The window is reloaded: the extension ends and starts again over the same storage, after `between`. */
  async reload(between: () => unknown = () => undefined): Promise<void> {
    await this.#end();
    await between();
    host.panels.length = 0;
    activate(this.fake.context);
  }

  async close(): Promise<void> {
    await this.#end();
    // What was under way when the window closed may still write its last file.
    await rm(join(this.storagePath, '..'), { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
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

  /** Opens the panel as the palette does and waits for its page. */
  async openPanel(): Promise<Message> {
    await this.command('configureConnection');
    return this.request('panel.ready');
  }

  /** Picks an entry of the list that the operation shows. */
  async pickWhile(operation: () => Promise<void>, label: string): Promise<void> {
    const before = host.quickPicks.length;
    const running = operation();
    (await until(() => host.quickPicks[before])).pick(label);
    await running;
  }

  /** Asks for a new connection in the list of connections. */
  async openNewPanel(): Promise<Message> {
    await this.pickWhile(() => this.command('switchConnection'), 'Add connection');
    return this.request('panel.ready');
  }

  /** Fills in the form of a new connection and presses Register client; answers with what was registered. */
  async register(draft: ConnectionDraft): Promise<{ connectionId: string; clientId: string }> {
    host.panels.at(-1)?.dispose();
    await this.openNewPanel();
    const outcome = await this.request('client.register', { draft, confirmed: false });
    assert.equal(outcome['kind'], 'registered', JSON.stringify(outcome));
    return { connectionId: String(outcome['connectionId']), clientId: String(outcome['clientId']) };
  }

  /** A connection that is ready for a login. */
  async connect(sandbox: Address, change: Partial<ConnectionDraft> = {}): Promise<string> {
    const { connectionId, clientId } = await this.register(draftFor(sandbox, change));
    await enableClient(sandbox, clientId);
    return connectionId;
  }

  /** Sends a request as the page does and waits for the answer. */
  async request<T = Message>(type: string, body: Message = {}, waitMs?: number): Promise<T> {
    const id = ++this.#lastRequestId;
    const { panel } = this;
    panel.receive({ type, id, ...body });
    const answer = await until(
      () => panel.posted.find((message) => isAnswerTo(id, message)) as Message | undefined,
      waitMs,
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
    person: Person = admin,
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

/** Waits until `look` finds something; fails after ten seconds, or as many as it is given. */
export async function until<T>(
  look: () => T | undefined | Promise<T | undefined>,
  waitMs = 10_000,
): Promise<T> {
  for (let tries = 0; tries < waitMs / 20; tries++) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((tick) => setTimeout(tick, 20));
  }
  throw new Error('What was waited for did not happen.');
}
