export type Unit = 'ms' | 'bytes' | 'requests';

/** One thing that was measured, beside what it is compared with: both of the same run. */
export interface Figure {
  readonly name: string;
  readonly unit: Unit;
  readonly value: number;
  readonly baseline: { readonly name: string; readonly value: number };
  /** `value` divided by the baseline's. */
  readonly ratio: number;
  /** In `unit`; the run fails where the value is above. */
  readonly limit?: number;
  readonly isWithinLimit: boolean;
}

export function figure(
  name: string,
  unit: Unit,
  value: number,
  baseline: Figure['baseline'],
  limit?: number,
): Figure {
  return {
    ...{ name, unit, value, baseline },
    ratio: value === baseline.value ? 1 : value / baseline.value,
    ...(limit === undefined ? {} : { limit }),
    isWithinLimit: limit === undefined || value <= limit,
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  const lower = sorted[sorted.length % 2 === 0 ? middle - 1 : middle];
  if (upper === undefined || lower === undefined) throw new Error('There is no median of nothing.');
  return (lower + upper) / 2;
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Medians of two works that take turns, so that a busy moment of the machine falls on both. */
export async function medianOfEach(
  rounds: number,
  first: () => Promise<number>,
  second: () => Promise<number>,
): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) times[0].push(await first());
    times[1].push(await second());
    if (round % 2 === 1) times[0].push(await first());
  }
  return [median(times[0]), median(times[1])];
}

const shown = (value: number, unit: Unit) =>
  unit === 'ms'
    ? `${value.toFixed(1)} ms`
    : unit === 'bytes'
      ? `${(value / 1000).toFixed(1)} kB`
      : `${value}`;

/** The figures for people, as a table that Markdown understands too. */
export function tableOf(figures: readonly Figure[]): string {
  const head = ['Figure', 'Measured', 'Compared with', 'Baseline', 'Ratio', 'Limit'];
  const rows = figures.map(({ name, unit, value, baseline, ratio, limit, isWithinLimit }) => [
    name,
    shown(value, unit),
    baseline.name,
    shown(baseline.value, unit),
    ratio.toFixed(2),
    limit === undefined ? '' : `${shown(limit, unit)}${isWithinLimit ? '' : ', missed'}`,
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
