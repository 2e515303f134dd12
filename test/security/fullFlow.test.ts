import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { host } from '../fakes/vscode.ts';
import { startSandbox, type RunningSandbox } from '../../src/sandbox/sandboxServer.ts';
import { admin, until, WorkbenchWindow } from '../adapters/workbenchWindow.ts';
import { secretsIn } from '../host/secretScan.ts';

describe('A whole flow', function () {
  this.timeout(60_000);
  let sandbox: RunningSandbox;
  let window: WorkbenchWindow;
  const seen = { values: new Set<string>(), challenges: new Set<string>() };

  before(async () => {
    sandbox = await startSandbox({ era: '8.2' });
    window = await WorkbenchWindow.open();
    await window.connect(sandbox);
    await window.logIn(admin, (callbackUrl) => {
      for (const name of ['code', 'state'])
        seen.values.add(new URL(callbackUrl).searchParams.get(name) ?? '');
      return fetch(callbackUrl);
    });
    for (const opened of host.opened) {
      const challenge = URL.parse(String(opened))?.searchParams.get('code_challenge');
      if (challenge) seen.challenges.add(challenge);
    }
    for (const [, value = ''] of stored().matchAll(
      /"(?:accessToken|refreshToken|idToken|secret)":"([^"]+)"/g,
    ))
      seen.values.add(value);
    await window.request('connection.test');
    await window.request('session.refresh');
    for (const [, value = ''] of stored().matchAll(
      /"(?:accessToken|refreshToken|idToken|secret)":"([^"]+)"/g,
    ))
      seen.values.add(value);
    await window.request('audit.page', { filter: {} });
    await window.request('audit.verify');
    await window.request('session.logOut');
  });
  after(async () => {
    await window.close();
    await sandbox.stop();
  });

  const stored = () => [...window.fake.secrets.entries.values()].join('\n');
  const written = async (): Promise<Map<string, string>> => {
    const texts = new Map<string, string>([
      ['global state', JSON.stringify([...window.fake.globalState.entries])],
      ['workspace state', JSON.stringify([...window.fake.workspaceState.entries])],
      ['settings', JSON.stringify([...host.settings])],
      ['log', JSON.stringify(host.logChannels.flatMap(({ lines }) => lines))],
      ['panel', JSON.stringify(host.panels.flatMap(({ posted }) => posted))],
      ['messages', JSON.stringify(host.messages)],
    ]);
    for (const entry of await readdir(window.storagePath, { recursive: true, withFileTypes: true })) {
      const path = `${entry.parentPath}/${entry.name}`;
      if (entry.isFile()) texts.set(entry.name, await readFile(path, 'utf8'));
    }
    return texts;
  };

  it('writes no token, secret, code, state or verifier outside of secret storage', async () => {
    assert.ok(seen.values.size >= 6, String(seen.values.size));
    const found = [...(await written())].flatMap(([where, text]) =>
      secretsIn(text, seen).map((kind) => `${kind} in ${where}`),
    );
    assert.deepEqual(found, []);
  });

  it('would have been caught: a planted value of the flow is found', () => {
    const [value = ''] = [...seen.values];
    assert.notDeepEqual(secretsIn(`{"x":"${value}"}`, seen), []);
  });

  it('is in the audit log from registration to logout, by FHIR reference and pseudonym, without a name', async () => {
    const log = await until(async () => {
      const text = [...(await written())]
        .filter(([name]) => name.endsWith('.jsonl'))
        .map(([, it]) => it)
        .join('');
      return text.includes('"action":"logout"') ? text : undefined;
    });
    for (const action of [
      'connection.changed',
      'client.registered',
      'login',
      'connection.tested',
      'fhir.read',
      'token.refreshed',
      'logout',
    ])
      assert.ok(log.includes(`"action":"${action}"`), action);
    assert.match(
      log,
      /"action":"login"[^\n]*"fhirUser":"Person\/|"fhirUser":"Person\/[^\n]*"action":"login"/,
    );
    assert.doesNotMatch(log, /admin|Administrator|https?:|[?&]/);
  });
});
