// Adds one to the number in a file, twenty times, each time reading, waiting and writing under the lock; or takes
// the lock, says so and never lets go.
import { readFile, writeFile } from 'node:fs/promises';
import { FileLock } from '../../../src/platform/fileLock.ts';

const [, , folder = '', file = '', mode = ''] = process.argv;
const lock = new FileLock(folder, { staleMs: 2000 });

if (mode === 'hold') {
  await lock.withLock('counter', () => {
    process.stdout.write('held\n');
    return new Promise<void>((resolve) => setTimeout(resolve, 60_000));
  });
} else {
  for (let round = 0; round < 20; round++) {
    await lock.withLock('counter', async () => {
      const count = Number(await readFile(file, 'utf8'));
      await new Promise((resolve) => setTimeout(resolve, 1));
      await writeFile(file, String(count + 1));
    });
  }
}
