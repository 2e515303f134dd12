import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../../src/launch/paths.ts';
import type { PanelSection } from '../../src/protocol/panelState.ts';
import { startSandbox, type RunningSandbox } from '../../src/sandbox/sandboxServer.ts';
import { host } from '../fakes/vscode.ts';
import { until, WorkbenchWindow } from './workbenchWindow.ts';

/** Where each command of the palette and the views leads in the panel; in words where the panel has no place for it. */
const landings: Readonly<Record<string, { section: PanelSection } | string>> = {
  configureConnection: { section: 'connection' },
  registerClient: { section: 'connection' },
  addConnection: 'an empty form, which opens at Connection by itself',
  quickConnect: 'two questions, then the form that they filled in',
  openConnection: 'the panel where it was left',
  openConnectionToSide: 'the panel where it was left',
  logIn: { section: 'status' },
  logOut: { section: 'status' },
  refreshToken: { section: 'status' },
  testConnection: { section: 'testResults' },
  trustServerCertificate: { section: 'connection' },
  showScopes: { section: 'scopes' },
  showTokenDetails: { section: 'token' },
  openFhirResource: { section: 'explorer' },
  runConnectionDoctor: { section: 'doctor' },
  copySupportReport: 'a document of its own',
  showAuditLog: { section: 'audit' },
  verifyAuditLog: { section: 'audit' },
  exportAuditLog: { section: 'audit' },
  startSandbox: 'the form of the sandbox, once it runs (sandboxProcess.test.ts)',
  stopSandbox: 'nothing to show',
  switchConnection: 'a list',
  renameConnection: 'an input box',
  duplicateConnection: 'the form of the copy, which opens at Connection by itself',
  removeConnection: 'a question',
  setEnvironment: 'a list',
  moveConnectionUp: 'the view in which it moves',
  moveConnectionDown: 'the view in which it moves',
  exportConnections: 'a dialogue for files',
  importConnections: 'a dialogue for files',
  resetStoredCredentials: 'a question; it belongs to no connection',
};

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

describe('The commands lead to their sections of the panel', () => {
  let sandbox: RunningSandbox;
  let window: WorkbenchWindow;

  before(async () => {
    sandbox = await startSandbox();
    window = await WorkbenchWindow.open();
    await window.connect(sandbox);
    await window.logIn();
  });
  after(async () => {
    await window.close();
    await sandbox.stop();
  });

  it('each of them is looked at here', async () => {
    const manifest = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')) as Manifest;
    const contributed = manifest.contributes.commands.map(({ command }) => command.replace('openemr.', ''));
    assert.deepEqual(Object.keys(landings).sort(), contributed.sort());
  });

  for (const [id, landing] of Object.entries(landings)) {
    if (typeof landing === 'string') continue;
    it(`${id}: ${landing.section}`, async () => {
      for (const panel of host.panels) panel.dispose();
      const panels = host.panels.length;
      const running = window.command(id);
      await until(() => host.panels[panels]);
      await window.request('panel.ready');
      await until(() => window.panel.posted.find((message) => isShow(message, landing.section)));
      assert.equal(window.panel.title, 'OpenEMR: Clinic A');
      await unanswered(running);
    });
  }
});

/** Ends a command by answering nothing that it asks. */
async function unanswered(command: Promise<void>): Promise<void> {
  let hasEnded = false;
  void command.finally(() => (hasEnded = true));
  await until(() => {
    for (const progress of host.progresses) progress.cancel();
    for (const question of [...host.messages, ...host.quickPicks]) question.close();
    return hasEnded || undefined;
  });
}

function isShow(message: unknown, section: PanelSection): boolean {
  const { type, section: shown } = message as { type?: string; section?: string };
  return type === 'panel.show' && shown === section;
}
