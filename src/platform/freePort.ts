import { createServer, type AddressInfo } from 'node:net';

/**
 * A port of 127.0.0.1 on which nobody listens: a redirect URI on it ends on a refused page, whose address people
 * can paste. Another process may take the port later; nothing but the page would differ.
 */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0 }, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
