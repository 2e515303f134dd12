import type { Disposable } from '../base/disposable.ts';

/** A listener on this machine's loopback interface (RFC 8252 §7.3). */
export interface LoopbackListener extends Disposable {
  readonly port: number;
  /** A one-time address that redirects to `target`; for hosts that rewrite loopback addresses. */
  addGoPage(target: string): { readonly url: string };
}

/** Throws WorkbenchError `authorization/no-channel` where the port cannot be had. */
export type ListenOnLoopback = (options: {
  port?: number;
  servesCallback: boolean;
  onCallback: (callbackUrl: string) => void;
}) => Promise<LoopbackListener>;
