import { hostOf } from '../../core/connection/address.ts';
import type { PinnedCertificate } from '../../core/http/serverCertificate.ts';

/** Certificates that were trusted in one form and are not saved yet, by host. They end with the form. */
export class DraftTrust {
  readonly #certificates = new Map<string, PinnedCertificate>();

  certificateOf(baseUrl: string): PinnedCertificate | undefined {
    return this.#certificates.get(hostOf(baseUrl));
  }

  add(baseUrl: string, certificate: PinnedCertificate): void {
    this.#certificates.set(hostOf(baseUrl), certificate);
  }

  remove(baseUrl: string): void {
    this.#certificates.delete(hostOf(baseUrl));
  }
}
