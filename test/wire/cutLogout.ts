import type { RecordedSection, RecordedStep } from './recordings.ts';

/** The id_tokens that the sandbox has issued so far, in order. */
export interface IssuedIdTokens {
  /** Of the logins of this file. */
  readonly logins: readonly string[];
  /** Of any answer, refreshes among them. */
  readonly last: string;
}

/** What the client of the session had registered. */
export interface LogoutClient {
  readonly postLogoutRedirectUris: readonly string[];
}

/** The recorder cut the addresses of logout requests inside the token's label. */
export function isCutLogout(step: RecordedStep): boolean {
  return /\/logout\?id_token_hint=[^&]*<JWT$/.test(step.request.url);
}

/**
 * The query that was cut off, as the section's name and the recorded answer tell it: the last id_token
 * unless the name counts logins, and the address to go to afterwards.
 */
export function cutLogoutQuery(
  section: RecordedSection,
  step: RecordedStep,
  tokens: IssuedIdTokens,
  client: LogoutClient | undefined,
): URLSearchParams {
  const login = /id_token (\d+)/.exec(section.name)?.[1];
  const hint = login === undefined ? tokens.last : (tokens.logins[Number(login) - 1] ?? '');
  const query = new URLSearchParams({ id_token_hint: hint });
  const target = targetOf(section, step, client);
  if (target === undefined) return query;
  const [address = '', state] = target.split('?state=');
  query.set('post_logout_redirect_uri', address);
  if (state !== undefined) query.set('state', state);
  return query;
}

function targetOf(
  section: RecordedSection,
  step: RecordedStep,
  client: LogoutClient | undefined,
): string | undefined {
  const location = step.response.headers.find(([name]) => name === 'location')?.[1];
  if (location !== undefined) return location;
  if (/not registered|unregistered URI/.test(section.name)) return 'https://evil.example/x';
  return /one of two/i.test(section.name) ? client?.postLogoutRedirectUris[0] : undefined;
}
