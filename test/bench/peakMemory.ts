import { readFileSync } from 'node:fs';

/** The most memory that this process has held, in kB. What `maxRSS` says begins, on Linux, with what its parent held. */
export function peakMemoryKb(): number {
  try {
    const own = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (own !== undefined) return Number(own);
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS;
}
