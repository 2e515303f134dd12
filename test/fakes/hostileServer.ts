import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RunningSandbox } from '../../src/sandbox/sandboxServer.ts';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A web server in front of a sandbox that passes everything on, but for the paths that it was told to spoil. */
export class HostileServer {
  readonly baseUrl: string;
  readonly #server: Server;
  #spoiled: { path: string; answer: Answer } | undefined;
  #spoiledCount = 0;

  private constructor(server: Server) {
    this.#server = server;
    this.baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async before(sandbox: RunningSandbox): Promise<HostileServer> {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const hostile = new HostileServer(server);
    server.on('request', (request, response) => void hostile.answer(sandbox, request, response));
    // OpenEMR speaks of itself by the name in its Site Address setting.
    await fetch(`${sandbox.baseUrl}/sandbox/settings`, {
      method: 'PUT',
      body: JSON.stringify({ site_addr_oath: hostile.baseUrl }),
    });
    return hostile;
  }

  /** How many requests were given the spoiled answer. */
  get spoiledCount(): number {
    return this.#spoiledCount;
  }

  /** From now on every request whose path ends so gets this answer. */
  spoil(path: string, answer: Answer): void {
    this.#spoiled = { path, answer };
    this.#spoiledCount = 0;
  }

  mend(): void {
    this.#spoiled = undefined;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((closed) => this.#server.close(() => closed()));
  }

  async answer(sandbox: RunningSandbox, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', this.baseUrl);
    if (this.#spoiled && pathname.endsWith(this.#spoiled.path)) {
      this.#spoiledCount += 1;
      this.#spoiled.answer(request, response);
      return;
    }
    await passOn(sandbox, request, response);
  }
}

async function passOn(
  sandbox: RunningSandbox,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const headers = new Headers();
  for (const name of ['content-type', 'authorization', 'cookie', 'accept'] as const) {
    const value = request.headers[name];
    if (value) headers.set(name, value);
  }
  const answered = await fetch(`${sandbox.baseUrl}${request.url ?? '/'}`, {
    method: request.method ?? 'GET',
    redirect: 'manual',
    headers,
    ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
  });
  const body = Buffer.from(await answered.arrayBuffer());
  response.statusCode = answered.status;
  for (const [name, value] of answered.headers) {
    if (!['set-cookie', 'content-length', 'transfer-encoding', 'connection'].includes(name)) {
      response.setHeader(name, value);
    }
  }
  response.setHeader('set-cookie', answered.headers.getSetCookie());
  response.end(body);
}
