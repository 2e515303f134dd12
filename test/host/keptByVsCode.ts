import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';

const writingMs = 60_000;

/** Everything that VS Code keeps in the browser's databases. */
export function keptByVsCode(page: Page): Promise<string> {
  return page.evaluate<string>(`(async () => {
    const found = [];
    for (const { name } of await indexedDB.databases()) {
      const database = await new Promise((resolve, reject) => {
        const opening = indexedDB.open(name);
        opening.onsuccess = () => resolve(opening.result);
        opening.onerror = () => reject(opening.error);
      });
      for (const store of database.objectStoreNames) {
        const values = await new Promise((resolve, reject) => {
          const reading = database.transaction(store).objectStore(store).getAll();
          reading.onsuccess = () => resolve(reading.result);
          reading.onerror = () => reject(reading.error);
        });
        found.push(...values.map((value) => typeof value === 'string' ? value : JSON.stringify(value)));
      }
      database.close();
    }
    return found.join('\\n');
  })()`);
}

/** VS Code writes its state down from time to time; a page that is torn away earlier loses the last seconds. */
export async function untilKept(page: Page, text: string): Promise<void> {
  const end = Date.now() + writingMs;
  while (!(await keptByVsCode(page)).includes(text)) {
    if (Date.now() > end) throw new Error(`VS Code does not write down "${text}".`);
    await sleep(500);
  }
}
