import { CallbackInbox, type CallbackHandover } from '../../src/core/oauth/callbackInbox.ts';
import { PendingLogins } from '../../src/core/oauth/pendingLogins.ts';
import { TokenLifecycle } from '../../src/core/oauth/tokenLifecycle.ts';
import type { TokenGrant } from '../../src/core/oauth/tokenSet.ts';
import { TokenStore } from '../../src/core/oauth/tokenStore.ts';
import { GuardedSecretStore } from '../../src/core/storage/guardedSecretStore.ts';
import { SessionIndex } from '../../src/core/storage/sessionIndex.ts';
import { FakeClock } from './clock.ts';
import { FakeSecretStorage } from './extensionContext.ts';
import { MemoryDocument, MemoryLock, MemoryLog } from './memoryStorage.ts';

/** What all windows of one machine share. */
export class SharedMachine {
  readonly clock = new FakeClock();
  readonly secrets = new FakeSecretStorage();
  readonly document = new MemoryDocument();
  readonly lock = new MemoryLock();
  readonly handover = new MemoryHandover();
  readonly index = new SessionIndex(this.document);
}

/** Each answer can be taken once. */
export class MemoryHandover implements CallbackHandover {
  readonly offers = new Map<string, string>();

  async offer(state: string, callbackUrl: string): Promise<void> {
    await Promise.resolve();
    this.offers.set(state, callbackUrl);
  }

  async take(state: string): Promise<string | undefined> {
    await Promise.resolve();
    const offered = this.offers.get(state);
    this.offers.delete(state);
    return offered;
  }
}

/** The storage-near parts of the workbench as one window builds them. */
export class CoreWindow {
  readonly log = new MemoryLog();
  readonly secrets: GuardedSecretStore;
  readonly tokenStore: TokenStore;
  readonly tokens: TokenLifecycle;
  readonly pendingLogins: PendingLogins;
  readonly inbox: CallbackInbox;
  readonly orphans: string[] = [];

  /** A window that does not share its secrets has the view of them with which it started. */
  constructor(machine: SharedMachine, id = 'a', sharesSecrets = true) {
    const { clock, index, lock } = machine;
    const window = { id, startedAt: clock.now(), sharesSecrets };
    const secrets = sharesSecrets ? machine.secrets : copyOf(machine.secrets);
    this.secrets = new GuardedSecretStore(secrets, index, window, clock);
    this.tokenStore = new TokenStore(this.secrets, index, window, clock);
    this.tokens = new TokenLifecycle(this.tokenStore, lock, clock);
    this.pendingLogins = new PendingLogins(this.secrets, index, clock);
    this.inbox = new CallbackInbox(this.pendingLogins, machine.handover, clock, this.log);
    this.inbox.onDidReceiveOrphan((url) => this.orphans.push(url));
  }
}

function copyOf(secrets: FakeSecretStorage): FakeSecretStorage {
  const copy = new FakeSecretStorage();
  for (const [key, value] of secrets.entries) copy.entries.set(key, value);
  return copy;
}

/** What a token endpoint answered just now; times by the given clock. */
export function grantAt(clock: FakeClock, name: string, changes: Partial<TokenGrant> = {}): TokenGrant {
  return {
    accessToken: `access-${name}`,
    refreshToken: `refresh-${name}`,
    idToken: `id-${name}`,
    expiresAt: clock.now() + 3_600_000,
    lifetimeSeconds: 3600,
    grantedScopes: ['openid', 'user/Patient.read'],
    ...changes,
  };
}
