import { createHash, randomBytes } from 'node:crypto';

/** A registered client as the sandbox answered. */
export interface RegisteredClient {
  readonly client_id: string;
  readonly client_secret: string;
}

export interface TokenAnswer {
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
  readonly scope: string;
  readonly expires_in: number;
  readonly patient?: string;
}

export const redirectUri = 'http://127.0.0.1/callback';
export const staffScopes =
  'openid offline_access api:fhir api:oemr fhirUser user/Patient.read user/Encounter.read';

export async function register(
  baseUrl: string,
  metadata: Readonly<Record<string, unknown>> = {},
): Promise<RegisteredClient> {
  const answer = await fetch(`${baseUrl}/oauth2/default/registration`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      application_type: 'private',
      client_name: 'Test client',
      redirect_uris: [redirectUri],
      post_logout_redirect_uris: ['http://127.0.0.1/loggedout'],
      contacts: ['dev@example.org'],
      scope: staffScopes,
      ...metadata,
    }),
  });
  return (await answer.json()) as RegisteredClient;
}

export async function enable(baseUrl: string, client: RegisteredClient): Promise<void> {
  await fetch(`${baseUrl}/sandbox/clients/${client.client_id}/enable`, { method: 'POST' });
}

export async function registerEnabled(
  baseUrl: string,
  metadata: Readonly<Record<string, unknown>> = {},
): Promise<RegisteredClient> {
  const client = await register(baseUrl, metadata);
  await enable(baseUrl, client);
  return client;
}

export interface LoginChoices {
  readonly scope?: string;
  readonly redirectUri?: string;
  readonly state?: string;
  readonly nonce?: string;
  readonly untick?: readonly string[];
  readonly portal?: { readonly username: string; readonly password: string; readonly email: string };
  readonly patientId?: string;
}

export interface Callback {
  readonly code: string;
  readonly verifier: string;
  readonly location: string;
}

/** Walks the pages of a login as a browser does and answers with what the app is called back with. */
export async function logIn(
  baseUrl: string,
  client: RegisteredClient,
  choices: LoginChoices = {},
): Promise<Callback> {
  const verifier = randomBytes(32).toString('base64url');
  const scope = choices.scope ?? staffScopes;
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: client.client_id,
    redirect_uri: choices.redirectUri ?? redirectUri,
    scope,
    state: choices.state ?? 'some-state',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...(choices.nonce === undefined ? {} : { nonce: choices.nonce }),
  });
  const pages = new Pages(baseUrl);
  await pages.get(`authorize?${query.toString()}`);
  await pages.get('provider/login');
  const credentials = choices.portal ?? { username: 'admin', password: 'pass', email: '' };
  await pages.post('login', {
    ...credentials,
    user_role: choices.portal === undefined ? 'api' : 'portal-api',
  });
  if (choices.patientId !== undefined) {
    await pages.get('smart/patient-select');
    await pages.post('smart/patient-select-confirm', { patient_id: choices.patientId });
  }
  await pages.get('scope-authorize-confirm');
  const ticked = scope.split(' ').filter((part) => choices.untick?.includes(part) !== true);
  await pages.post('device/code', {
    proceed: '1',
    ...Object.fromEntries(ticked.map((part) => [`scope[${part}]`, part])),
  });
  const location = pages.location;
  const code = new URL(location).searchParams.get('code') ?? '';
  return { code, verifier, location };
}

class Pages {
  location = '';
  #cookie = '';
  #csrf: Record<string, string> = {};
  readonly #oauth: string;

  constructor(baseUrl: string) {
    this.#oauth = `${baseUrl}/oauth2/default`;
  }

  async get(path: string): Promise<void> {
    await this.#keep(
      await fetch(`${this.#oauth}/${path}`, { redirect: 'manual', headers: { cookie: this.#cookie } }),
    );
  }

  async post(path: string, fields: Readonly<Record<string, string>>): Promise<void> {
    const answer = await fetch(`${this.#oauth}/${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: this.#cookie },
      body: new URLSearchParams({ ...this.#csrf, ...fields }),
    });
    await this.#keep(answer);
  }

  async #keep(answer: Response): Promise<void> {
    const cookie = answer.headers.getSetCookie()[0];
    if (this.#cookie === '' && cookie !== undefined) this.#cookie = cookie.split(';')[0] ?? '';
    this.location = answer.headers.get('location') ?? '';
    const match = /name="(csrf_token(?:_form)?)" value="([^"]*)"/.exec(await answer.text());
    if (match !== null) this.#csrf = { [match[1] ?? '']: match[2] ?? '' };
  }
}

export async function token(baseUrl: string, fields: Readonly<Record<string, string>>): Promise<Response> {
  return fetch(`${baseUrl}/oauth2/default/token`, { method: 'POST', body: new URLSearchParams(fields) });
}

export async function redeem(
  baseUrl: string,
  client: RegisteredClient,
  callback: Callback,
  redirect = redirectUri,
): Promise<Response> {
  return token(baseUrl, {
    grant_type: 'authorization_code',
    code: callback.code,
    redirect_uri: redirect,
    client_id: client.client_id,
    code_verifier: callback.verifier,
    ...(client.client_secret === '' ? {} : { client_secret: client.client_secret }),
  });
}

export async function tokensOf(
  baseUrl: string,
  client: RegisteredClient,
  choices: LoginChoices = {},
): Promise<TokenAnswer> {
  const answer = await redeem(baseUrl, client, await logIn(baseUrl, client, choices));
  return (await answer.json()) as TokenAnswer;
}

export async function refresh(
  baseUrl: string,
  client: RegisteredClient,
  refreshToken: string,
  scope?: string,
): Promise<Response> {
  return token(baseUrl, {
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
    client_id: client.client_id,
    ...(scope === undefined ? {} : { scope }),
  });
}

export async function fhir(baseUrl: string, path: string, accessToken: string): Promise<Response> {
  return fetch(`${baseUrl}/apis/default/fhir/${path}`, {
    headers: { authorization: `Bearer ${accessToken}` },
  });
}
