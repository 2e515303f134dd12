import type { RedirectMatching } from '../sandboxContext.ts';

/**
 * OpenEMR compares redirect URIs to the byte, except that `http://127.0.0.1` and `http://[::1]` may have any
 * port (RFC 8252 §7.3). `ignore-query` is the sandbox's own relaxation for browser hosts, whose callback
 * addresses carry a new query each time.
 */
export function isRegisteredRedirectUri(
  requested: string,
  registered: readonly string[],
  matching: RedirectMatching,
): boolean {
  if (registered.includes(requested)) return true;
  const bare = loopbackWithoutPort(requested);
  if (bare !== undefined && registered.some((uri) => loopbackWithoutPort(uri) === bare)) return true;
  return (
    matching === 'ignore-query' && registered.some((uri) => withoutQuery(uri) === withoutQuery(requested))
  );
}

export function appendQuery(uri: string, parameters: URLSearchParams): string {
  return `${uri}${uri.includes('?') ? '&' : '?'}${parameters.toString()}`;
}

function loopbackWithoutPort(uri: string): string | undefined {
  const match = /^http:\/\/(127\.0\.0\.1|\[::1\])(?::\d+)?(\/.*)?$/.exec(uri);
  return match === null ? undefined : `${match[1] ?? ''}${match[2] ?? ''}`;
}

function withoutQuery(uri: string): string {
  return uri.split('?')[0] ?? uri;
}
