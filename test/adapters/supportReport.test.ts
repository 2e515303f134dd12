import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { startSandbox, type RunningSandbox } from '../../src/sandbox/sandboxServer.ts';
import { host } from '../fakes/vscode.ts';
import { until, WorkbenchWindow } from './workbenchWindow.ts';

describe('The support report', () => {
  let sandbox: RunningSandbox;
  let window: WorkbenchWindow;

  beforeEach(async () => {
    sandbox = await startSandbox();
    window = await WorkbenchWindow.open();
    await window.connect(sandbox);
    await window.logIn();
  });
  afterEach(async () => {
    await window.close();
    await sandbox.stop();
  });

  const question = () => until(() => host.messages.find(({ text }) => /support report holds/.test(text)));

  it('is shown before it is copied, and copied only when told to', async () => {
    const command = window.command('copySupportReport');
    const message = await question();
    assert.equal(host.clipboard, '');
    assert.match(host.documents.at(-1) ?? '', /OpenEMR Workbench/);
    message.press('Copy report');
    await command;
    assert.equal(host.clipboard, host.documents.at(-1));
  });

  it('is left alone by whoever closes the question', async () => {
    const command = window.command('copySupportReport');
    (await question()).close();
    await command;
    assert.equal(host.clipboard, '');
  });

  it('holds nothing that is secret', async () => {
    const command = window.command('copySupportReport');
    (await question()).press('Copy report');
    await command;
    const kept = [...window.fake.secrets.entries.values()].join('\n');
    const secrets = [...kept.matchAll(/"(?:accessToken|refreshToken|idToken|secret)":"([^"]+)"/g)];
    assert.ok(secrets.length >= 4);
    for (const [, secret = ''] of secrets) assert.ok(!host.clipboard.includes(secret));
  });
});
