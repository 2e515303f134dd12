import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runToEnd } from '../../src/launch/childProcess.ts';
import { projectRoot } from '../../src/launch/paths.ts';
import { writeLongLog } from './longLog.ts';

export interface AuditFigures {
  /** Milliseconds, median over 1,000 entries, the lock included. */
  readonly appendMedianMs: number;
  readonly entries: number;
  /** Seconds for parsing and HMAC alone, and for the verification: the best of the rounds, each in a fresh process. */
  readonly baselineSeconds: number;
  readonly verificationSeconds: number;
  readonly ratio: number;
  /** The most that a process held that did nothing but verify, Node itself included, in MB. */
  readonly memoryMb: number;
}

export const auditLimits = { appendMedianMs: 1, ratio: 1.25, memoryMb: 150 } as const;

interface Measured {
  readonly seconds: number;
  readonly peakMemoryMb: number;
}

export async function measureAudit(entries: number, rounds = 3): Promise<AuditFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'openemr-workbench-audit-'));
  try {
    const { seconds } = await measured('append', join(folder, 'appended'));
    const log = join(folder, 'long');
    const { secret } = await writeLongLog(log, entries);
    const [baseline, verification] = [[] as Measured[], [] as Measured[]];
    for (let round = 0; round < rounds; round++) {
      verification.push(await measured('verify', log, secret));
      baseline.push(await measured('baseline', log, secret));
    }
    const best = (runs: readonly Measured[]) => Math.min(...runs.map((run) => run.seconds));
    const [baselineSeconds, verificationSeconds] = [best(baseline), best(verification)];
    return {
      ...{ appendMedianMs: seconds * 1000, entries, baselineSeconds, verificationSeconds },
      ratio: verificationSeconds / baselineSeconds,
      memoryMb: Math.max(...verification.map(({ peakMemoryMb }) => peakMemoryMb)),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The limits that were missed, by name. */
export function missedLimits(figures: AuditFigures): string[] {
  const names = Object.keys(auditLimits) as (keyof typeof auditLimits)[];
  return names.filter((name) => figures[name] > auditLimits[name]);
}

/** What ran before in a process changes how fast it runs and what it holds: each figure is taken in one of its own. */
async function measured(...args: string[]): Promise<Measured> {
  const file = new URL('./auditFigures.child.ts', import.meta.url).pathname;
  const { status, output } = await runToEnd(process.execPath, [file, ...args], { cwd: projectRoot });
  if (status !== 0) throw new Error(output);
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Measured;
}
