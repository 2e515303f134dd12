import type { IncomingHttpHeaders } from 'node:http';

/** A request as handlers see it: read to its end, the path split from its query. */
export interface SandboxRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Scheme and authority that the request came in on. */
  readonly origin: string;
}

export interface RequestParts {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly scheme: 'http' | 'https';
}

export function parseRequest(parts: RequestParts): SandboxRequest {
  const origin = `${parts.scheme}://${parts.headers.host ?? '127.0.0.1'}`;
  const target = parts.url ?? '/';
  const mark = target.indexOf('?');
  return {
    method: parts.method ?? 'GET',
    path: mark < 0 ? target : target.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)),
    headers: parts.headers,
    body: parts.body,
    origin,
  };
}

/** The fields of a form post; anything else has none. */
export function formFields(request: SandboxRequest): URLSearchParams {
  const type = request.headers['content-type'] ?? '';
  return new URLSearchParams(type.startsWith('application/x-www-form-urlencoded') ? request.body : '');
}

export function parseJsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

export function cookieValue(request: SandboxRequest, name: string): string | undefined {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [key, ...rest] = pair.trim().split('=');
    if (key === name) return rest.join('=');
  }
  return undefined;
}
