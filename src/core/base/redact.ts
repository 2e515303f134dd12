const sensitiveParameters =
  'code|state|nonce|id_token_hint|code_verifier|code_challenge|client_secret|access_token|refresh_token|id_token|registration_access_token|password|username|token|session_state|launch';

const patterns: readonly [RegExp, string][] = [
  // JWTs, and the encrypted codes and refresh tokens that OpenEMR hands out.
  [/eyJ[\w-]{5,}(?:\.[\w-]*){0,2}/g, '<token>'],
  [/def50200[0-9a-f]*/gi, '<token>'],
  [/\b(bearer|basic)\s+[\w.~+/=-]+/gi, '$1 <redacted>'],
  // Also where an address is a parameter of another one, and so percent-encoded.
  [
    new RegExp(`((?:^|[?&#;\\s]|%(?:3F|26|23))(?:${sensitiveParameters})(?:=|%3D))[^&#\\s"'<>]+`, 'gi'),
    '$1<redacted>',
  ],
  [new RegExp(`("(?:${sensitiveParameters})"\\s*:\\s*)"(?:[^"\\\\]|\\\\.)*"`, 'gi'), '$1"<redacted>"'],
  [/(\/\/)[^/@\s]+@/g, '$1<redacted>@'],
];

/** Text without tokens, secrets, codes, verifiers or passwords. The only way by which text reaches a log. */
export function redact(text: string): string {
  return patterns.reduce((redacted, [pattern, replacement]) => redacted.replace(pattern, replacement), text);
}

/** An address without user information, query and fragment: enough to say where a request went. */
export function redactUrl(url: string): string {
  const parsed = URL.parse(url);
  if (!parsed) return redact(url.split(/[?#]/, 1)[0] ?? '');
  return redact(
    parsed.host
      ? `${parsed.protocol}//${parsed.host}${parsed.pathname}`
      : (parsed.href.split(/[?#]/, 1)[0] ?? ''),
  );
}
