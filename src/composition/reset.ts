import type { ExtensionContext } from 'vscode';
import { systemClock } from '../core/base/clock.ts';
import { LogChannel } from '../vscode/logChannel.ts';
import { agreesToReset, resetStoredCredentials, tellResult } from '../vscode/resetCredentials.ts';
import { storageNotice } from '../vscode/storageNotice.ts';
import { createAudit } from './audit.ts';
import { createStorage } from './storage.ts';

/** Works without the workbench, whose own start may be what is broken. */
export async function resetCredentials(context: ExtensionContext): Promise<boolean> {
  const storage = await createStorage(context, systemClock);
  if (!(await agreesToReset(storageNotice(storage.health)))) return false;
  const result = await resetStoredCredentials(context);
  const log = new LogChannel();
  const { trail } = await createAudit({ storage, clock: systemClock, log });
  const outcome = result.failed > 0 ? 'failure' : 'success';
  trail.record({ action: 'secrets.reset', outcome, detail: { removed: result.removed } });
  await trail.close();
  trail.dispose();
  log.dispose();
  // Whoever presses its button needs the workbench that starts anew meanwhile.
  void tellResult(result);
  return true;
}
