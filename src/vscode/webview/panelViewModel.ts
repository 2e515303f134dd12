import { defaultScopesFor } from '../../core/oauth/scope.ts';
import type { ClientService } from '../../core/connection/clientService.ts';
import type { Connection } from '../../core/connection/connection.ts';
import type { ConnectionProgress } from '../../core/connection/connectionProgress.ts';
import type { ConnectionService } from '../../core/connection/connectionService.ts';
import type { Servers } from '../../core/connection/servers.ts';
import type { SessionService } from '../../core/connection/sessionService.ts';
import type { TestService } from '../../core/connection/testService.ts';
import { isWorkbenchError, WorkbenchError } from '../../core/base/errors.ts';
import type { TokenState } from '../../core/oauth/tokenSet.ts';
import type { ConnectionDraft, PanelViewModel, PresentedError } from '../../protocol/viewModels.ts';
import { scopeChoices } from '../scopeTexts.ts';
import { sessionView } from '../sessionTexts.ts';
import { discoveryView } from './discoveryView.ts';
import { testReportView } from './testRowTexts.ts';

export interface PanelServices {
  readonly connections: ConnectionService;
  readonly clients: ClientService;
  readonly sessions: SessionService;
  readonly tests: TestService;
  readonly servers: Servers;
  readonly progress: ConnectionProgress;
  readonly present: (error: unknown) => PresentedError;
  /** How the connection's login is kept alive, in sentences. */
  readonly linesFor?: (connection: Connection) => Promise<string[]>;
}

const defaultScopes = {
  confidential: [...defaultScopesFor('confidential')],
  public: [...defaultScopesFor('public')],
};

/** What the form of a connection that was never saved starts with. */
export function newConnectionView({
  connections,
  present,
}: Pick<PanelServices, 'connections' | 'present'>): PanelViewModel {
  const unusable = unusableEntries(connections);
  return {
    saved: {
      name: '',
      baseUrl: '',
      site: 'default',
      clientType: 'confidential',
      clientId: '',
      scopes: defaultScopes.confidential,
      callback: 'automatic',
    },
    hasClientSecret: false,
    step: 'connect',
    clientState: 'none',
    session: sessionView({ kind: 'none' }, undefined, [], present),
    scopeChoices: scopeChoices([...defaultScopes.confidential, ...defaultScopes.public]),
    defaultScopes,
    clients: [],
    ...(unusable ? { notice: present(unusable) } : {}),
  };
}

/** Everything that the panel shows of a saved connection. */
export async function connectionView(
  connection: Connection,
  services: PanelServices,
): Promise<PanelViewModel> {
  const { connections, sessions, linesFor, present } = services;
  // Each is a round trip to the editor's storage.
  const [state, tokens, secret, keptAlive = []] = await Promise.all([
    connections.state(connection),
    readable(sessions.tokens(connection)),
    readable(connections.clientSecret(connection)),
    linesFor?.(connection),
  ]);
  const session = sessionView(state, tokens.value, connection.scopes, present);
  const notice = secret.error ?? unusableEntries(connections);
  return {
    ...settingsView(connection, services, state),
    hasClientSecret: secret.value !== undefined,
    session: { ...session, ...(keptAlive.length > 0 ? { keptAlive } : {}) },
    ...(notice ? { notice: present(notice) } : {}),
  };
}

/**
 * What the panel can show of a saved connection without secret storage, which takes its time while the editor makes
 * a webview. Undefined where that would say too little of the login.
 */
export async function openingView(
  connection: Connection,
  services: PanelServices,
): Promise<PanelViewModel | undefined> {
  const { connections, present } = services;
  const state = await connections.notedState(connection);
  if (!state) return undefined;
  const notice = unusableEntries(connections);
  const left = 'expiresAt' in state ? { expiresAt: state.expiresAt } : {};
  return {
    ...settingsView(connection, services, state),
    hasClientSecret: connection.clientType === 'confidential' && connection.clientId !== undefined,
    session: { ...sessionView(state, undefined, connection.scopes, present), ...left },
    ...(notice ? { notice: present(notice) } : {}),
  };
}

type SecretPart = 'hasClientSecret' | 'session' | 'notice';

function settingsView(
  connection: Connection,
  services: PanelServices,
  state: TokenState,
): Omit<PanelViewModel, SecretPart> {
  const { clients, tests, servers, progress, present } = services;
  const discovery = servers.lastDiscovery(connection);
  const lastTest = tests.lastResult(connection.id);
  return {
    connectionId: connection.id,
    saved: draftOf(connection),
    ...(connection.environment ? { environment: connection.environment } : {}),
    step: progress.nextStep(connection, state.kind),
    clientState: progress.clientState(connection),
    scopeChoices: scopeChoices([
      ...defaultScopes.confidential,
      ...defaultScopes.public,
      ...connection.scopes,
      ...(discovery?.metadata.scopesSupported ?? []),
    ]),
    defaultScopes,
    clients: clients.registeredAt(connection).map((client) => ({
      clientId: client.clientId,
      name: client.clientName,
      registeredAt: client.registeredAt,
      isCurrent: client.clientId === connection.clientId,
    })),
    ...(discovery ? { discovery: discoveryView(connection, discovery) } : {}),
    ...(connection.pinnedCertificate
      ? { pinnedCertificate: { sha256: connection.pinnedCertificate.sha256 } }
      : {}),
    ...(lastTest ? { lastTest: testReportView(lastTest, present, false) } : {}),
  };
}

/** What stands in the settings as a connection and is none: named, since it is missing wherever one looks. */
function unusableEntries(connections: ConnectionService): WorkbenchError | undefined {
  const problems = connections
    .rejected()
    .map(({ name, index, problems: own }) => `${name ?? `#${index + 1}`} (${own.join('; ')})`);
  return problems.length > 0
    ? new WorkbenchError('connection/invalid-settings', { details: { problems } })
    : undefined;
}

/** What secret storage holds, or why it cannot be read: the rest of the panel works without it. */
async function readable<T>(reading: Promise<T>): Promise<{ value?: T; error?: WorkbenchError }> {
  try {
    return { value: await reading };
  } catch (error) {
    if (isWorkbenchError(error)) return { error };
    throw error;
  }
}

export function draftOf(connection: Connection): ConnectionDraft {
  const { name, baseUrl, site, clientType, clientId, scopes, callback } = connection;
  return { name, baseUrl, site, clientType, clientId: clientId ?? '', scopes, callback };
}
