import { l10n } from 'vscode';
import type { PanelSection } from '../../src/protocol/panelState.ts';
import { explorerFound, fhirHost } from './fhirSamples.ts';
import type { PresentedError } from '../../src/protocol/viewModels.ts';
import type { OpenPanel, PanelPages } from './panelPage.ts';
import {
  certificate,
  discovery,
  emptyDraft,
  failure,
  newConnection,
  savedConnection,
  signedIn,
  testReport,
} from './samples.ts';
import { ScriptedHost } from './scriptedHost.ts';
import { auditHost, doctorHost } from './sectionSamples.ts';
import type { ThemeName } from './themes.ts';

/** A state of the panel: what the extension says, and what somebody does. */
export interface Scene {
  readonly name: string;
  readonly section: PanelSection;
  readonly host: () => ScriptedHost;
  readonly play?: (panel: OpenPanel) => Promise<void>;
  /** The page has not opened, or not yet. */
  readonly isOpening?: boolean;
}

const draft = { ...emptyDraft, name: 'Clinic A', baseUrl: 'https://emr.example.org/openemr' };

const unreachable: PresentedError = {
  code: 'network/refused',
  happened: 'OpenEMR could not be reached.',
  why: 'The connection was refused.',
  remedy: 'Check that OpenEMR is running, then try again.',
};

function neverReady(): ScriptedHost {
  return new ScriptedHost(savedConnection()).answerWith('panel.ready', () => new Promise(() => undefined));
}

export const scenes: Scene[] = [
  { name: 'new', section: 'connection', host: () => new ScriptedHost(newConnection()) },
  {
    name: 'discovered',
    section: 'connection',
    host: () =>
      new ScriptedHost(newConnection({ saved: draft })).answer('connection.discover', {
        kind: 'found',
        discovery,
      }),
    play: async (panel) => {
      await panel.button('Discover').click();
      await panel.until('What the server says');
    },
  },
  {
    name: 'certificate',
    section: 'connection',
    host: () =>
      new ScriptedHost(newConnection({ saved: draft })).answer('connection.discover', {
        kind: 'certificate',
        certificate,
        error: {
          code: 'tls/untrusted',
          happened: 'The certificate of this server could not be checked.',
          why: 'This server proves its identity with a certificate that nobody vouches for.',
          remedy: 'That is normal for a test server, not for a practice.',
        },
      }),
    play: async (panel) => {
      await panel.button('Discover').click();
      await panel.button('Trust this certificate').waitFor();
    },
  },
  {
    name: 'problems',
    section: 'connection',
    host: () =>
      new ScriptedHost(savedConnection()).answer('connection.validate', {
        problems: [
          {
            field: 'baseUrl',
            severity: 'error',
            message: 'Plain http is accepted for this computer only. Use https.',
          },
          { field: 'site', severity: 'hint', message: 'Will be saved as default.' },
        ],
      }),
    play: async (panel) => {
      await panel.textbox('Base URL').fill('http://emr.example.org');
      await panel.until('Plain http is accepted for this computer only. Use https.');
    },
  },
  {
    name: 'enable',
    section: 'connection',
    host: () =>
      new ScriptedHost(savedConnection({ step: 'enable', clientState: 'disabled' })).answer('client.check', {
        kind: 'checked',
        client: 'disabled',
        redirect: 'accepted',
        secret: 'unclear',
      }),
    play: async (panel) => {
      await panel.button('Check again').click();
      await panel.until('The client is known but not enabled yet.');
    },
  },
  {
    name: 'sign-out-question',
    section: 'connection',
    host: () =>
      new ScriptedHost(signedIn({ step: 'done' })).answer('connection.save', {
        kind: 'signsOut',
        message: 'You are signed in to Clinic A. With another address the login ends and you log in again.',
      }),
    play: async (panel) => {
      await panel.textbox('Base URL').fill('https://other.example.org');
      await panel.button('Save').click();
      await panel.button('Keep editing').waitFor();
    },
  },
  {
    name: 'status',
    section: 'status',
    host: () => {
      const model = signedIn();
      return new ScriptedHost({ ...model, session: { ...model.session, lastFailure: failure } });
    },
  },
  {
    name: 'error',
    section: 'status',
    host: () =>
      new ScriptedHost(savedConnection()).answer('session.logIn', { kind: 'failed', error: failure }),
    play: async (panel) => {
      await panel.button('Log in').click();
      await panel.page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'test-results',
    section: 'testResults',
    host: () => {
      const host = new ScriptedHost(signedIn({ step: 'done' }));
      host.test = { state: 'done', report: testReport() };
      return host;
    },
  },
  {
    name: 'test-running',
    section: 'testResults',
    host: () => {
      const host = new ScriptedHost(signedIn());
      const running = { id: 'token', check: 'Token', result: 'running', meaning: '' } as const;
      host.test = { state: 'running', rows: [...testReport().rows.slice(0, 2), running] };
      host.operation = 'test';
      return host;
    },
  },
  {
    name: 'offline',
    section: 'status',
    host: () => {
      const model = signedIn({ step: 'done', environment: 'production' });
      const session = {
        ...model.session,
        state: 'refreshFailed',
        label: 'Offline, retrying',
        tone: 'warning',
      } as const;
      return new ScriptedHost({ ...model, session: { ...session, lastFailure: unreachable } });
    },
  },
  {
    name: 'log-in-again',
    section: 'testResults',
    host: () => {
      const model = savedConnection({ environment: 'training' });
      const session = {
        ...model.session,
        state: 'reauthenticationRequired',
        label: 'Log in again',
        tone: 'bad',
      } as const;
      const host = new ScriptedHost({ ...model, session });
      host.test = { state: 'failed', error: unreachable };
      return host;
    },
  },
  {
    name: 'where-to-find',
    section: 'connection',
    host: () => new ScriptedHost(savedConnection({ environment: 'test' })),
    play: async (panel) => {
      for (const place of await panel.page.locator('details.where summary').all()) await place.click();
    },
  },
  { name: 'loading', section: 'connection', host: neverReady, isOpening: true },
  {
    name: 'opening-failed',
    section: 'connection',
    host: () => {
      const host = new ScriptedHost(savedConnection());
      host.refuseNext('panel.ready', unreachable);
      return host;
    },
    isOpening: true,
    play: (panel) => panel.page.getByRole('alert').waitFor(),
  },
  { name: 'test-empty', section: 'testResults', host: () => new ScriptedHost(signedIn()) },
];

/** The sections beside form, status and test. */
export const sectionScenes: Scene[] = [
  { name: 'scopes', section: 'scopes', host: () => fhirHost() },
  { name: 'token', section: 'token', host: () => fhirHost() },
  {
    name: 'explorer',
    section: 'explorer',
    host: () => fhirHost({ selectType: [explorerFound] }),
    play: async (panel) => {
      await panel.page.getByLabel(l10n.t('Types of records')).selectOption('Patient');
      await panel.page.locator('table.records').waitFor();
    },
  },
  {
    name: 'doctor',
    section: 'doctor',
    host: doctorHost,
    play: async (panel) => {
      await panel.page.locator('[data-check="client-secret"]').waitFor();
    },
  },
  {
    name: 'transcript',
    section: 'transcript',
    host: doctorHost,
    play: (panel) => panel.page.locator('.exchanges summary').click(),
  },
  {
    name: 'audit',
    section: 'audit',
    host: auditHost,
    play: async (panel) => {
      await panel.page.locator('[data-seq="1203"]').waitFor();
      await panel.button('Verify').click();
      await panel.page.locator('[data-verification]').waitFor();
    },
  },
];

/** Opens the panel in this state and brings it there. */
export async function openScene(pages: PanelPages, scene: Scene, theme: ThemeName): Promise<OpenPanel> {
  const host = scene.host();
  const { connectionId } = host.viewModel;
  const state = { version: 1, section: scene.section, ...(connectionId ? { connectionId } : {}) } as const;
  const panel = await pages.open({ theme, host, state });
  const { page } = panel;
  if (scene.isOpening) await page.locator('.opening, [role=alert]').first().waitFor();
  else {
    await page.getByRole('tabpanel').waitFor();
    await page.locator('main h2').first().waitFor();
  }
  await scene.play?.(panel);
  return panel;
}
