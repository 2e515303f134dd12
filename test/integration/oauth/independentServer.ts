import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { Provider, type Configuration } from 'oidc-provider';

const mount = '/oauth2/default';

export const testClient = { clientId: 'workbench', clientSecret: 'a-secret-of-the-test-client' };
export const testScopes = ['openid', 'offline_access', 'api:fhir', 'user/Patient.read'];

const configuration: Configuration = {
  clients: [
    {
      client_id: testClient.clientId,
      client_secret: testClient.clientSecret,
      application_type: 'native',
      token_endpoint_auth_method: 'client_secret_post',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: ['vscode://emr-workbench.openemr-workbench/callback', 'http://127.0.0.1/callback'],
    },
    {
      client_id: 'public-workbench',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: ['http://127.0.0.1/callback'],
    },
  ],
  scopes: testScopes,
  claims: { openid: ['sub', 'fhirUser'] },
  conformIdTokenClaims: false,
  routes: {
    authorization: '/authorize',
    token: '/token',
    jwks: '/jwk',
    registration: '/registration',
    introspection: '/introspect',
    end_session: '/logout',
  },
  features: {
    devInteractions: { enabled: false },
    introspection: { enabled: true },
    registration: { enabled: true },
  },
  cookies: { keys: ['only for this test'] },
  findAccount: (_ctx, accountId) => ({
    accountId,
    claims: () => ({ sub: accountId, fhirUser: 'https://emr.example.org/fhir/Person/1' }),
  }),
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
  rotateRefreshToken: true,
  ttl: { AccessToken: 1200, AuthorizationCode: 60, IdToken: 1200, RefreshToken: 3600, Grant: 3600 },
};

/** An OpenID provider that is not ours, at OpenEMR's addresses; it signs everybody in and agrees to everything. */
export class IndependentServer {
  readonly baseUrl: string;
  readonly requests: string[] = [];
  readonly #server: Server;
  #provider!: Provider;

  private constructor(server: Server) {
    this.#server = server;
    this.baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.#route(request, response);
    });
  }

  static async start(): Promise<IndependentServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const started = new IndependentServer(server);
    await started.changeKeys();
    return started;
  }

  /** Signs with a new key from now on and forgets the old one and all logins. */
  async changeKeys(): Promise<void> {
    const { privateKey } = await generateKeyPair('RS256', { extractable: true });
    const key: JWK = { ...(await exportJWK(privateKey)), kid: randomUUID(), use: 'sig', alg: 'RS256' };
    this.#provider = new Provider(`${this.baseUrl}${mount}`, { ...configuration, jwks: { keys: [key] } });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #route(
    request: IncomingMessage & { originalUrl?: string; body?: unknown },
    response: ServerResponse,
  ): Promise<void> {
    const url = request.url ?? '/';
    this.requests.push(`${request.method ?? ''} ${url.split('?', 1)[0] ?? ''}`);
    if (url.startsWith('/interaction/')) {
      await this.#agree(request, response);
      return;
    }
    if (!url.startsWith(mount)) {
      response.writeHead(404).end('<html>Not Found</html>');
      return;
    }
    // Only its application types are the standard's.
    if (url.startsWith(`${mount}/registration`)) request.body = standardRegistration(await text(request));
    request.originalUrl = url;
    request.url = url.slice(mount.length);
    await this.#provider.callback()(request, response);
  }

  async #agree(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { params } = await this.#provider.interactionDetails(request, response);
    const grant = new this.#provider.Grant({ accountId: 'admin', clientId: String(params['client_id']) });
    grant.addOIDCScope(testScopes.join(' '));
    const result = { login: { accountId: 'admin' }, consent: { grantId: await grant.save() } };
    await this.#provider.interactionFinished(request, response, result);
  }
}

function standardRegistration(body: string): unknown {
  const metadata = JSON.parse(body) as Record<string, unknown>;
  delete metadata['contacts'];
  return { ...metadata, application_type: 'native', grant_types: ['authorization_code', 'refresh_token'] };
}

/** Goes through the login pages as a browser does, up to the redirect that leaves the server. */
export async function signIn(url: string): Promise<string> {
  const cookies = new Map<string, string>();
  let address = url;
  for (let step = 0; step < 10; step++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(address, { redirect: 'manual', headers: { cookie } });
    await response.text();
    for (const set of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (name) cookies.set(name, value ?? '');
    }
    const location = response.headers.get('location');
    if (!location) throw new Error(`The login ended with status ${response.status}.`);
    const target = new URL(location, address);
    if (target.origin !== new URL(url).origin) return target.href;
    address = target.href;
  }
  throw new Error('The login went in circles.');
}
