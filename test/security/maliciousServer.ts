import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type JWK, type JWTPayload } from 'jose';
import type { AuthorizationServerMetadata } from '../../src/core/oauth/authorizationServerMetadata.ts';

type Handler = (
  request: { body: string; headers: IncomingMessage['headers'] },
  response: ServerResponse,
) => void;

/** An OpenEMR that was taken over: it answers each path as a test wants it to, and remembers what reached it. */
export class MaliciousServer {
  readonly requests: { method: string; path: string; body: string; authorization: string | undefined }[] = [];
  readonly #server: Server;
  readonly #keys: Awaited<ReturnType<typeof generateKeyPair>>;
  readonly #handlers = new Map<string, Handler>();
  readonly jwk: JWK;

  private constructor(server: Server, keys: Awaited<ReturnType<typeof generateKeyPair>>, jwk: JWK) {
    this.#server = server;
    this.#keys = keys;
    this.jwk = jwk;
  }

  static async start(): Promise<MaliciousServer> {
    const keys = await generateKeyPair('RS256', { extractable: true });
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' };
    const server = createServer();
    const malicious = new MaliciousServer(server, keys, jwk);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void malicious.#answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return malicious;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get issuer(): string {
    return `${this.baseUrl}/oauth2/default`;
  }

  get connection(): { baseUrl: string; site: string } {
    return { baseUrl: this.baseUrl, site: 'default' };
  }

  get metadata(): AuthorizationServerMetadata {
    const { issuer } = this;
    return {
      issuer,
      authorizationEndpoint: `${issuer}/authorize`,
      tokenEndpoint: `${issuer}/token`,
      jwksUri: `${issuer}/jwk`,
      registrationEndpoint: `${issuer}/registration`,
      endSessionEndpoint: `${issuer}/logout`,
      scopesSupported: [],
    };
  }

  get jwks() {
    return { keys: [this.jwk as Record<string, unknown>] };
  }

  on(path: string, handler: Handler): void {
    this.#handlers.set(path, handler);
  }

  json(path: string, value: unknown, status = 200): void {
    this.on(path, (_, response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    });
  }

  redirect(path: string, location: string, status = 307): void {
    this.on(path, (_, response) => {
      response.writeHead(status, { location }).end();
    });
  }

  /** An id_token as this server's key signs it. */
  idToken(claims: JWTPayload = {}): Promise<string> {
    return new SignJWT(this.#claims(claims))
      .setProtectedHeader({ alg: 'RS256', kid: 'k1', typ: 'JWT' })
      .sign(this.#keys.privateKey);
  }

  unsignedIdToken(claims: JWTPayload = {}): string {
    return new UnsecuredJWT(this.#claims(claims)).encode();
  }

  reached(path: string): number {
    return this.requests.filter((request) => request.path === path).length;
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #claims(claims: JWTPayload): JWTPayload {
    const now = Math.floor(Date.now() / 1000);
    return {
      iss: this.issuer,
      aud: 'client',
      sub: 'u1',
      iat: now,
      exp: now + 3600,
      nonce: 'the-nonce',
      ...claims,
    };
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const path = (request.url ?? '').split('?')[0] ?? '';
    const { method = '', headers } = request;
    this.requests.push({ method, path, body, authorization: headers.authorization });
    const handler = this.#handlers.get(path);
    if (handler) handler({ body, headers }, response);
    else response.writeHead(404).end();
  }
}
