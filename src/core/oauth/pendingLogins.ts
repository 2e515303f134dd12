import * as z from 'zod/mini';
import type { Clock } from '../base/clock.ts';
import { WorkbenchError } from '../base/errors.ts';
import { fingerprint } from '../connection/binding.ts';
import type { SecretStore } from '../ports.ts';
import { deleteSecret, readSecret, writeSecret } from '../storage/jsonSecret.ts';
import type { PendingLoginEntry, SessionIndex } from '../storage/sessionIndex.ts';

/** An authorization request that waits for its answer (RFC 6749 §4.1.1, RFC 7636). Kept in secret storage only. */
const pendingLoginSchema = z.object({
  connectionId: z.string(),
  clientKey: z.string(),
  boundTo: z.string(),
  state: z.string(),
  nonce: z.string(),
  codeVerifier: z.string(),
  redirectUri: z.string(),
  scope: z.string(),
  window: z.string(),
  port: z.optional(z.int()),
  /** Milliseconds since the epoch. */
  createdAt: z.number(),
});

export type PendingLogin = z.infer<typeof pendingLoginSchema>;

/** How long an answer is accepted, in milliseconds; the progress ends earlier. */
export const pendingLoginLifetimeMs = 10 * 60_000;

/** The pending logins of all windows: at most one for each issuer and client, each usable once. */
export class PendingLogins {
  readonly #secrets: SecretStore;
  readonly #index: SessionIndex;
  readonly #clock: Clock;

  constructor(secrets: SecretStore, index: SessionIndex, clock: Clock) {
    this.#secrets = secrets;
    this.#index = index;
    this.#clock = clock;
  }

  /** The login that still waits for this issuer and client, if any. */
  async waitingFor(clientKey: string): Promise<{ stateHash: string; entry: PendingLoginEntry } | undefined> {
    const { pendingLogins } = await this.#index.read();
    for (const [stateHash, entry] of Object.entries(pendingLogins)) {
      if (entry.clientKey === clientKey && !this.#isOver(entry)) return { stateHash, entry };
    }
    return undefined;
  }

  /** Throws WorkbenchError `storage/behind`, `storage/write-failed`. */
  async add(login: PendingLogin): Promise<void> {
    const { clientKey, connectionId, createdAt, window, port } = login;
    const stateHash = hashOf(login.state);
    await writeSecret(this.#secrets, keyOf(stateHash), login);
    await this.#index.update((index) => {
      index.pendingLogins[stateHash] = {
        connectionId,
        clientKey,
        createdAt,
        window,
        ...(port ? { port } : {}),
      };
    });
  }

  /** Reads a pending login and leaves it in place. */
  async peek(stateHash: string): Promise<PendingLogin | undefined> {
    const reading = await readSecret(this.#secrets, keyOf(stateHash), pendingLoginSchema);
    return reading.kind === 'value' && !this.#isOver(reading.value) ? reading.value : undefined;
  }

  /** Whether an answer that carries `state` is waited for by any window, comes too late, or was never asked for. */
  async fateOf(state: string): Promise<'waiting' | 'expired' | 'unknown'> {
    const entry = (await this.#index.read()).pendingLogins[hashOf(state)];
    if (entry === undefined) return 'unknown';
    return this.#isOver(entry) ? 'expired' : 'waiting';
  }

  /** Whether this window can redeem an answer that carries `state`: in browser hosts another's secrets are not seen. */
  async canRedeem(state: string): Promise<boolean> {
    return (await this.#secrets.get(keyOf(hashOf(state)))) !== undefined;
  }

  /**
   * Takes a pending login out for good: an answer can be redeemed once, by whoever strikes it off the index.
   *
   * Throws WorkbenchError `authorization/unsolicited` (nobody asked, or it was answered before),
   * `authorization/expired` (older than ten minutes), `storage/behind`, `storage/write-failed`.
   */
  async take(state: string): Promise<PendingLogin> {
    const stateHash = hashOf(state);
    const reading = await readSecret(this.#secrets, keyOf(stateHash), pendingLoginSchema);
    const wasWaiting = await this.#remove(stateHash);
    if (!wasWaiting || reading.kind !== 'value') throw new WorkbenchError('authorization/unsolicited');
    if (this.#isOver(reading.value)) throw new WorkbenchError('authorization/expired');
    return reading.value;
  }

  /**
   * As {@link take}, for the window that waits itself: a login that was cleaned up meanwhile is late, not unknown.
   *
   * Throws as {@link take} does.
   */
  async takeAwaited(login: PendingLogin): Promise<PendingLogin> {
    if (!this.#isOver(login)) return this.take(login.state);
    await this.#remove(hashOf(login.state));
    throw new WorkbenchError('authorization/expired');
  }

  /** The loopback ports that a waiting login of a window that is gone would be answered on. */
  async waitingPorts(): Promise<number[]> {
    const { pendingLogins } = await this.#index.read();
    return Object.values(pendingLogins).flatMap((entry) =>
      entry.port && !this.#isOver(entry) ? [entry.port] : [],
    );
  }

  async cancel(stateHash: string): Promise<void> {
    await this.#remove(stateHash);
  }

  /** Forgets what nobody may redeem any more. */
  async prune(): Promise<void> {
    const { pendingLogins } = await this.#index.read();
    for (const [stateHash, entry] of Object.entries(pendingLogins)) {
      if (this.#isOver(entry)) await this.#remove(stateHash);
    }
  }

  /** Answers whether it was still there: true once for each login, whoever else tries. */
  async #remove(stateHash: string): Promise<boolean> {
    let wasThere = false;
    await deleteSecret(this.#secrets, keyOf(stateHash));
    await this.#index.update((index) => {
      wasThere = Object.hasOwn(index.pendingLogins, stateHash);
      index.pendingLogins = Object.fromEntries(
        Object.entries(index.pendingLogins).filter(([key]) => key !== stateHash),
      );
    });
    return wasThere;
  }

  #isOver({ createdAt }: { createdAt: number }): boolean {
    return this.#clock.now() - createdAt > pendingLoginLifetimeMs;
  }
}

export function hashOf(state: string): string {
  return fingerprint(state);
}

function keyOf(stateHash: string): string {
  return `openemr.pendingLogin.${stateHash}`;
}
