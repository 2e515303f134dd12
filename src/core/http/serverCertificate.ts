/** A certificate as people compare it before they trust it. */
export interface ServerCertificate {
  readonly subject: string;
  readonly issuer: string;
  /** ISO 8601. */
  readonly validFrom: string;
  /** ISO 8601. */
  readonly validTo: string;
  /** Upper-case hex pairs joined by colons. */
  readonly sha256: string;
  readonly pem: string;
  readonly isSelfSigned: boolean;
}

export interface PinnedCertificate {
  readonly pem: string;
  readonly sha256: string;
}

/**
 * Reads the certificate that the server at an https address presents, whoever vouches for it.
 *
 * Throws WorkbenchError `address/invalid` (no https address), `network/*`, `tls/failed`, `operation/cancelled`.
 */
export type ServerCertificateReader = (address: string, signal?: AbortSignal) => Promise<ServerCertificate>;
