/** What a handler answers; the server adds cookies and CORS headers and writes it. */
export interface Reply {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** The content type PHP falls back to. */
export const defaultContentType = 'text/html; charset=utf-8';

export function reply(
  status: number,
  body: string,
  contentType: string,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return { status, headers: [['content-type', contentType], ...Object.entries(headers)], body };
}

export function json(status: number, value: unknown, contentType = 'application/json'): Reply {
  return reply(status, JSON.stringify(value), contentType);
}

/** An answer without a word, as OpenEMR often gives. */
export function empty(status: number, contentType = defaultContentType): Reply {
  return reply(status, '', contentType);
}

export function redirect(status: number, location: string): Reply {
  return reply(status, '', defaultContentType, { location });
}

export function withHeader(answer: Reply, name: string, value: string): Reply {
  return { ...answer, headers: [...answer.headers, [name, value]] };
}
