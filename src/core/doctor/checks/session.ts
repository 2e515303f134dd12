import { fail, pass, warn, type Check, type Finding } from '../check.ts';
import { askedLine, cameLines, type DoctorRun, type Exchange } from '../doctorRun.ts';
import type { Evidence, EvidenceFacts } from '../evidence.ts';
import { translate } from '../translator.ts';
import { introspection } from './client.ts';
import { isOk } from './consistency.ts';
import { readableType, readFhir } from './fhirProbe.ts';

/** The login, what it opens, and whether it can be renewed. Nothing is refreshed: a refresh token works once. */
export const sessionChecks: readonly Check[] = [
  { id: 'token', needs: ['apis'], after: ['openid', 'version'], run: checkToken },
  { id: 'tokenScopes', needs: ['token'], run: checkTokenScopes },
  { id: 'fhirRead', needs: ['token'], run: checkFhirRead },
  { id: 'refresh', needs: ['apis'], after: ['openid', 'version'], run: checkRefresh },
];

function session(run: DoctorRun, facts: EvidenceFacts): Evidence {
  return { step: 'session', facts: { ...run.subjectFacts, ...facts } };
}

async function checkToken(run: DoctorRun): Promise<Finding> {
  const { tokens, now } = run.options;
  if (!tokens)
    return { ...warn([], ['nobody is signed in'], session(run, { hasToken: false })), blocks: true };
  const minutes = Math.floor((tokens.expiresAt - now()) / 60_000);
  const life = `valid for ${minutes} more minutes by this computer’s clock`;
  if (tokens.expiresAt <= now()) return fail([], [life], session(run, { isExpired: true }));
  const [fhir, asked] = await Promise.all([
    readFhir(run),
    introspection(run, tokens.accessToken, 'access_token'),
  ]);
  const exchanges = [fhir, asked].filter((exchange) => exchange !== undefined);
  const came = [life, ...exchanges.flatMap(cameLines)];
  const verdict = fhir && tokenVerdict(run, fhir, asked);
  if (verdict) return fail(exchanges.map(askedLine), came, verdict);
  const note =
    tokens.fhirUser && /\/Person\//.test(tokens.fhirUser) ? { note: 'user-is-no-practitioner' } : {};
  return { ...pass(exchanges.map(askedLine), came, { minutes }), ...note };
}

const tokenRules = [
  'token-is-none',
  'token-not-verified',
  'token-taken-back',
  'token-expired-on-server',
  'token-refused',
  'request-without-token',
];

/** What is wrong with the token itself; what it may not read is another check's. */
function tokenVerdict(run: DoctorRun, fhir: Exchange, asked: Exchange | undefined): Evidence | undefined {
  if (isOk(fhir)) return undefined;
  const evidence = run.evidenceOf(fhir);
  const rule = translate(evidence)?.rule.id ?? '';
  if (rule === 'session-ended') return session(run, { isSignedOut: true });
  const told = asked && run.evidenceOf(asked);
  const status = told?.facts?.['tokenStatus'];
  if (status === 'revoked') return session(run, { isRevoked: true });
  if (status === 'expired' || status === 'failed_verification') return told;
  return tokenRules.includes(rule) ? evidence : undefined;
}

function checkTokenScopes(run: DoctorRun): Finding {
  const { tokens, connection } = run.options;
  const granted = tokens?.grantedScopes ?? [];
  const wanted = (connection.scopes ?? []).filter((scope) => /^(?:user|patient|system)\//.test(scope));
  const missing = wanted.filter((scope) => !granted.includes(scope));
  const asked = [`${wanted.length} permissions for records against those of the token`];
  if (missing.length === 0) return pass(asked, [granted.join(' ')], { count: wanted.length });
  const facts = { ...run.subjectFacts, problem: 'not-granted', scope: missing.join(', ') };
  return warn(asked, [`not granted: ${missing.join(' ')}`], { step: 'scopes', facts });
}

async function checkFhirRead(run: DoctorRun): Promise<Finding> {
  const fhir = await readFhir(run);
  if (!fhir) return pass([], []);
  const [asked, came] = [[askedLine(fhir)], cameLines(fhir)];
  const evidence = run.evidenceOf(fhir);
  if (isOk(fhir) && evidence.body === 'json') return pass(asked, came);
  const { tokens } = run.options;
  const granted = tokens?.grantedScopes ?? [];
  const isRefused = translate(evidence)?.rule.id === 'permission-missing';
  const type = readableType(granted);
  if (!isRefused) return fail(asked, came, evidence);
  if (!type)
    return fail(asked, came, { ...evidence, facts: { ...evidence.facts, scope: 'user/Patient.read' } });
  const isPatientOnly = !granted.some((scope) => scope.startsWith('user/'));
  const facts =
    isPatientOnly && tokens?.patient === undefined
      ? { hasPatientScopesOnly: true, hasPatient: false }
      : { isGranted: true, isRefused: true };
  return fail(asked, came, { step: 'fhir', facts: { ...run.subjectFacts, ...facts } });
}

async function checkRefresh(run: DoctorRun): Promise<Finding> {
  const { tokens, connection } = run.options;
  if (!tokens) return { status: 'notUsed', asked: [], came: ['nobody is signed in'] };
  if (!tokens.refreshToken) {
    const evidence: Evidence = { step: 'refresh', facts: { ...run.subjectFacts, hasRefreshToken: false } };
    const isWanted = connection.scopes?.includes('offline_access') ?? false;
    return (isWanted ? fail : warn)([], ['no refresh token was handed out'], evidence);
  }
  const [own, access] = await Promise.all([
    introspection(run, tokens.refreshToken, 'refresh_token'),
    introspection(run, tokens.accessToken, 'access_token'),
  ]);
  if (!own) return pass([], ['a refresh token is there']);
  const [asked, came] = [[askedLine(own)], cameLines(own)];
  const status = refreshTokenStatus(run, own, access);
  if (!status) return pass(asked, came);
  return fail(asked, came, { step: 'refresh', facts: { ...run.subjectFacts, refreshTokenStatus: status } });
}

/** 8.x calls everything inactive to a client that it does not believe; the access token tells whether it does. */
function refreshTokenStatus(run: DoctorRun, own: Exchange, access: Exchange | undefined): string | undefined {
  const facts = run.evidenceOf(own).facts;
  if (facts?.['active'] !== false) return undefined;
  const status = String(facts['tokenStatus']);
  if (status !== 'none') return status === 'expired' ? 'expired' : 'revoked';
  const isBelieved = access && jsonActive(run, access) === true;
  return isBelieved ? 'revoked' : undefined;
}

function jsonActive(run: DoctorRun, exchange: Exchange): unknown {
  return run.evidenceOf(exchange).facts?.['active'];
}
