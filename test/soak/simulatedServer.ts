import type { HttpRequest, HttpResponse } from '../../src/core/http/httpTransport.ts';
import type { TokenGrant } from '../../src/core/oauth/tokenSet.ts';
import { parseRequest } from '../../src/sandbox/http/request.ts';
import type { SigningKey } from '../../src/sandbox/oauth/signingKey.ts';
import { route } from '../../src/sandbox/router.ts';
import type { SandboxContext } from '../../src/sandbox/sandboxContext.ts';
import { createContext } from '../../src/sandbox/sandboxServer.ts';
import { ClientStore } from '../../src/sandbox/state/clients.ts';
import { SandboxClock } from '../../src/sandbox/state/clock.ts';
import { ServerLog } from '../../src/sandbox/state/serverLog.ts';
import { defaultSettings } from '../../src/sandbox/state/settings.ts';
import { TokenStore } from '../../src/sandbox/state/tokens.ts';
import { TrustedUserStore } from '../../src/sandbox/state/trustedUsers.ts';

export const scope = 'openid offline_access api:fhir fhirUser user/Patient.read';

/** Keys and patients take long to make, and no run changes them. */
const contexts = new Map<string, Promise<SandboxContext>>();

const base64Url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A refresh does not look at signatures, and real ones would take half of the time. */
const quickKey = {
  sign: (claims: unknown) =>
    Promise.resolve(`${base64Url({ typ: 'JWT', alg: 'RS256' })}.${base64Url(claims)}.c2lnbmF0dXJl`),
} as unknown as SigningKey;

async function contextFor(era: '7.0' | '8.2', clock: () => number): Promise<SandboxContext> {
  const prepared = contexts.get(era) ?? createContext({ era });
  contexts.set(era, prepared);
  return {
    ...(await prepared),
    signingKey: quickKey,
    clock: new SandboxClock(clock),
    settings: defaultSettings(),
    clients: new ClientStore(),
    trustedUsers: new TrustedUserStore(),
    tokens: new TokenStore(),
    log: new ServerLog(),
  };
}

/** A pair as the server gave it away. Times by the simulation's clock. */
export interface IssuedPair {
  readonly refreshToken: string;
  readonly issuedAt: number;
  /** The refresh token that was given for it; none at a login. */
  readonly from: string | undefined;
}

/** An OpenEMR without sockets, whose clock is wrong by a fixed time. */
export class SimulatedServer {
  readonly baseUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly pairs: IssuedPair[] = [];
  refreshes = 0;
  replays = 0;
  readonly #context: SandboxContext;
  readonly #now: () => number;
  readonly #skewMs: number;

  private constructor(context: SandboxContext, now: () => number, skewMs: number) {
    this.#context = context;
    this.#now = now;
    this.#skewMs = skewMs;
    this.baseUrl = `http://127.0.0.1:${context.era.name === '7.0' ? 7000 : 8200}`;
    context.settings.site_addr_oath = this.baseUrl;
    context.settings.oauth_password_grant = 3;
    this.clientId = `client-${context.era.name}`;
    this.clientSecret = 'secret';
    context.clients.add({
      id: this.clientId,
      secret: this.clientSecret,
      name: 'Simulation',
      confidential: true,
      redirectUris: ['http://127.0.0.1/callback'],
      postLogoutRedirectUris: [],
      scopes: scope.split(' '),
      registeredAt: now(),
      enabled: true,
    });
  }

  static async start(era: '7.0' | '8.2', now: () => number, skewMs: number): Promise<SimulatedServer> {
    return new SimulatedServer(await contextFor(era, () => now() + skewMs), now, skewMs);
  }

  async handle(request: HttpRequest): Promise<HttpResponse> {
    const url = new URL(request.url);
    const { status, headers, body } = await route(
      this.#context,
      parseRequest({
        method: request.method,
        url: `${url.pathname}${url.search}`,
        headers: { ...request.headers, host: url.host },
        body: request.body ?? '',
        scheme: 'http',
      }),
    );
    this.#readLog();
    const form = new URLSearchParams(request.body);
    const grantType = form.get('grant_type');
    if (status === 200 && grantType) this.#noteGrant(form.get('refresh_token') ?? undefined, body);
    return {
      status,
      headers: new Headers(headers.filter(([name]) => name !== 'set-cookie') as [string, string][]),
      text: body,
      durationMs: 1,
      clockSkewMs: this.#skewMs,
    };
  }

  #noteGrant(from: string | undefined, body: string): void {
    const { refresh_token: refreshToken } = JSON.parse(body) as { refresh_token: string };
    if (from !== undefined) this.refreshes++;
    this.pairs.push({ refreshToken, issuedAt: this.#now(), from });
  }

  /** The log forgets its oldest entries, so it is read after each request. */
  #readLog(): void {
    this.replays += this.#context.log.entries().filter(({ kind }) => kind === 'refresh-replay').length;
    this.#context.log.clear();
  }

  /** A person signs in; the browser's part of it is proved elsewhere. */
  async logIn(): Promise<TokenGrant> {
    const form = {
      grant_type: 'password',
      username: 'admin',
      password: 'pass',
      user_role: 'users',
      client_id: this.clientId,
      client_secret: this.clientSecret,
      scope,
    };
    const { status, text } = await this.handle({
      method: 'POST',
      url: `${this.baseUrl}/oauth2/default/token`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
    });
    if (status !== 200) throw new Error(`The simulated login failed: ${status} ${text}`);
    const answer = JSON.parse(text) as { access_token: string; refresh_token: string; expires_in: number };
    return {
      accessToken: answer.access_token,
      refreshToken: answer.refresh_token,
      expiresAt: this.#now() + answer.expires_in * 1000,
      lifetimeSeconds: answer.expires_in,
      grantedScopes: scope.split(' '),
    };
  }
}
