import { createHash, randomBytes } from 'node:crypto';
import { send } from './httpClient.ts';

export interface LoginClient {
  readonly id: string;
  readonly secret: string;
  readonly redirectUri: string;
  readonly scope: string;
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
}

const formType = { 'content-type': 'application/x-www-form-urlencoded' };

/** A staff login from the authorization endpoint to the tokens, every requested scope granted. */
export async function logIn(baseUrl: string, client: LoginClient): Promise<Tokens> {
  const oauth = `${baseUrl}/oauth2/default`;
  const verifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: client.id,
    redirect_uri: client.redirectUri,
    scope: client.scope,
    state: 'unrecorded',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  });
  const started = await send({ method: 'GET', url: `${oauth}/authorize?${query.toString()}`, headers: {} });
  const cookie = (started.headers['set-cookie']?.[0] ?? '').split(';')[0] ?? '';
  const page = async (path: string): Promise<string> =>
    /name="csrf_token_form" value="([^"]*)"/.exec(
      (await send({ method: 'GET', url: `${oauth}/${path}`, headers: { cookie } })).body,
    )?.[1] ?? '';
  const post = async (path: string, fields: Record<string, string>): Promise<string> => {
    const body = new URLSearchParams(fields).toString();
    const answer = await send({
      method: 'POST',
      url: `${oauth}/${path}`,
      headers: { cookie, ...formType },
      body,
    });
    return String(answer.headers['location']);
  };
  const credentials = { username: 'admin', password: 'pass', user_role: 'api' };
  await post('login', { csrf_token_form: await page('provider/login'), ...credentials });
  const granted = Object.fromEntries(client.scope.split(' ').map((scope) => [`scope[${scope}]`, scope]));
  const csrf = await page('scope-authorize-confirm');
  const callback = await post('device/code', { csrf_token_form: csrf, proceed: '1', ...granted });
  const answer = await send({
    method: 'POST',
    url: `${oauth}/token`,
    headers: formType,
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: new URL(callback).searchParams.get('code') ?? '',
      redirect_uri: client.redirectUri,
      client_id: client.id,
      client_secret: client.secret,
      code_verifier: verifier,
    }).toString(),
  });
  return JSON.parse(answer.body) as Tokens;
}
