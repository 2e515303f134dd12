import { EventEmitter } from '../../../src/core/base/event.ts';
import { toWorkbenchError } from '../../../src/core/base/errors.ts';
import type { PanelViewModel, TestReport } from '../../../src/protocol/viewModels.ts';
import type { PanelBackend } from '../../../src/vscode/webview/panelBackend.ts';

const scopes = ['openid', 'user/Patient.read'];

export function viewModelOf(connectionId?: string, change: Partial<PanelViewModel> = {}): PanelViewModel {
  return {
    ...(connectionId ? { connectionId } : {}),
    saved: {
      name: connectionId ? 'Clinic A' : '',
      baseUrl: 'https://emr.example.org',
      site: 'default',
      clientType: 'confidential',
      clientId: '',
      scopes,
      callback: 'automatic',
    },
    hasClientSecret: false,
    step: 'connect',
    clientState: 'none',
    session: {
      state: 'none',
      label: 'Signed out',
      tone: 'neutral',
      canRefresh: false,
      scopesGranted: [],
      scopesMissing: [],
    },
    scopeChoices: [],
    defaultScopes: { confidential: scopes, public: [] },
    clients: [],
    ...change,
  };
}

export const report: TestReport = {
  rows: [{ id: 'server', check: 'Server answers', result: 'pass', ms: 3, meaning: 'It answers.' }],
  startedAt: Date.UTC(2099, 0, 1),
  durationMs: 3,
  scopesGranted: scopes,
  context: 'user',
  wasCancelled: false,
};

/** What stands behind the panel, reduced to answers that a test can replace, and a record of what was asked. */
export class ScriptedBackend implements PanelBackend {
  readonly calls: { readonly name: string; readonly argument: unknown }[] = [];
  readonly changes = new EventEmitter<string | undefined>();
  readonly onDidChange = this.changes.event;
  openingView: PanelBackend['openingView'] = (connectionId) => this.viewModel(connectionId);
  viewModel: PanelBackend['viewModel'] = (connectionId) => Promise.resolve(viewModelOf(connectionId));
  validate: PanelBackend['validate'] = () => Promise.resolve([]);
  discover: PanelBackend['discover'] = () => Promise.resolve({ kind: 'cancelled' });
  trustCertificate = this.#done('trustCertificate');
  save: PanelBackend['save'] = (submission) => {
    this.#take('save', submission);
    return Promise.resolve({ kind: 'saved', connectionId: submission.connectionId ?? 'new-id' });
  };
  register: PanelBackend['register'] = (submission) => {
    this.#take('register', submission);
    return Promise.resolve({ kind: 'registered', connectionId: 'new-id', clientId: 'c', client: 'disabled' });
  };
  forgetCertificate: PanelBackend['forgetCertificate'] = () => Promise.resolve({ kind: 'cancelled' });
  checkClient: PanelBackend['checkClient'] = () =>
    Promise.resolve({ kind: 'checked', client: 'enabled', redirect: 'accepted', secret: 'unclear' });
  openApiClients = this.#done('openApiClients');
  logIn: PanelBackend['logIn'] = this.#done('logIn');
  refreshToken = this.#done('refreshToken');
  logOut = this.#done('logOut');
  testConnection: PanelBackend['testConnection'] = (_connectionId, onRow) => {
    report.rows.forEach(onRow);
    return Promise.resolve(report);
  };
  runAction = this.#done('runAction');

  present: PanelBackend['present'] = (error) => {
    const { code } = toWorkbenchError(error);
    return { code, happened: 'H.', why: 'W.', remedy: 'R.' };
  };

  /** Without what a form carries along for the backend alone. */
  #take(name: string, argument: unknown): void {
    const asked =
      typeof argument === 'object' && argument !== null ? { ...argument, trust: undefined } : argument;
    this.calls.push({ name, argument: JSON.parse(JSON.stringify(asked)) });
  }

  #done(name: string) {
    return (argument: unknown) => {
      this.#take(name, argument);
      return Promise.resolve({ kind: 'done' as const, message: `${name} is done.` });
    };
  }
}
