import { env, l10n, window } from 'vscode';
import { plainText } from './plainText.ts';

/** What a server's certificate says of itself. */
export interface CertificateFacts {
  /** Host and port that showed it. */
  readonly host: string;
  readonly subject: string;
  readonly issuer: string;
  /** ISO 8601, as `validTo`. */
  readonly validFrom: string;
  readonly validTo: string;
  /** Upper-case hex pairs joined by colons. */
  readonly sha256: string;
  /** The fingerprint that was trusted before, where it is another one. */
  readonly formerSha256?: string | undefined;
}

/** Asks in a modal whether this one certificate is to be believed for the connection; closing it means no. */
export async function askToTrustCertificate(certificate: CertificateFacts): Promise<boolean> {
  const { host, subject, issuer, validFrom, validTo, sha256 } = certificate;
  const trust = l10n.t('Trust this certificate');
  const detail = [
    l10n.t('It was made for: {subject}', { subject }),
    l10n.t('It was made by: {issuer}', { issuer }),
    l10n.t('It is valid from {validFrom} to {validTo}.', {
      validFrom: dayOf(validFrom),
      validTo: dayOf(validTo),
    }),
    l10n.t('Its fingerprint (SHA-256):'),
    sha256,
    ...formerLines(certificate),
    '',
    l10n.t(
      'Compare the fingerprint with the one the administrator of this server tells you. Only this certificate will be accepted, and only for this connection.',
    ),
  ].join('\n');
  const question = l10n.t('Do you know the server {host} and trust its certificate?', { host });
  const answer = await window.showWarningMessage(
    plainText(question),
    { modal: true, detail: plainText(detail) },
    trust,
  );
  return answer === trust;
}

/** Old beside new, so that a change is seen for what it is. */
function formerLines({ sha256, formerSha256 }: CertificateFacts): string[] {
  if (!formerSha256) return [];
  if (formerSha256 === sha256) return ['', l10n.t('It is the one that this connection trusts already.')];
  return ['', l10n.t('It is not the one that you trusted before, whose fingerprint was:'), formerSha256];
}

function dayOf(time: string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? time : date.toLocaleDateString(env.language, { dateStyle: 'long' });
}
