import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { eraNamed } from './era.ts';
import type { EraName } from './era.ts';
import { FaultRegistry } from './faults.ts';
import { generatedDataset } from './fhir/generatedData.ts';
import { recordedDataset } from './fhir/recordedData.ts';
import { writeAnswer } from './http/answering.ts';
import { parseRequest } from './http/request.ts';
import type { SandboxRequest } from './http/request.ts';
import { SigningKey } from './oauth/signingKey.ts';
import { route } from './router.ts';
import type { RedirectMatching, SandboxContext } from './sandboxContext.ts';
import { ClientStore } from './state/clients.ts';
import { SandboxClock } from './state/clock.ts';
import { ServerLog } from './state/serverLog.ts';
import { SessionStore } from './state/sessions.ts';
import { defaultSettings } from './state/settings.ts';
import { TokenStore } from './state/tokens.ts';
import { TrustedUserStore } from './state/trustedUsers.ts';
import { UserStore } from './state/users.ts';

export interface SandboxOptions {
  readonly era?: EraName;
  /** 0 takes a free one. */
  readonly port?: number;
  /** The name in the addresses the sandbox tells. It listens on 127.0.0.1 whatever the name. */
  readonly hostName?: string;
  readonly data?: 'generated' | 'recorded';
  readonly redirectMatching?: RedirectMatching;
  readonly accessTokenLifetimeSeconds?: number;
  readonly codeLifetimeSeconds?: number;
  /** PEM; with them the sandbox serves https. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Milliseconds since the epoch. */
  readonly clock?: () => number;
  /** Known to whoever started it; lets them recognise it. */
  readonly startNonce?: string;
}

export interface RunningSandbox {
  readonly era: EraName;
  readonly baseUrl: string;
  readonly fhirBaseUrl: string;
  readonly username: string;
  readonly password: string;
  readonly portal: { readonly username: string; readonly password: string; readonly email: string };
  stop(): Promise<void>;
}

/** Starts a sandbox OpenEMR on loopback. Everything it knows is gone when it stops. */
export async function startSandbox(options: SandboxOptions = {}): Promise<RunningSandbox> {
  const context = await createContext(options);
  const scheme = options.tls === undefined ? 'http' : 'https';
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    void serve(context, scheme, request, response);
  };
  const server =
    options.tls === undefined ? createHttpServer(listener) : createHttpsServer(options.tls, listener);
  const port = await listen(server, options.port ?? 0);
  const baseUrl = `${scheme}://${options.hostName ?? '127.0.0.1'}:${port}`;
  context.settings.site_addr_oath = baseUrl;
  const { staff, portalPatient } = context.data;
  return {
    era: context.era.name,
    baseUrl,
    fhirBaseUrl: `${baseUrl}/apis/default/fhir`,
    username: staff.username,
    password: staff.password,
    portal: {
      username: portalPatient.username,
      password: portalPatient.password,
      email: portalPatient.email,
    },
    stop: () => stop(server),
  };
}

/** A sandbox without a socket: what {@link route} works on. */
export async function createContext(options: SandboxOptions): Promise<SandboxContext> {
  const data = options.data === 'recorded' ? recordedDataset(options.era ?? '8.2') : generatedDataset();
  return {
    era: eraNamed(options.era ?? '8.2'),
    redirectMatching: options.redirectMatching ?? 'exact',
    accessTokenLifetimeSeconds: options.accessTokenLifetimeSeconds ?? 3600,
    codeLifetimeSeconds: options.codeLifetimeSeconds ?? 60,
    clock: new SandboxClock(options.clock),
    settings: defaultSettings(),
    clients: new ClientStore(),
    sessions: new SessionStore(),
    trustedUsers: new TrustedUserStore(),
    tokens: new TokenStore(),
    users: new UserStore([data.staff, data.portalPatient]),
    signingKey: await SigningKey.generate(),
    data,
    faults: new FaultRegistry(),
    log: new ServerLog(),
    startNonce: options.startNonce,
  };
}

async function serve(
  context: SandboxContext,
  scheme: 'http' | 'https',
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const request = parseRequest({
      method: incoming.method,
      url: incoming.url,
      headers: incoming.headers,
      body: await readBody(incoming),
      scheme,
    });
    await answer(context, request, response);
  } catch (error) {
    // A request must not end the sandbox; what went wrong goes to stderr, and it is no user's text.
    process.stderr.write(
      `The sandbox failed: ${error instanceof Error ? (error.stack ?? '') : String(error)}\n`,
    );
    response.destroy();
  }
}

async function answer(
  context: SandboxContext,
  request: SandboxRequest,
  response: ServerResponse,
): Promise<void> {
  const control = request.path.startsWith('/sandbox/') || request.path.startsWith('/interface/');
  const faults = control ? new Map<never, never>() : context.faults.striking(request);
  const status = await writeAnswer(response, faults, async () => route(context, request));
  if (control) return;
  const at = new Date(context.clock.now()).toISOString();
  context.log.add({ kind: 'request', at, method: request.method, path: request.path, status });
}

const bodyLimit = 5 * 1024 * 1024;

async function readBody(incoming: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of incoming as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > bodyLimit) throw new RangeError('The request is too large.');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

async function stop(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
