/** What a TLS handshake showed, whoever vouches for it. Times are ISO 8601. */
export interface TlsInspection {
  readonly protocol: string;
  readonly subject: string;
  readonly issuer: string;
  readonly validFrom: string;
  readonly validTo: string;
  /** Upper-case hex pairs joined by colons. */
  readonly sha256: string;
  /** The names that the certificate is for. */
  readonly names: readonly string[];
  /** How many certificates the server sent. */
  readonly chainLength: number;
  readonly key: string;
  /** The most fundamental thing that is wrong, if any. */
  readonly problem?: TlsProblem;
}

export type TlsProblem =
  | 'old-protocol'
  | 'weak-key'
  | 'changed'
  | 'expired'
  | 'not-yet-valid'
  | 'self-signed'
  | 'unknown-authority'
  | 'name';

/** The layers below HTTP, one at a time. Sends nothing but what the handshakes need. */
export interface NetworkProbe {
  /** The numbers that a name stands for. Throws WorkbenchError `network/dns`, `operation/cancelled`. */
  resolve(host: string, signal: AbortSignal): Promise<string[]>;
  /** Throws WorkbenchError `network/*`, `operation/cancelled`. */
  connect(host: string, port: number, signal: AbortSignal): Promise<void>;
  /** Throws WorkbenchError `tls/failed`, `network/*`, `operation/cancelled`. */
  inspectTls(url: string, trust: ProbedTrust, signal: AbortSignal): Promise<TlsInspection>;
}

export interface ProbedTrust {
  readonly pinnedSha256?: string | undefined;
  readonly caFile?: string | undefined;
}
