import { l10n } from 'vscode';
import type { Connection } from '../core/connection/connection.ts';
import type { ConnectionService } from '../core/connection/connectionService.ts';
import type { SessionService } from '../core/connection/sessionService.ts';
import type { TestService } from '../core/connection/testService.ts';
import type { ConnectionTestResult } from '../core/fhir/connectionTest.ts';
import type { CheckStatus } from '../core/fhir/connectionTestRow.ts';
import { searchableTypes } from '../core/oauth/scopeAnalysis.ts';
import { countText, numberText, secondsText } from './formats.ts';
import { recordNames } from './scopeTexts.ts';
import { stateLabel } from './sessionTexts.ts';
import type { PanelTarget } from './panelTarget.ts';

/** A line below a connection: what is known of it, and where in the panel there is more. */
export interface ConnectionDetail {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  /** A codicon. */
  readonly icon: string;
  readonly tooltip?: string;
  /** Where a click leads; a line that only holds others has none. */
  readonly target?: PanelTarget;
  readonly children?: readonly ConnectionDetail[];
}

export interface ConnectionDetailsDependencies {
  readonly connections: Pick<ConnectionService, 'state'>;
  readonly sessions: Pick<SessionService, 'tokens'>;
  readonly tests: Pick<TestService, 'lastResult'>;
  /** How the connection's login is kept alive, in sentences. */
  readonly linesFor: (connection: Connection) => Promise<string[]>;
}

/** Session, last test and the types of records within reach. A secret storage that refuses leaves only the last out. */
export async function connectionDetails(
  connection: Connection,
  dependencies: ConnectionDetailsDependencies,
): Promise<ConnectionDetail[]> {
  const tokens = await dependencies.sessions.tokens(connection).catch(() => undefined);
  const types = searchableTypes(tokens?.grantedScopes ?? []);
  return [
    await sessionDetail(connection, dependencies),
    testDetail(connection, dependencies),
    ...(types.length > 0 ? [resourcesDetail(connection, types)] : []),
  ];
}

async function sessionDetail(
  connection: Connection,
  { connections, linesFor }: ConnectionDetailsDependencies,
): Promise<ConnectionDetail> {
  const { kind } = await connections.state(connection);
  const [first, ...more] = await linesFor(connection);
  return {
    id: `${connection.id}/session`,
    label: l10n.t('Session'),
    description: [stateLabel(kind), first].filter(Boolean).join(' · '),
    icon: 'account',
    ...(more.length > 0 ? { tooltip: more.join('\n') } : {}),
    target: { id: connection.id, section: 'status' },
  };
}

function testDetail(connection: Connection, { tests }: ConnectionDetailsDependencies): ConnectionDetail {
  const result = tests.lastResult(connection.id);
  return {
    id: `${connection.id}/test`,
    label: l10n.t('Connection test'),
    description: result ? testText(result) : l10n.t('not run yet'),
    icon: 'checklist',
    target: { id: connection.id, section: 'testResults' },
  };
}

function testText({ rows, passed, failed, durationMs }: ConnectionTestResult): string {
  const count = (status: CheckStatus): number => rows.filter((row) => row.status === status).length;
  const [warnings, skipped] = [count('warn'), count('skipped')];
  return [
    countText(passed, l10n.t('1 passed'), l10n.t('{0} passed', numberText(passed))),
    ...(failed > 0 ? [l10n.t('{0} failed', numberText(failed))] : []),
    ...(warnings > 0 ? [l10n.t('{0} with a warning', numberText(warnings))] : []),
    ...(skipped > 0
      ? [countText(skipped, l10n.t('1 skipped'), l10n.t('{0} skipped', numberText(skipped)))]
      : []),
    l10n.t('{0} s', secondsText(durationMs)),
  ].join(' · ');
}

function resourcesDetail({ id }: Connection, types: readonly string[]): ConnectionDetail {
  const names = recordNames();
  return {
    id: `${id}/resources`,
    label: l10n.t('Resources'),
    description: numberText(types.length),
    icon: 'library',
    children: types.map((type) => ({
      id: `${id}/resources/${type}`,
      label: type,
      description: names[type] ?? '',
      icon: 'table',
      target: { id, section: 'explorer', type },
    })),
  };
}
