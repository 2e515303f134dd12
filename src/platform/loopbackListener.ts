import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toDisposable, type Disposable } from '../core/base/disposable.ts';
import { WorkbenchError } from '../core/base/errors.ts';
import { renderDonePage, type DonePageText } from './donePage.ts';

export interface LoopbackListenerOptions {
  /** A port that must be used, as a redirect URI names it; any free one where absent. */
  readonly port?: number | undefined;
  /** False where the browser's answer is pasted: then only `/go` is served. */
  readonly servesCallback: boolean;
  /** Gets `http://127.0.0.1:<port>/callback?…` as the browser asked for it; anybody may have made it up. */
  readonly onCallback: (url: string) => void;
  readonly donePage: DonePageText;
}

/** A link on our own port that leads on to the target once. */
interface GoPage {
  readonly url: string;
  /** Resolves when a browser asked for the page: the only proof that one opened. */
  readonly opened: Promise<void>;
}

export interface LoopbackListener extends Disposable {
  readonly port: number;
  /** Several may be open at once; each answers once. */
  addGoPage(target: string): GoPage;
}

const host = '127.0.0.1';
const maxUrlLength = 16 * 1024;
// More than the address alone: a browser sends along the cookies of every program on 127.0.0.1, whatever the port.
const maxHeaderBytes = 48 * 1024;
const requestTimeoutMs = 5_000;
/** How long the port stays open after its disposal for a browser that is on its way to `/done`. */
const lingerMs = 3_000;

/**
 * Listens on 127.0.0.1 for the browser's way out (`/go`) and back (`/callback`, RFC 8252 §7.3).
 *
 * Throws WorkbenchError `authorization/no-channel` (details: port, systemCode) when the port cannot be had.
 */
export async function listenOnLoopback(options: LoopbackListenerOptions): Promise<LoopbackListener> {
  const pages = new LoopbackPages(options);
  const server = createServer(
    { maxHeaderSize: maxHeaderBytes, requestTimeout: requestTimeoutMs },
    (request, response) => {
      pages.answer(request, response);
    },
  );
  server.headersTimeout = requestTimeoutMs;
  // Node would answer by text; a stranger on this port learns nothing.
  server.on('clientError', (_error, socket) => socket.destroy());
  pages.port = await bind(server, options.port ?? 0);
  return {
    port: pages.port,
    addGoPage: (target) => pages.addGoPage(target),
    ...toDisposable(() => pages.whenIdle(() => closeNow(server))),
  };
}

function bind(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const details = { port, systemCode: error.code ?? '' };
      reject(new WorkbenchError('authorization/no-channel', { details, cause: error }));
    });
    server.listen({ host, port, exclusive: true }, () => resolve((server.address() as AddressInfo).port));
  });
}

function closeNow(server: Server): void {
  server.close();
  server.closeAllConnections();
}

class LoopbackPages {
  port = 0;
  readonly #options: LoopbackListenerOptions;
  readonly #goPages = new Map<string, { readonly target: string; readonly onOpened: () => void }>();
  #isDisposed = false;
  #owesDonePage = false;
  #onIdle: (() => void) | undefined;

  constructor(options: LoopbackListenerOptions) {
    this.#options = options;
  }

  addGoPage(target: string): GoPage {
    const id = randomBytes(24).toString('base64url');
    const opened = new Promise<void>((resolve) => {
      this.#goPages.set(id, { target, onOpened: resolve });
    });
    return { url: `http://${host}:${this.port}/go/${id}`, opened };
  }

  /** Calls back at once, or when the browser that took a callback here has got its `/done` page. */
  whenIdle(onIdle: () => void): void {
    this.#isDisposed = true;
    this.#goPages.clear();
    if (!this.#owesDonePage) {
      onIdle();
      return;
    }
    const timer = setTimeout(onIdle, lingerMs);
    this.#onIdle = () => {
      clearTimeout(timer);
      onIdle();
    };
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    response.setHeader('Connection', 'close');
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('Referrer-Policy', 'no-referrer');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    const target = request.url ?? '';
    const path = target.split('?', 1)[0] ?? '';
    if (request.method !== 'GET' || target.length > maxUrlLength) this.#refuse(response);
    else if (path.startsWith('/go/')) this.#answerGo(path.slice('/go/'.length), response);
    // A page elsewhere can give its own name our address (DNS rebinding); then the name is in Host. Not so for
    // /go, which comes through the workbench's own server in a browser host, and whose id is secret.
    else if (!this.#options.servesCallback || request.headers.host !== `${host}:${this.port}`) {
      this.#refuse(response);
    } else if (path === '/callback' && !this.#isDisposed) this.#answerCallback(target, response);
    else if (path === '/done') this.#answerDone(response);
    else this.#refuse(response);
  }

  #answerGo(id: string, response: ServerResponse): void {
    const page = this.#goPages.get(id);
    if (!page) {
      this.#refuse(response);
      return;
    }
    this.#goPages.delete(id);
    response.writeHead(302, { Location: page.target }).end();
    page.onOpened();
  }

  #answerCallback(target: string, response: ServerResponse): void {
    const base = `http://${host}:${this.port}`;
    this.#owesDonePage = true;
    // The code leaves the address bar and the history.
    response.writeHead(302, { Location: `${base}/done` }).end();
    this.#options.onCallback(`${base}${target}`);
  }

  #answerDone(response: ServerResponse): void {
    response.writeHead(200, {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy':
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    });
    response.end(renderDonePage(this.#options.donePage), () => {
      this.#owesDonePage = false;
      this.#onIdle?.();
    });
  }

  #refuse(response: ServerResponse): void {
    response.writeHead(404).end();
  }
}
