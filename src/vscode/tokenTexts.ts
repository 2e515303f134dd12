import { l10n } from 'vscode';
import type { Comparison, SignatureState, TokenAnatomy, TokenDetails } from '../core/oauth/tokenDetails.ts';
import type { ClaimView, Tone, TokenPartView, TokenView } from '../protocol/fhirViews.ts';
import { momentText } from './formats.ts';

const hidden = '••••';
const maxValueLength = 300;

/** What claims mean (RFC 7519 §4.1, OpenID Connect Core §2, SMART App Launch, OpenEMR's own). */
const notes: Readonly<Record<string, () => string>> = {
  alg: () => l10n.t('How the token is signed.'),
  typ: () => l10n.t('What kind of token this is.'),
  kid: () => l10n.t("Which of the server's keys signed it."),
  iss: () => l10n.t('Who issued the token: the issuer.'),
  aud: () => l10n.t('For whom it is: the client.'),
  sub: () => l10n.t('Who is signed in, as an opaque number.'),
  exp: () => l10n.t('When it runs out.'),
  nbf: () => l10n.t('Not valid before.'),
  iat: () => l10n.t('When it was issued.'),
  jti: () => l10n.t("The token's own number, by which OpenEMR revokes it."),
  scopes: () => l10n.t('What was granted. This, and not the answer’s scope, is what counts.'),
  scope: () => l10n.t('What was granted.'),
  fhirUser: () => l10n.t('The record of who is signed in.'),
  nonce: () => l10n.t('Ties the token to the login that asked for it.'),
  'api:fhir': () => l10n.t('The FHIR interface is open to this login.'),
  'api:oemr': () => l10n.t("OpenEMR's own interface is open to this login."),
  'api:port': () => l10n.t('The patient portal interface is open to this login.'),
  client_id: () => l10n.t('The client.'),
  auth_time: () => l10n.t('When the person signed in.'),
};
const times: ReadonlySet<string> = new Set(['exp', 'nbf', 'iat', 'auth_time']);
/** Values that are about a server or a client, not about a person. */
const shown: ReadonlySet<string> = new Set([...Object.keys(notes), 'site', 'azp', 'at_hash', 'c_hash']);

export function tokenView(details: TokenDetails | undefined): TokenView {
  if (!details) return { part: 'token', facts: [], tokens: [], canOpenUser: false };
  const { accessToken, idToken, expiresAt, user } = details;
  return {
    part: 'token',
    expiresAt,
    facts: factsOf(details),
    tokens: [
      ...(accessToken ? [partOf(l10n.t('Access token'), accessToken)] : []),
      ...(idToken ? [partOf(l10n.t('ID token'), idToken)] : []),
    ],
    canOpenUser: user !== undefined && user.missingScope === undefined,
  };
}

function factsOf(details: TokenDetails): { name: string; value: string }[] {
  const { accessToken, lifetimeSeconds, loggedInAt, grantedScopes, hasRefreshToken, hasPatientContext } =
    details;
  return [
    { name: l10n.t('Logged in'), value: momentText(loggedInAt) },
    { name: l10n.t('Lifetime'), value: l10n.t('{0} min', Math.round(lifetimeSeconds / 60)) },
    { name: l10n.t('Permissions granted'), value: String(grantedScopes.length) },
    {
      name: l10n.t('Renewal'),
      value: hasRefreshToken
        ? l10n.t('There is a refresh token.')
        : l10n.t('There is no refresh token: offline_access was not granted.'),
    },
    { name: l10n.t('Signed in as'), value: userText(details) },
    {
      name: l10n.t('Patient'),
      value: hasPatientContext
        ? l10n.t("One patient was chosen; everything is within that patient's records.")
        : l10n.t('No patient was chosen.'),
    },
    ...(accessToken
      ? []
      : [
          {
            name: l10n.t('Access token'),
            value: l10n.t('It is opaque: it says nothing that could be read.'),
          },
        ]),
  ];
}

function userText({ user }: TokenDetails): string {
  if (!user) return l10n.t('Not told: fhirUser was not granted.');
  const { reference, missingScope } = user;
  if (!missingScope) return reference;
  return l10n.t('{reference}. Opening that record needs {missingScope}, which was not granted.', {
    reference,
    missingScope,
  });
}

function partOf(title: string, { header, claims, signature, issuer, audience }: TokenAnatomy): TokenPartView {
  return {
    title,
    checks: [signatureCheck(signature), issuerCheck(issuer), audienceCheck(audience)],
    header: Object.entries(header).map(([name, value]) => claim(name, value)),
    claims: Object.entries(claims).map(([name, value]) => claim(name, value)),
  };
}

function signatureCheck(signature: SignatureState): { name: string; text: string; tone: Tone } {
  const name = l10n.t('Signature');
  if (signature === 'valid') return { name, tone: 'good', text: l10n.t("Made with the server's key") };
  return signature === 'invalid'
    ? { name, tone: 'bad', text: l10n.t("Not made with the server's key") }
    : { name, tone: 'warning', text: l10n.t("Not checked: the server's keys could not be used") };
}

function issuerCheck(comparison: Comparison): { name: string; text: string; tone: Tone } {
  const name = l10n.t('Issuer');
  if (comparison === 'absent') {
    return {
      name,
      tone: 'neutral',
      text: l10n.t('Not in the token; OpenEMR 7 leaves it out of access tokens'),
    };
  }
  return comparison === 'same'
    ? { name, tone: 'good', text: l10n.t('The server of this connection') }
    : { name, tone: 'warning', text: l10n.t('Another name than the address of this connection') };
}

function audienceCheck(comparison: Comparison): { name: string; text: string; tone: Tone } {
  const name = l10n.t('Audience');
  if (comparison === 'absent') return { name, tone: 'neutral', text: l10n.t('Not in the token') };
  return comparison === 'same'
    ? { name, tone: 'good', text: l10n.t('The client of this connection') }
    : { name, tone: 'bad', text: l10n.t('Another client') };
}

function claim(name: string, value: unknown): ClaimView {
  const note = notes[name]?.() ?? (shown.has(name) ? '' : l10n.t('Masked: it may be about a person.'));
  return { name: name.slice(0, 100), value: shown.has(name) ? valueText(name, value) : hidden, note };
}

function valueText(name: string, value: unknown): string {
  if (times.has(name) && typeof value === 'number') return momentText(value * 1000);
  const text = Array.isArray(value)
    ? value.map(String).join(' ')
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);
  return text.length > maxValueLength && name !== 'scopes'
    ? `${text.slice(0, maxValueLength)}…`
    : text.slice(0, 4000);
}
