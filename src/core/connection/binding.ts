import { createHash } from 'node:crypto';
import { siteEndpoints } from '../oauth/issuer.ts';
import type { Connection } from './connection.ts';

/** A short fingerprint of values that must not be mixed up; the separator cannot occur in an address or id. */
export function fingerprint(...values: readonly string[]): string {
  return createHash('sha256').update(values.join('\n')).digest('base64url');
}

/** What tokens and client secrets are bound to: an edited address or client never receives the old ones. */
export function bindingOf(connection: Pick<Connection, 'baseUrl' | 'site'>, clientId: string): string {
  return fingerprint(siteEndpoints(connection).issuer, clientId, connection.baseUrl);
}

/** The binding of a connection with the client that it has now, or with none. */
export function presentBinding(connection: Pick<Connection, 'baseUrl' | 'site' | 'clientId'>): string {
  return bindingOf(connection, connection.clientId ?? '');
}

/** OpenEMR keeps one unredeemed code per user and client, whatever connection asked for it. */
export function clientKeyOf(connection: Pick<Connection, 'baseUrl' | 'site'>, clientId: string): string {
  return fingerprint(siteEndpoints(connection).issuer, clientId);
}
