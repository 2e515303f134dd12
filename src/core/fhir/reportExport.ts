/** A cell of a table in words, and how it is to be counted. */
export interface ReportCase {
  readonly name: string;
  readonly result: 'pass' | 'fail' | 'warning' | 'skipped';
  readonly text: string;
  readonly meaning?: string;
  /** Milliseconds. */
  readonly durationMs?: number;
}

/** A table of the report. */
export interface ReportPart {
  readonly title: string;
  readonly cases: readonly ReportCase[];
}

/** What is written out: words and numbers about a server and a login, nothing about a person. */
export interface WorkbenchReport {
  readonly title: string;
  /** Facts such as address, version and time, in words. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly parts: readonly ReportPart[];
  /** The heads of the tables: what, result, milliseconds, meaning. */
  readonly heads: readonly [string, string, string, string];
}

export const reportFormats = ['markdown', 'json', 'junit'] as const;
export type ReportFormat = (typeof reportFormats)[number];

export function writeReport(report: WorkbenchReport, format: ReportFormat): string {
  switch (format) {
    case 'markdown':
      return markdown(report);
    case 'json':
      return `${JSON.stringify(report, rounded, 2)}\n`;
    case 'junit':
      return junit(report);
  }
}

function rounded(_name: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value) : value;
}

function markdown({ title, facts, parts, heads }: WorkbenchReport): string {
  const lines = [
    `# ${cell(title)}`,
    '',
    ...facts.map(([name, value]) => `- ${cell(name)}: ${cell(value)}`),
    '',
  ];
  for (const part of parts) {
    lines.push(`## ${cell(part.title)}`, '');
    lines.push(`| ${heads.map(cell).join(' | ')} |`, '| --- | --- | ---: | --- |');
    for (const { name, text, durationMs, meaning } of part.cases) {
      const ms = durationMs === undefined ? '' : String(Math.round(durationMs));
      lines.push(`| ${[name, text, ms, meaning ?? ''].map(cell).join(' | ')} |`);
    }
    lines.push('');
  }
  return lines.join('\n');
}

/** Text that cannot break out of a table's cell or become markup. */
function cell(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\|<>[\]`*_]/g, '\\$&');
}

/** The format that continuous integration systems read (JUnit's XML report, as Ant's task writes it). */
function junit({ title, parts }: WorkbenchReport): string {
  const suites = parts.map((part) => suite(part)).join('\n');
  const all = parts.flatMap(({ cases }) => cases);
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="${xml(title)}" ${totals(all)}>
${suites}
</testsuites>
`;
}

function suite({ title, cases }: ReportPart): string {
  return `  <testsuite name="${xml(title)}" ${totals(cases)}>
${cases.map((one) => testCase(title, one)).join('\n')}
  </testsuite>`;
}

function totals(cases: readonly ReportCase[]): string {
  const count = (result: ReportCase['result']): number => cases.filter((one) => one.result === result).length;
  const time = cases.reduce((sum, { durationMs = 0 }) => sum + durationMs, 0);
  return `tests="${cases.length}" failures="${count('fail')}" errors="0" skipped="${count('skipped')}" time="${seconds(time)}"`;
}

function testCase(
  suiteName: string,
  { name, result, text, meaning = '', durationMs = 0 }: ReportCase,
): string {
  const head = `    <testcase classname="${xml(suiteName)}" name="${xml(name)}" time="${seconds(durationMs)}"`;
  if (result === 'fail')
    return `${head}><failure message="${xml(text)}">${xml(meaning)}</failure></testcase>`;
  if (result === 'skipped') return `${head}><skipped message="${xml(text)}"/></testcase>`;
  if (result === 'warning')
    return `${head}><system-out>${xml(`${text}: ${meaning}`)}</system-out></testcase>`;
  return `${head}/>`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function xml(text: string): string {
  // XML 1.0 §2.2 has no place for these, not even as character references.
  // eslint-disable-next-line no-control-regex
  const legal = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '');
  return legal.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
