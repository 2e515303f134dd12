import { defaultScopesFor } from '../../src/core/oauth/scope.ts';
import {
  fetchAuthorizationServerMetadata,
  type AuthorizationServerMetadata,
} from '../../src/core/oauth/authorizationServerMetadata.ts';
import { createAuthorizationRequest } from '../../src/core/oauth/authorizationRequest.ts';
import { registerClient } from '../../src/core/oauth/clientRegistration.ts';
import { exchangeAuthorizationCode, fetchJwks, refreshTokens } from '../../src/core/oauth/openIdClient.ts';
import { startSandbox, type RunningSandbox } from '../../src/launch/sandboxServer.ts';
import { createFetchTransport } from '../../src/platform/fetchTransport.ts';
import { createHeadlessWorkbench, newConnection, silentUi } from '../fakes/headlessWorkbench.ts';
import { signIn } from '../fakes/personAtBrowser.ts';
import { figure, medianOfEach, timed, type Figure } from './figure.ts';

const rounds = 15;
const requestsAtATime = 4;
/** The least that a real OpenEMR takes for an answer, in milliseconds. */
const latencyMs = 30;
const redirectUri = 'http://127.0.0.1/callback';
const transport = createFetchTransport();

type Sandbox = Omit<RunningSandbox, 'stop'>;

async function control(sandbox: Sandbox, method: string, path: string, body?: object): Promise<Response> {
  const init = { method, ...(body ? { body: JSON.stringify(body) } : {}) };
  const answer = await fetch(`${sandbox.baseUrl}/sandbox/${path}`, init);
  if (!answer.ok) throw new Error(`The sandbox answered ${answer.status} to ${method} ${path}.`);
  return answer;
}

const enable = (sandbox: Sandbox, clientId: string) => control(sandbox, 'POST', `clients/${clientId}/enable`);

/** The request that a script would send: no checks, no library. */
async function bareTokenRequest(
  metadata: AuthorizationServerMetadata,
  body: Record<string, string>,
): Promise<Record<string, string>> {
  const answer = await fetch(metadata.tokenEndpoint, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams(body),
  });
  if (!answer.ok) throw new Error(`The token endpoint answered ${answer.status}.`);
  return (await answer.json()) as Record<string, string>;
}

async function measureTokenRequests(sandbox: Sandbox): Promise<Figure[]> {
  const metadata = await fetchAuthorizationServerMetadata(transport, { ...sandbox, site: 'default' });
  const scopes = defaultScopesFor('confidential');
  const client = await registerClient(transport, metadata, {
    clientName: 'Bench',
    clientType: 'confidential',
    redirectUris: [redirectUri],
    postLogoutRedirectUri: redirectUri,
    scopes,
  });
  await enable(sandbox, client.clientId);
  const jwks = await fetchJwks(transport, metadata);
  const { clientId, clientSecret = '' } = client;
  const { fhirBaseUrl, username, password } = sandbox;
  const logIn = async () => {
    const request = createAuthorizationRequest({ metadata, clientId, redirectUri, scopes, fhirBaseUrl });
    return { ...request, callbackUrl: await signIn(request.url, { username, password }) };
  };
  const options = { transport, metadata, client, now: Date.now };
  const credentials = { client_id: clientId, client_secret: clientSecret };
  let refreshToken = '';

  const checkedExchange = async () => {
    const login = await logIn();
    return timed(() => exchangeAuthorizationCode({ ...options, ...login, jwks }));
  };
  const bareExchange = async () => {
    const { callbackUrl, codeVerifier } = await logIn();
    const code = new URL(callbackUrl).searchParams.get('code') ?? '';
    const body = { grant_type: 'authorization_code', code, code_verifier: codeVerifier, ...credentials };
    return timed(async () => {
      const tokens = await bareTokenRequest(metadata, { ...body, redirect_uri: redirectUri });
      refreshToken = tokens['refresh_token'] ?? '';
    });
  };
  const checkedRefresh = () =>
    timed(async () => {
      const scope = scopes.join(' ');
      refreshToken = (await refreshTokens({ ...options, refreshToken, scope })).refreshToken ?? '';
    });
  const bareRefresh = () =>
    timed(async () => {
      const body = { grant_type: 'refresh_token', refresh_token: refreshToken, ...credentials };
      refreshToken = (await bareTokenRequest(metadata, body))['refresh_token'] ?? '';
    });

  // The first exchange of a process loads what all share.
  await checkedExchange();
  await bareExchange();
  const [exchange, bare] = await medianOfEach(rounds, checkedExchange, bareExchange);
  await checkedRefresh();
  const [refresh, bareRefreshed] = await medianOfEach(rounds, checkedRefresh, bareRefresh);
  return [
    figure('Token exchange, all checked', 'ms', exchange, { name: 'the same by fetch', value: bare }),
    figure('Refresh', 'ms', refresh, { name: 'the same by fetch', value: bareRefreshed }),
  ];
}

interface SentRequest {
  readonly url: string;
  readonly init: RequestInit;
}

/** Notes down what passes through `fetch` while `work` runs. */
async function requestsOf(work: () => Promise<unknown>): Promise<SentRequest[]> {
  const sent: SentRequest[] = [];
  const original = globalThis.fetch;
  globalThis.fetch = (input, init = {}) => {
    const { method, headers, body, redirect } = init;
    const kept = Object.entries({ method, headers, body, redirect }).filter(
      ([, value]) => value !== undefined && value !== null,
    );
    sent.push({ url: input instanceof Request ? input.url : String(input), init: Object.fromEntries(kept) });
    return original(input, init);
  };
  try {
    await work();
  } finally {
    globalThis.fetch = original;
  }
  return sent;
}

async function replay(requests: readonly SentRequest[], atATime: number): Promise<void> {
  const waiting = [...requests];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      await (await fetch(next.url, next.init)).text();
    }
  };
  await Promise.all(Array.from({ length: atATime }, worker));
}

/** A connection that is signed in through the workbench's own login, and what the login asked for at its end. */
async function measureLoginAndTest(sandbox: Sandbox): Promise<Figure[]> {
  const { username, password, baseUrl } = sandbox;
  const workbench = await createHeadlessWorkbench(async (loginPage) => {
    const callbackUrl = await signIn(loginPage, { username, password });
    await control(sandbox, 'DELETE', 'log');
    await fetch(callbackUrl);
  });
  try {
    const { clients, connections, sessions, tests } = workbench;
    const connection = newConnection({ baseUrl, site: 'default' }, defaultScopesFor('confidential'));
    await connections.save(connection);
    const { clientId = '' } = await clients.register(connection, { mayEndSession: false });
    await enable(sandbox, clientId);
    const signal = new AbortController().signal;
    await sessions.logIn(connection.id, silentUi, signal);
    const afterCallback = await requestsInLog(sandbox);

    const test = async () => {
      const { failed, patientCount } = await tests.test(connection.id, () => undefined, signal);
      if (failed > 0 || !patientCount) throw new Error('The connection test did not pass.');
    };
    const requests = await requestsOf(test);
    await control(sandbox, 'POST', 'faults/slow', { milliseconds: latencyMs });
    const byHand = (atATime: number) => () => timed(() => replay(requests, atATime));
    const [tested, inARow] = await medianOfEach(rounds, () => timed(test), byHand(1));
    const [testedAgain, together] = await medianOfEach(rounds, () => timed(test), byHand(requestsAtATime));
    await control(sandbox, 'DELETE', 'faults/slow');
    const each = `${requests.length} requests by fetch`;
    return [
      figure(
        'Requests after the callback',
        'requests',
        afterCallback,
        { name: 'a bare exchange', value: 1 },
        2,
      ),
      figure('Connection test', 'ms', tested, { name: `${each}, in a row`, value: inARow }),
      figure('Connection test', 'ms', testedAgain, { name: `${each}, four at a time`, value: together }),
    ];
  } finally {
    await workbench.dispose();
  }
}

async function requestsInLog(sandbox: Sandbox): Promise<number> {
  const entries = (await (await control(sandbox, 'GET', 'log')).json()) as { kind: string; path: string }[];
  return entries.filter(({ kind, path }) => kind === 'request' && !path.startsWith('/sandbox/')).length;
}

/** What the workbench adds to the exchanges with a server, here the sandbox in a process of its own. */
export async function measureExchanges(): Promise<Figure[]> {
  const sandbox = await startSandbox({ era: '8.2' });
  try {
    return [...(await measureTokenRequests(sandbox)), ...(await measureLoginAndTest(sandbox))];
  } finally {
    await sandbox.stop();
  }
}
