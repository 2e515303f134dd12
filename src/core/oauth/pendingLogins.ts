import * as z from 'zod/mini';
import type { Clock } from '../base/clock.ts';
import { toDisposable, type Disposable } from '../base/disposable.ts';
import { WorkbenchError } from '../base/errors.ts';
import { fingerprint } from '../connection/binding.ts';
import type { SecretStore } from '../ports.ts';
import { deleteSecret, readSecret, writeSecret } from '../storage/jsonSecret.ts';
import type { PendingLoginEntry, SessionIndex, SessionIndexDocument } from '../storage/sessionIndex.ts';

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

/** How often a window looks whether another one ended a login, in milliseconds. */
const watchPollMs = 500;

/** A pending login as every window may know it. */
export interface WaitingLogin {
  readonly stateHash: string;
  readonly entry: PendingLoginEntry;
}

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
  async waitingFor(clientKey: string): Promise<WaitingLogin | undefined> {
    return this.#waitingIn(await this.#index.read(), clientKey);
  }

  /**
   * Adds a login, unless another one of its issuer and client waits already: then the answer is `undefined`. The entry
   * comes before the secret, since it is in the index that two windows cannot both be first.
   *
   * Throws WorkbenchError `storage/behind`, `storage/write-failed`.
   */
  async add(login: PendingLogin): Promise<WaitingLogin | undefined> {
    const stateHash = hashOf(login.state);
    const entry = entryOf(login);
    const claim = { isFirst: false };
    await this.#index.update((index) => {
      claim.isFirst = this.#waitingIn(index, login.clientKey) === undefined;
      if (claim.isFirst) index.pendingLogins[stateHash] = entry;
    });
    if (!claim.isFirst) return undefined;
    try {
      await writeSecret(this.#secrets, keyOf(stateHash), login);
    } catch (error) {
      await this.#strikeOff(stateHash);
      throw error;
    }
    return { stateHash, entry };
  }

  /** Reads a pending login and leaves it in place. */
  async peek(stateHash: string): Promise<PendingLogin | undefined> {
    const reading = await readSecret(this.#secrets, keyOf(stateHash), pendingLoginSchema);
    return reading.kind === 'value' && !this.#isOver(reading.value) ? reading.value : undefined;
  }

  /** Whether an answer that carries `state` is waited for by any window, comes too late, or was never asked for. */
  async fateOf(state: string): Promise<'waiting' | 'expired' | 'unknown'> {
    const entry = (await this.#index.read()).pendingLogins[hashOf(state)];
    if (entry === undefined || entry.redeeming) return 'unknown';
    return this.#isOver(entry) ? 'expired' : 'waiting';
  }

  /** Whether this window can redeem an answer that carries `state`: in browser hosts another's secrets are not seen. */
  async canRedeem(state: string): Promise<boolean> {
    return (await this.#secrets.get(keyOf(hashOf(state)))) !== undefined;
  }

  /**
   * Takes a pending login out for good: an answer can be redeemed once, by whoever marks it in the index. To others it
   * has ended when `redeem` has.
   *
   * Throws WorkbenchError `authorization/unsolicited` (nobody asked, or it was answered before),
   * `authorization/expired` (older than ten minutes), `storage/behind`, `storage/write-failed`, and what `redeem` throws.
   */
  async take<T>(state: string, redeem: (login: PendingLogin) => Promise<T>): Promise<T> {
    const stateHash = hashOf(state);
    const reading = await readSecret(this.#secrets, keyOf(stateHash), pendingLoginSchema);
    await deleteSecret(this.#secrets, keyOf(stateHash));
    if (!(await this.#mark(stateHash))) throw new WorkbenchError('authorization/unsolicited');
    try {
      if (reading.kind !== 'value') throw new WorkbenchError('authorization/unsolicited');
      if (this.#isOver(reading.value)) throw new WorkbenchError('authorization/expired');
      return await redeem(reading.value);
    } finally {
      // What stays is tidied away when its time is over.
      await this.#strikeOff(stateHash).catch(() => undefined);
    }
  }

  /**
   * As {@link take}, for a window that waits: a login that was cleaned up meanwhile is late, not unknown.
   *
   * Throws as {@link take} does.
   */
  async takeAwaited<T>(awaited: PendingLogin, redeem: (login: PendingLogin) => Promise<T>): Promise<T> {
    if (!this.#isOver(awaited)) return this.take(awaited.state, redeem);
    await this.cancel(hashOf(awaited.state));
    throw new WorkbenchError('authorization/expired');
  }

  /** Calls back once when a login has ended, whichever window ended it: whether its connection was signed in by it. */
  watch({ stateHash, entry }: WaitingLogin, onEnd: (isSignedIn: boolean) => void): Disposable {
    const end = new AbortController();
    const look = async (): Promise<void> => {
      const { pendingLogins, sessions, secretWrites } = await this.#index.read();
      if (end.signal.aborted) return;
      // An index that counts no write cannot be read at the moment, or was reset: then the wait's own time ends it.
      if (pendingLogins[stateHash] || secretWrites === 0) lookLater();
      else onEnd((sessions[entry.connectionId]?.loggedInAt ?? 0) >= entry.createdAt);
    };
    let timer: Disposable;
    const lookLater = (): void => {
      timer = this.#clock.schedule(() => void look(), watchPollMs);
    };
    lookLater();
    return toDisposable(() => {
      end.abort();
      timer.dispose();
    });
  }

  /** The loopback ports that a waiting login of a window that is gone would be answered on. */
  async waitingPorts(): Promise<number[]> {
    const { pendingLogins } = await this.#index.read();
    return Object.values(pendingLogins).flatMap((entry) =>
      entry.port && this.#isWaiting(entry) ? [entry.port] : [],
    );
  }

  /** Forgets a login. Throws WorkbenchError `storage/behind`, `storage/write-failed`. */
  async cancel(stateHash: string): Promise<void> {
    await deleteSecret(this.#secrets, keyOf(stateHash));
    await this.#strikeOff(stateHash);
  }

  /** Forgets what nobody may redeem any more. */
  async prune(): Promise<void> {
    const { pendingLogins } = await this.#index.read();
    for (const [stateHash, entry] of Object.entries(pendingLogins)) {
      if (this.#isOver(entry)) await this.cancel(stateHash);
    }
  }

  /** Answers whether it waited until now: true once for each login, whoever else tries. */
  async #mark(stateHash: string): Promise<boolean> {
    let wasWaiting = false;
    await this.#index.update(({ pendingLogins }) => {
      const entry = pendingLogins[stateHash];
      wasWaiting = entry !== undefined && !entry.redeeming;
      if (entry) entry.redeeming = true;
    });
    return wasWaiting;
  }

  async #strikeOff(stateHash: string): Promise<void> {
    await this.#index.update((index) => {
      index.pendingLogins = Object.fromEntries(
        Object.entries(index.pendingLogins).filter(([key]) => key !== stateHash),
      );
    });
  }

  #waitingIn({ pendingLogins }: SessionIndexDocument, clientKey: string): WaitingLogin | undefined {
    for (const [stateHash, entry] of Object.entries(pendingLogins)) {
      if (entry.clientKey === clientKey && this.#isWaiting(entry)) return { stateHash, entry };
    }
    return undefined;
  }

  #isWaiting(entry: PendingLoginEntry): boolean {
    return !entry.redeeming && !this.#isOver(entry);
  }

  #isOver({ createdAt }: { createdAt: number }): boolean {
    return this.#clock.now() - createdAt > pendingLoginLifetimeMs;
  }
}

export function hashOf(state: string): string {
  return fingerprint(state);
}

function entryOf({ connectionId, clientKey, createdAt, window, port }: PendingLogin): PendingLoginEntry {
  return { connectionId, clientKey, createdAt, window, ...(port ? { port } : {}) };
}

function keyOf(stateHash: string): string {
  return `openemr.pendingLogin.${stateHash}`;
}
