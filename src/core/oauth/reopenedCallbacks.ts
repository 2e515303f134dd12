import type { Clock } from '../base/clock.ts';
import { DisposableStore, type Disposable } from '../base/disposable.ts';
import type { ListenOnLoopback } from './loopback.ts';
import type { CallbackInbox } from './callbackInbox.ts';
import { pendingLoginLifetimeMs, type PendingLogins } from './pendingLogins.ts';

/**
 * After a reload the browser may still come back to the port of a login that this window, or one that is gone,
 * started: listens there again. A port that another window serves is left to it.
 */
export async function reopenCallbacks(
  pendingLogins: PendingLogins,
  listen: ListenOnLoopback,
  inbox: CallbackInbox,
  clock: Clock,
): Promise<Disposable> {
  const reopened = new DisposableStore();
  for (const port of await pendingLogins.waitingPorts()) {
    try {
      reopened.add(
        await listen({
          port,
          servesCallback: true,
          onCallback: (callbackUrl) => void inbox.receive(callbackUrl),
        }),
      );
    } catch {
      // The window that asked is alive and serves its port itself.
    }
  }
  reopened.add(clock.schedule(() => reopened.dispose(), pendingLoginLifetimeMs));
  return reopened;
}
