import type { CheckId } from '../../src/core/doctor/check.ts';
import type { DoctorReport } from '../../src/core/doctor/doctor.ts';
import { evidenceOfAnswer, type Evidence } from '../../src/core/doctor/evidence.ts';
import { translate } from '../../src/core/doctor/translator.ts';
import type { FaultName } from '../../src/sandbox/faults.ts';
import { signIn } from '../fakes/personAtBrowser.ts';
import { DoctorsPatient, redirectUri, type EraName } from './patient.ts';

interface ScenarioBase {
  readonly fault: FaultName;
  /** Absent: both. */
  readonly eras?: readonly EraName[];
  readonly rule: string;
}

/** The fault makes a working connection ill, and the doctor is called. */
export interface DoctorScenario extends ScenarioBase {
  readonly tag: 'doctor';
  readonly check: CheckId;
  readonly clientType?: 'public';
  /** What people try while the fault is on; its failure is what the doctor hears of. Nothing: they were signed in. */
  readonly attempt?: 'login' | 'registration' | 'refresh';
  /** The finding is told beside a passed check: no alarm. */
  readonly isNote?: true;
}

/** The fault's answer goes to the translator. */
export interface TranslatorScenario extends ScenarioBase {
  readonly tag: 'translator';
  readonly provoke: (patient: DoctorsPatient) => Promise<Evidence>;
}

export type Scenario = DoctorScenario | TranslatorScenario;

const doctor = (
  fault: FaultName,
  check: CheckId,
  rule: string,
  more: Partial<Omit<DoctorScenario, 'tag'>> = {},
): DoctorScenario => ({ tag: 'doctor', fault, check, rule, ...more });

export const scenarios: readonly Scenario[] = [
  doctor('unavailable', 'http', 'server-unavailable'),
  doctor('html-instead-of-json', 'http', 'network-login-page'),
  doctor('connection-reset', 'http', 'connection-broken-off'),
  doctor('truncated-answer', 'http', 'connection-broken-off'),
  doctor('php-notices', 'http', 'php-messages-in-answer'),
  doctor('wrong-type-answer', 'openid', 'not-openemr'),
  doctor('rewrite-missing', 'webroot', 'rewrite-rules-missing'),
  doctor('site-unknown', 'site', 'site-unknown'),
  doctor('apis-off', 'apis', 'all-apis-off'),
  doctor('fhir-api-off', 'apis', 'fhir-api-off', { eras: ['7.0'] }),
  doctor('keypair-missing', 'openid', 'keypair-missing'),
  doctor('site-address-other-host', 'consistency', 'site-address-other-host'),
  doctor('site-address-internal-name', 'consistency', 'site-address-internal-name'),
  doctor('site-address-other-port', 'consistency', 'site-address-other-port'),
  doctor('site-address-other-scheme', 'consistency', 'site-address-other-scheme'),
  doctor('site-address-slash', 'consistency', 'site-address-slash'),
  doctor('smart-contradicts', 'consistency', 'smart-configuration-contradicts'),
  doctor('clock-ahead', 'clock', 'clocks-differ'),
  doctor('query-lost', 'clientKnown', 'sign-in-parameters-lost'),
  doctor('audience-refused', 'clientKnown', 'audience-refused'),
  doctor('client-unknown', 'clientKnown', 'client-unknown'),
  doctor('redirect-uri-refused', 'redirectUri', 'return-address-not-registered'),
  doctor('redirect-uris-joined', 'redirectUri', 'several-return-addresses', { eras: ['7.0'] }),
  doctor('client-disabled', 'clientEnabled', 'client-not-enabled'),
  doctor('introspection-refuses', 'clientSecret', 'client-secret-wrong', { eras: ['7.0'] }),
  doctor('introspection-refuses', 'clientSecret', 'introspection-always-inactive', { eras: ['8.2'] }),
  doctor('scope-withdrawn', 'scopesKnown', 'scope-unknown'),
  doctor('registered-as-public', 'lastAttempt', 'registration-user-scopes', { attempt: 'registration' }),
  doctor('auth-method-refused', 'lastAttempt', 'registration-auth-method', { attempt: 'registration' }),
  doctor('keys-demanded', 'lastAttempt', 'registration-needs-keys', { attempt: 'registration' }),
  doctor('state-forgotten', 'lastAttempt', 'login-replaced', { attempt: 'login' }),
  doctor('codes-expire-at-once', 'lastAttempt', 'code-expired', { attempt: 'login' }),
  doctor('refresh-tokens-spent', 'lastAttempt', 'refresh-token-used', { attempt: 'refresh' }),
  doctor('refresh-tokens-spent', 'refresh', 'refresh-token-used'),
  doctor('signed-out', 'token', 'session-ended'),
  doctor('tokens-revoked', 'token', 'token-revoked'),
  doctor('scope-not-granted', 'fhirRead', 'permission-missing', { attempt: 'login' }),
  doctor('acl-refused', 'fhirRead', 'user-rights-missing'),
  doctor('launch-patient-dropped', 'fhirRead', 'patient-context-missing', {
    clientType: 'public',
    attempt: 'login',
  }),
  doctor('no-refresh-token', 'refresh', 'no-refresh-token', { attempt: 'login' }),
  doctor('user-without-npi', 'token', 'user-is-no-practitioner', { isNote: true }),
  {
    tag: 'translator',
    fault: 'password-grant-off',
    rule: 'password-grant-off',
    provoke: (patient) => grant(patient, 'password'),
  },
  { tag: 'translator', fault: 'login-page-loops', rule: 'login-page-loops', provoke: loginThatRepeats },
  {
    tag: 'translator',
    fault: 'assertion-type-refused',
    rule: 'program-needs-key',
    provoke: (patient) => grant(patient, 'client_credentials'),
  },
  {
    tag: 'translator',
    fault: 'assertion-refused',
    rule: 'program-key-refused',
    provoke: (patient) => grant(patient, 'client_credentials'),
  },
  {
    tag: 'translator',
    fault: 'patient-context-lost',
    rule: 'patient-context-missing',
    provoke: launchWithoutPatient,
  },
];

/** Ten faults, the most fundamental first: of two, the doctor has to name the one that stands first here. */
export const pairedFaults = [
  doctor('unavailable', 'http', 'server-unavailable'),
  doctor('site-unknown', 'site', 'site-unknown'),
  doctor('apis-off', 'apis', 'all-apis-off'),
  doctor('site-address-other-port', 'consistency', 'site-address-other-port'),
  doctor('clock-ahead', 'clock', 'clocks-differ'),
  doctor('client-disabled', 'clientEnabled', 'client-not-enabled'),
  doctor('scope-withdrawn', 'scopesKnown', 'scope-unknown'),
  doctor('signed-out', 'token', 'session-ended'),
  doctor('acl-refused', 'fhirRead', 'user-rights-missing'),
  doctor('refresh-tokens-spent', 'refresh', 'refresh-token-used'),
] as const;

export interface Verdict {
  readonly check: string;
  readonly rule: string;
  readonly isRight: boolean;
}

export const erasOf = ({ eras = ['7.0', '8.2'] }: Scenario): readonly EraName[] => eras;

/** Makes a connection ill in one way and says what it is taken for. */
export async function play(scenario: Scenario, era: EraName): Promise<Verdict> {
  const clientType = scenario.tag === 'doctor' ? scenario.clientType : undefined;
  const patient = await DoctorsPatient.admit(era, clientType);
  try {
    if (scenario.tag === 'doctor') return await playForDoctor(scenario, patient);
    await patient.fall(scenario.fault);
    const rule = translate(await scenario.provoke(patient))?.rule.id ?? 'none';
    return { check: 'translator', rule, isRight: rule === scenario.rule };
  } finally {
    await patient.discharge();
  }
}

async function playForDoctor(scenario: DoctorScenario, patient: DoctorsPatient): Promise<Verdict> {
  const { attempt, fault, check, rule, isNote } = scenario;
  if (attempt !== 'login') await patient.logIn();
  await patient.fall(fault);
  if (attempt === 'login') await patient.logIn().catch(() => undefined);
  if (attempt === 'registration') await patient.register().catch(() => undefined);
  if (attempt === 'refresh') await patient.refresh().catch(() => undefined);
  const report = await patient.examine();
  const verdict = isNote ? notedIn(report, check) : firstOf(report);
  return { ...verdict, isRight: verdict.check === check && verdict.rule === rule };
}

export function firstOf({ first }: DoctorReport): { check: string; rule: string } {
  return { check: first?.id ?? 'none', rule: first?.diagnosis?.rule.id ?? 'none' };
}

function notedIn({ results, first }: DoctorReport, check: CheckId): { check: string; rule: string } {
  const noted = results.find(({ id }) => id === check)?.note;
  return { check: first ? first.id : check, rule: noted?.rule.id ?? 'none' };
}

async function asked(patient: DoctorsPatient, path: string, body: URLSearchParams): Promise<Evidence> {
  const url = `${patient.sandbox.baseUrl}/oauth2/default/${path}`;
  const { status, headers, text } = await patient.transport.send({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: body.toString(),
  });
  return evidenceOfAnswer({ method: 'POST', url, requestBody: body.toString(), status, headers, text });
}

function grant(patient: DoctorsPatient, grantType: string): Promise<Evidence> {
  const { username, password } = patient.sandbox;
  const { connection, clientSecret = '' } = patient.options();
  const fields = {
    grant_type: grantType,
    client_id: connection.clientId ?? '',
    client_secret: clientSecret,
    username,
    password,
  };
  return asked(patient, 'token', new URLSearchParams({ ...fields, user_role: 'users', scope: 'openid' }));
}

/** Signs in as people do and ends up at the login page each time, as a browser sees it. */
async function loginThatRepeats(patient: DoctorsPatient): Promise<Evidence> {
  const { connection } = patient.options();
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: connection.clientId ?? '',
    redirect_uri: redirectUri,
    scope: patient.scopes.join(' '),
    state: 'some-state',
  });
  const url = `${patient.sandbox.baseUrl}/oauth2/default/authorize?${query.toString()}`;
  const { username, password } = patient.sandbox;
  const repeats = await signIn(url, { username, password }).then(
    () => false,
    () => true,
  );
  return { step: 'loginPage', status: 200, body: 'html', facts: { repeats } };
}

/** A login for one patient, whose token says nothing of the patient. */
async function launchWithoutPatient(patient: DoctorsPatient): Promise<Evidence> {
  await patient.logIn();
  const hasPatient = patient.tokens?.patient !== undefined;
  return { step: 'launch', status: 200, facts: { hasPatient } };
}
