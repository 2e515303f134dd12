import { createServer as createHttpServer, type RequestListener, type ServerOptions } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';

export interface RunningServer {
  readonly port: number;
  /** `http(s)://127.0.0.1:<port>`. */
  readonly url: string;
  readonly openSockets: ReadonlySet<Socket>;
  /** How many connections were made so far. */
  readonly connections: () => number;
  close(): Promise<void>;
}

const running = new Set<RunningServer>();

/** For an `afterEach`: closes what the test started. */
export async function closeServers(): Promise<void> {
  await Promise.all([...running].map((server) => server.close()));
}

export function startHttp(listener: RequestListener, options: ServerOptions = {}): Promise<RunningServer> {
  return start(createHttpServer(options, listener), 'http');
}

export function startHttps(tls: TlsOptions, listener: RequestListener): Promise<RunningServer> {
  return start(createHttpsServer(tls, listener), 'https');
}

export function startTcp(onConnection: (socket: Socket) => void): Promise<RunningServer> {
  return start(createTcpServer(onConnection), 'http');
}

function start(server: Server, scheme: string): Promise<RunningServer> {
  const openSockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections++;
    openSockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => openSockets.delete(socket));
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      const started: RunningServer = {
        port,
        url: `${scheme}://127.0.0.1:${port}`,
        openSockets,
        connections: () => connections,
        close: () =>
          new Promise((closed) => {
            running.delete(started);
            for (const socket of openSockets) socket.destroy();
            server.close(() => closed());
          }),
      };
      running.add(started);
      resolve(started);
    });
  });
}

/** Waits until something is so; fails after two seconds. */
export async function eventually(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 2000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error('It did not happen within two seconds');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
