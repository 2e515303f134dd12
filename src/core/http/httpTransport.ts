/** One HTTP exchange as the core asks for it. Redirects are never followed: their target is the caller's to judge. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the whole exchange must be over; 10,000 where absent. */
  readonly timeoutMs?: number;
  /** Bytes of the (decoded) body above which the exchange fails; 5 MB where absent. */
  readonly maxBytes?: number;
}

/** A request that can change nothing on a server (RFC 9110 §9.2.1). */
export interface GetRequest extends HttpRequest {
  readonly method: 'GET';
  readonly body?: never;
}

/** A transport in the hands of code that only reads: its type lets nothing but GET through. */
export interface GetTransport {
  send(request: GetRequest): Promise<HttpResponse>;
  stream(request: GetRequest): Promise<StreamedHttpResponse>;
}

interface HttpResponseHead {
  readonly status: number;
  readonly headers: Headers;
  /** Milliseconds from sending to the end of the headers (streamed) or of the body. */
  readonly durationMs: number;
  /** Server clock minus ours in milliseconds, read from `Date` (RFC 9110 §6.6.1); absent without that header. */
  readonly clockSkewMs?: number;
}

export interface HttpResponse extends HttpResponseHead {
  readonly text: string;
}

export interface StreamedHttpResponse extends HttpResponseHead {
  /** Fails with the errors of {@link HttpTransport}; ending the iteration early ends the transfer. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/**
 * The one way by which the core reaches a network.
 *
 * Throws WorkbenchError `network/*`, `tls/*`, `http/too-large`, `operation/cancelled` (the signal was aborted),
 * `address/invalid`, `address/insecure-http` (plain http to another machine); never for a status code.
 */
export interface HttpTransport {
  send(request: HttpRequest): Promise<HttpResponse>;
  stream(request: HttpRequest): Promise<StreamedHttpResponse>;
}

/** How a connection decides which servers it believes; without any, the host's own rules hold. */
export interface ServerTrust {
  /** The one certificate that is accepted, as PEM, with its SHA-256 in upper-case hex pairs joined by colons. */
  readonly pinnedCertificate?: { readonly pem: string; readonly sha256: string } | undefined;
  /** Path of a PEM file with further certificate authorities. */
  readonly caFile?: string | undefined;
}

/** Gives the transport that fits a connection's trust; the same trust gives the same (pooled) transport. */
export type TransportFor = (trust: ServerTrust) => HttpTransport;

export const oauthTimeoutMs = 10_000;
export const oauthMaxBytes = 5 * 1024 * 1024;
export const searchMaxBytes = 256 * 1024 * 1024;
