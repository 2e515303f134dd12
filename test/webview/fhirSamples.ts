import { verdicts, type Verdict } from '../../src/core/fhir/probeVerdict.ts';
import type { ProbeCell, ProbeRow } from '../../src/core/fhir/resourceProbe.ts';
import { analyseScopes } from '../../src/core/oauth/scopeAnalysis.ts';
import { defaultScopesFor } from '../../src/core/oauth/scope.ts';
import type { FhirAsk, FhirView } from '../../src/protocol/fhirViews.ts';
import { eraNamed } from '../../src/sandbox/era.ts';
import { fhirStrings } from '../../src/vscode/webview/fhirStrings.ts';
import { matrixView, scopesView, timingView } from '../../src/vscode/webview/fhirViewModels.ts';
import { tokenView } from '../../src/vscode/tokenTexts.ts';
import { savedDraft, signedIn } from './samples.ts';
import { ScriptedHost } from './scriptedHost.ts';

const requested = [...defaultScopesFor('confidential'), 'user/Observation.read', 'user/patient.read'];
const granted = [...defaultScopesFor('confidential')];
const at = Date.UTC(2026, 10, 22, 9, 30);

const connection = { ...savedDraft, id: 'clinic-a', registeredScopes: granted };

const scopes = () =>
  scopesView(
    connection,
    analyseScopes({
      clientType: 'confidential',
      supported: eraNamed('8.2').scopes,
      registered: granted,
      requested,
      granted,
    }),
    'OpenEMR Workbench (Clinic A)',
  );

const cell = (verdict: Verdict, durationMs: number): ProbeCell => ({
  verdict,
  permission: 'user',
  durationMs,
});
const types = eraNamed('8.2').resources.map(({ type }) => type);

/** Every verdict at least once. */
export const probeRows: ProbeRow[] = types.slice(0, 22).map((type, index) => {
  const verdict = verdicts[index % verdicts.length] ?? 'allowed';
  return {
    type,
    search: cell(verdict, 20 + index * 3),
    read: cell(index % 3 === 0 ? 'allowed' : verdict, 18),
  };
});

const runs = Array.from({ length: 10 }, (_, run) => ({
  at: at + run * 60_000,
  kind: 'matrix' as const,
  times: Object.fromEntries(
    types.slice(0, 12).map((type, index) => [type, 15 + ((index * 7 + run * 5) % 90)]),
  ),
}));

const scopeFor = (type: string) => `user/${type}.read`;
const matrixOf = (last: ProbeRow[]) =>
  matrixView({ running: undefined, scopeFor, last, total: 22, durationMs: 1700 });
/** Two types were searched, one of them was read as well. */
export const matrixRunning = matrixView({
  running: probeRows.slice(0, 2).map(({ read, ...row }, index) => (index === 0 ? { ...row, read } : row)),
  scopeFor,
  last: undefined,
  total: 22,
  durationMs: undefined,
});
export const matrixNone = matrixView({
  running: undefined,
  scopeFor,
  last: undefined,
  total: 34,
  durationMs: undefined,
});

const token = () =>
  tokenView({
    accessToken: {
      header: { typ: 'JWT', alg: 'RS256' },
      claims: {
        aud: savedDraft.clientId,
        jti: '0f1e2d',
        exp: at / 1000 + 3600,
        sub: 'uuid',
        scopes: granted,
      },
      signature: 'valid',
      issuer: 'absent',
      audience: 'same',
    },
    idToken: {
      header: { typ: 'JWT', alg: 'RS256' },
      claims: {
        iss: 'https://emr.example.org/oauth2/default',
        email: 'someone@example.org',
        'api:fhir': true,
      },
      signature: 'invalid',
      issuer: 'same',
      audience: 'other',
    },
    expiresAt: Date.now() + 42 * 60_000,
    lifetimeSeconds: 3600,
    loggedInAt: at,
    grantedScopes: granted,
    hasRefreshToken: true,
    hasPatientContext: false,
    user: { reference: 'Person/0f1e2d3c', type: 'Person', missingScope: 'user/Person.read' },
  });

const rowCount = 50_000;
const rows = Array.from({ length: 50 }, (_, index) => ({
  index,
  id: `${String(index).padStart(8, '0')}-58ce-4f7c-8400-0d8ec6b2e62e`,
  what: '••••',
  state: index % 10 === 9 ? 'inactive' : 'active',
  about: '••••',
  updated: '2026-04-04T11:00:00+00:00',
  isMasked: true,
}));

export const explorerOpen: Extract<FhirView, { part: 'explorer' }> = {
  part: 'explorer',
  types: types.slice(0, 30).map((type) => ({ type, records: '', known: type === 'Patient' ? '120' : '' })),
  isSandbox: false,
  isAllRevealed: false,
};
const selected = {
  type: 'Patient',
  parameters: Object.entries(
    eraNamed('8.2').resources.find(({ type }) => type === 'Patient')?.searchParams ?? {},
  ).map(([name, kind]) => ({ name, kind })),
};
export const explorerFound: typeof explorerOpen = {
  ...explorerOpen,
  selected,
  result: {
    ...{ type: 'Patient', from: 0, count: rowCount, pageSize: 50, isRunning: false, rows },
    text: 'Stopped after 50000 records; the server has more. Narrow the search.',
  },
};

/** One record of them was revealed. */
export const explorerPartlyRevealed: typeof explorerFound = {
  ...explorerFound,
  ...(explorerFound.result && {
    result: {
      ...explorerFound.result,
      rows: rows.map((row) => (row.index === 3 ? { ...row, what: 'Ada Example', isMasked: false } : row)),
    },
  }),
};

/** Plays the extension's part of the FHIR sections; answers an ask with views. */
export function fhirHost(answers: Partial<Record<FhirAsk['kind'], FhirView[]>> = {}): ScriptedHost {
  const host = new ScriptedHost(signedIn());
  const bySection: Record<string, FhirView[]> = {
    scopes: [scopes(), matrixOf(probeRows), timingView([], runs)],
    token: [token()],
    explorer: [explorerOpen],
  };
  host.answerWith('fhir.ask', async ({ ask }) => {
    const opened = ask.kind === 'open' ? bySection[ask.section] : undefined;
    const views = [
      ...(ask.kind === 'open' ? [{ part: 'strings' as const, strings: fhirStrings() }] : []),
      ...(answers[ask.kind] ?? opened ?? []),
    ];
    for (const view of views) await host.tell({ type: 'fhir.changed', view });
    return { kind: 'done', message: '' };
  });
  return host;
}
