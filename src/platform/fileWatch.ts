import { mkdirSync, watch, type FSWatcher } from 'node:fs';
import { basename, dirname } from 'node:path';
import { toDisposable, type Disposable } from '../core/base/disposable.ts';

const settleMs = 40;

/**
 * Tells of changes to a file that is replaced as a whole, soon and once for several. Where the system cannot watch,
 * it stays silent: whoever relies on it must also look by itself now and then.
 */
export function watchFile(path: string, onChange: () => void): Disposable {
  let timer: NodeJS.Timeout | undefined;
  let watcher: FSWatcher | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    watcher = watch(dirname(path), { persistent: false }, (_event, name) => {
      if (name !== null && name !== basename(path)) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        onChange();
      }, settleMs);
    });
    watcher.on('error', () => watcher?.close());
  } catch {
    watcher?.close();
  }
  return toDisposable(() => {
    clearTimeout(timer);
    watcher?.close();
  });
}
