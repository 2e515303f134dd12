import { classifyRedirect, createAuthorizationRequest } from '../../oauth/authorizationRequest.ts';
import type { AuthorizationServerMetadata } from '../../oauth/authorizationServerMetadata.ts';
import { formRequest } from '../../oauth/formRequest.ts';
import { baseUrlOfIssuer, siteEndpoints } from '../../oauth/issuer.ts';
import { fail, notUsed, pass, warn, type Check, type Finding } from '../check.ts';
import { askedLine, cameLines, type DoctorRun, type Exchange } from '../doctorRun.ts';
import type { Evidence } from '../evidence.ts';
import { isOk, readMetadata } from './consistency.ts';
import { readFhir } from './fhirProbe.ts';

/** What OpenEMR knows of the client, by probes that leave no trace. */
export const clientChecks: readonly Check[] = [
  { id: 'clientKnown', needs: ['openid'], after: ['version'], run: checkKnown },
  { id: 'redirectUri', needs: ['clientKnown'], run: checkRedirectUri },
  { id: 'clientEnabled', needs: ['clientKnown'], run: checkEnabled },
  { id: 'clientSecret', needs: ['clientEnabled'], run: checkSecret },
];

/**
 * An endpoint at the address that was entered: where the server names another one, that is told already, and the
 * probes are to reach this server all the same.
 */
export function reachable(run: DoctorRun, endpoint: string): string {
  const [named, entered] = [URL.parse(endpoint), URL.parse(run.options.connection.baseUrl)];
  if (named && named.origin === entered?.origin) return endpoint;
  return `${run.endpoints.issuer}/${endpoint.split('/').at(-1) ?? ''}`;
}

/** The FHIR base as the server itself knows it: `aud` has to be that to the letter. */
function ownFhirBase(run: DoctorRun, { issuer }: AuthorizationServerMetadata): string {
  const { baseUrl, site } = run.options.connection;
  return siteEndpoints({ baseUrl: baseUrlOfIssuer(issuer, site) ?? baseUrl, site }).fhirBaseUrl;
}

async function authorization(run: DoctorRun, redirectUri: string): Promise<Exchange> {
  const metadata = await readMetadata(run);
  return run.exchange(`authorize ${redirectUri}`, () => {
    const { clientId = '', scopes = [] } = run.options.connection;
    const endpoint = reachable(run, metadata?.authorizationEndpoint ?? 'authorize');
    const { url } = createAuthorizationRequest({
      metadata: { ...(metadata as AuthorizationServerMetadata), authorizationEndpoint: endpoint },
      clientId,
      redirectUri,
      scopes,
      fhirBaseUrl: metadata ? ownFhirBase(run, metadata) : run.endpoints.fhirBaseUrl,
    });
    return { method: 'GET', url, headers: { accept: 'text/html,application/json;q=0.9' } };
  });
}

async function senselessRefresh(run: DoctorRun): Promise<Exchange> {
  const metadata = await readMetadata(run);
  const { connection, clientSecret } = run.options;
  return run.exchange('senseless refresh', () =>
    formRequest(reachable(run, metadata?.tokenEndpoint ?? 'token'), {
      grant_type: 'refresh_token',
      refresh_token: 'garbage',
      client_id: connection.clientId,
      client_secret: clientSecret,
    }),
  );
}

/** Asks about a token, or about a senseless one to see what becomes of the secret. */
export async function introspection(
  run: DoctorRun,
  token: string,
  hint: 'access_token' | 'refresh_token',
): Promise<Exchange | undefined> {
  const metadata = await readMetadata(run);
  const { connection, clientSecret } = run.options;
  const endpoint = metadata?.introspectionEndpoint;
  if (!endpoint || !connection.clientId) return undefined;
  const name = `introspect ${hint} ${token === 'garbage' ? 'garbage' : ''}`;
  return run.exchange(name, () =>
    formRequest(reachable(run, endpoint), {
      token,
      token_type_hint: hint,
      client_id: connection.clientId,
      client_secret: clientSecret,
    }),
  );
}

type SignInAnswer = 'login' | 'refused' | 'other';

function signInAnswer(run: DoctorRun, exchange: Exchange): SignInAnswer {
  if (exchange.kind === 'failure') return 'other';
  const { answer, request } = exchange;
  if (answer.status === 401 && run.evidenceOf(exchange).error === 'invalid_client') return 'refused';
  const isRedirect = answer.status >= 300 && answer.status < 400;
  const isKnown = isRedirect && classifyRedirect(answer, request.url).kind !== 'elsewhere';
  return isKnown ? 'login' : 'other';
}

/** Both probes at once, and that of the secret, since they do not depend on each other. */
async function probes(run: DoctorRun) {
  const { connection, clientSecret, redirectUri } = run.options;
  const asksForSecret = connection.clientType !== 'public' && clientSecret;
  const [signIn, refresh, secret] = await Promise.all([
    authorization(run, redirectUri),
    senselessRefresh(run),
    asksForSecret ? introspection(run, 'garbage', 'access_token') : undefined,
  ]);
  return { signIn, refresh, secret };
}

function isEnabledBy(run: DoctorRun, refresh: Exchange): boolean | undefined {
  const { status, error } = run.evidenceOf(refresh);
  if (status === 401 && error === 'invalid_client') return false;
  return status === 401 && error === 'invalid_request' ? true : undefined;
}

/** On 7.x introspection knows the client, whether the secret is right or not. */
function isKnownBy(run: DoctorRun, secret: Exchange | undefined): boolean | undefined {
  if (!secret || secret.kind === 'failure') return undefined;
  const { said = '', status } = run.evidenceOf(secret);
  if (/not a registered client/i.test(said)) return false;
  return /failed security/i.test(said) || status === 400 ? true : undefined;
}

async function checkKnown(run: DoctorRun): Promise<Finding> {
  if (!run.options.connection.clientId) {
    const facts = { ...run.subjectFacts, isRegistered: false };
    return { ...warn([], ['no client ID'], { step: 'client', facts }), blocks: true };
  }
  const { signIn, refresh, secret } = await probes(run);
  const asked = [askedLine(signIn), askedLine(refresh)];
  const came = [...cameLines(signIn), ...cameLines(refresh)];
  const answer = signInAnswer(run, signIn);
  if (answer === 'other') return fail(asked, came, run.evidenceOf(signIn));
  if (answer === 'login') return pass(asked, came);
  const isKnown = isEnabledBy(run, refresh) === true || isKnownBy(run, secret) === true;
  if (isKnown) return pass(asked, came);
  return fail(asked, came, { step: 'client', facts: { ...run.subjectFacts, isKnown: false } });
}

async function checkRedirectUri(run: DoctorRun): Promise<Finding> {
  const { connection, redirectUri } = run.options;
  const { signIn } = await probes(run);
  const asked = [`${askedLine(signIn)} with ${redirectUri}`];
  if (signInAnswer(run, signIn) !== 'refused') return pass(asked, cameLines(signIn), { redirectUri });
  const others = (connection.registeredRedirectUris ?? []).filter((uri) => uri !== redirectUri);
  const tried = await Promise.all(
    others.map(async (uri) => ({ uri, answer: signInAnswer(run, await authorization(run, uri)) })),
  );
  const accepted = tried.filter(({ answer }) => answer === 'login').map(({ uri }) => uri);
  const count = others.length + 1;
  const facts = {
    ...run.subjectFacts,
    isKnown: true,
    isRedirectRegistered: false,
    redirectUri,
    ...(run.comparesJoined && others.length > 0 && accepted.length === 0 ? { allRefused: true, count } : {}),
  };
  const came = [...cameLines(signIn), ...accepted.map((uri) => `accepted: ${uri}`)];
  return fail([...asked, ...others.map((uri) => `the same with ${uri}`)], came, { step: 'client', facts });
}

async function checkEnabled(run: DoctorRun): Promise<Finding> {
  const { refresh } = await probes(run);
  const asked = [`${askedLine(refresh)} with a senseless refresh token`];
  const came = cameLines(refresh);
  const isEnabled = isEnabledBy(run, refresh);
  if (isEnabled) return pass(asked, came);
  if (isEnabled === undefined) return fail(asked, came, run.evidenceOf(refresh));
  return fail(asked, came, { step: 'client', facts: { ...run.subjectFacts, isEnabled: false } });
}

async function checkSecret(run: DoctorRun): Promise<Finding> {
  const { connection, clientSecret, tokens } = run.options;
  if (connection.clientType === 'public') return notUsed('public clients have none');
  const facts = run.subjectFacts;
  if (!clientSecret)
    return fail([], ['no secret is stored'], { step: 'client', facts: { ...facts, hasSecret: false } });
  const { secret } = await probes(run);
  if (!secret) return notUsed('this server does not tell about tokens');
  const asked = [askedLine(secret)];
  const came = cameLines(secret);
  const { said = '', status } = run.evidenceOf(secret);
  if (/failed security/i.test(said)) return fail(asked, came, secretEvidence(facts));
  if (status === 400) return pass(asked, came);
  if (!tokens) return notUsed('8.x tells only after a login');
  const [own, fhir] = await Promise.all([
    introspection(run, tokens.accessToken, 'access_token'),
    readFhir(run),
  ]);
  const evidence = own && run.evidenceOf(own);
  const isSilent = evidence?.facts?.['active'] === false && evidence.facts['tokenStatus'] === 'none';
  if (!own || !isSilent || !fhir || !isOk(fhir)) return pass(asked, own ? cameLines(own) : came);
  const inactive = { ...facts, introspection: 'inactive', fhirWorks: true };
  return fail([askedLine(own)], cameLines(own), { step: 'client', facts: inactive });
}

function secretEvidence(facts: Readonly<Record<string, string>>): Evidence {
  return { step: 'client', facts: { ...facts, isSecretRight: false } };
}

/** What the sign-in page said to the permissions that were asked for. */
export async function signInProbe(run: DoctorRun): Promise<{ exchange: Exchange; answer: SignInAnswer }> {
  const exchange = await authorization(run, run.options.redirectUri);
  return { exchange, answer: signInAnswer(run, exchange) };
}
