import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDemoOptions } from '../../src/launch/demoOptions.ts';
import type { DemoResult } from '../../src/launch/demoResult.ts';
import { runDemo, screenshotFolder } from '../../src/launch/demoRun.ts';
import type { DemoSession } from '../../src/launch/demoSession.ts';
import { scanFolder, scanWorkbenchStorage, watchTheWire } from './secretScan.ts';
import type { Finding, SeenOnTheWire } from './secretScan.ts';

/** A demo, and what was found of its secrets in everything that it wrote. */
export interface ObservedRun {
  readonly result: DemoResult;
  readonly lines: readonly string[];
  readonly findings: readonly Finding[];
  /** What the scan finds once a code of this run has been written into a log. */
  readonly plantedFindings: readonly Finding[];
  readonly storageRows: number;
}

export async function observedRun(args: readonly string[]): Promise<ObservedRun> {
  const options = parseDemoOptions(args);
  const lines: string[] = [];
  let seen: SeenOnTheWire = { values: new Set(), challenges: new Set() };
  const observed = { findings: [] as Finding[], plantedFindings: [] as Finding[], storageRows: 0 };
  const scan = (session: DemoSession) => scanFolder(session.serverFolder, seen, ['extensions']);
  const result = await runDemo(options, {
    line: (text) => lines.push(text),
    started: ({ browser }) => {
      seen = watchTheWire(browser);
    },
    ended: async (session) => {
      const storage = await scanWorkbenchStorage(session.workbench, seen);
      observed.storageRows = storage.rows;
      observed.findings = [
        ...storage.findings,
        ...(await scan(session)),
        ...(await scanFolder(screenshotFolder(options), seen)),
      ];
      const [planted = ''] = seen.values;
      await appendFile(join(session.serverFolder, 'user-data', 'planted.log'), `answer: ${planted}`);
      observed.plantedFindings = await scan(session);
    },
  });
  return { result, lines, ...observed };
}
