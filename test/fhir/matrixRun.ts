import { concurrencyLimit } from '../../src/core/fhir/concurrencyLimit.ts';
import { maskResource } from '../../src/core/fhir/masking.ts';
import {
  probeAccesses,
  probeResources,
  probesAtATime,
  type ProbeRow,
} from '../../src/core/fhir/resourceProbe.ts';
import { reportFormats, writeReport } from '../../src/core/fhir/reportExport.ts';
import { summaryOf } from '../../src/core/fhir/resourceSummary.ts';
import { fetchResourceDescriptions } from '../../src/core/fhir/searchParameters.ts';
import { createFetchTransport } from '../../src/platform/fetchTransport.ts';
import type { EraName } from '../../src/sandbox/era.ts';
import { generatedDataset } from '../../src/sandbox/fhir/generatedData.ts';
import { startSandbox, type RunningSandbox } from '../../src/sandbox/sandboxServer.ts';
import { allResources, leaksIn, personalValues } from './personalData.ts';
import { logInToSandbox, type SandboxLogin } from './sandboxLogin.ts';
import { expectedVerdicts } from './sandboxRules.ts';
import { scopeSets } from './scopeSets.ts';

export interface MatrixFigures {
  /** Cells that were compared. */
  readonly cells: number;
  /** Cells whose verdict is not what the sandbox's rules say, one line each. */
  readonly wrong: readonly string[];
  /** Personal values that stand in a masked view or report, one line each. */
  readonly phiLeaks: readonly string[];
}

/** Runs the matrix with each set of scopes and compares every cell with the sandbox's own rules. */
export async function runMatrixIn(era: EraName): Promise<MatrixFigures> {
  const data = generatedDataset();
  const values = personalValues(data);
  const sandbox = await startSandbox({ era });
  try {
    let cells = 0;
    const wrong: string[] = [];
    const phiLeaks = maskedViewLeaks(era, values);
    for (const { name, as, scopes } of scopeSets(era)) {
      const login = await logInToSandbox(sandbox, scopes, as);
      const rows = await matrix(sandbox, login);
      const expected = expectedVerdicts(era, data, login);
      cells += expected.size * probeAccesses.length;
      wrong.push(...differences(rows, expected).map((line) => `${era}, ${name}: ${line}`));
      phiLeaks.push(...reportLeaks(rows, values).map((value) => `${era}, ${name}: ${value} in a report`));
    }
    return { cells, wrong, phiLeaks };
  } finally {
    await sandbox.stop();
  }
}

async function matrix(sandbox: RunningSandbox, login: SandboxLogin): Promise<ProbeRow[]> {
  const transport = createFetchTransport();
  const connection = { baseUrl: sandbox.baseUrl, site: 'default' };
  return probeResources({
    transport,
    fhirBaseUrl: sandbox.fhirBaseUrl,
    resources: await fetchResourceDescriptions(transport, connection),
    login,
    limit: concurrencyLimit(probesAtATime),
  });
}

function differences(rows: readonly ProbeRow[], expected: ReturnType<typeof expectedVerdicts>): string[] {
  const found = new Map(rows.map((row) => [row.type, row]));
  return [...expected].flatMap(([type, verdicts]) =>
    probeAccesses.flatMap((access) => {
      const seen = found.get(type)?.[access].verdict ?? 'missing';
      return seen === verdicts[access] ? [] : [`${access} ${type} is ${verdicts[access]}, not ${seen}`];
    }),
  );
}

function reportLeaks(rows: readonly ProbeRow[], values: readonly string[]): string[] {
  const report = {
    title: 'Matrix',
    facts: [],
    heads: ['Type', 'Result', 'ms', 'Meaning'] as const,
    parts: [
      {
        title: 'Resources',
        cases: rows.flatMap(({ type, search, read }) =>
          [search, read].map(({ verdict, durationMs = 0, error }) => ({
            name: type,
            result: 'pass' as const,
            text: verdict,
            meaning: JSON.stringify(error?.details ?? {}),
            durationMs,
          })),
        ),
      },
    ],
  };
  return leaksIn(reportFormats.map((format) => writeReport(report, format)).join('\n'), values);
}

/** Everything that the explorer shows of a resource that nobody revealed. */
function maskedViewLeaks(era: EraName, values: readonly string[]): string[] {
  return allResources(era, generatedDataset()).flatMap((resource) => {
    const views = [JSON.stringify(maskResource(resource)), JSON.stringify(summaryOf(resource, false))];
    return leaksIn(views.join('\n'), values).map((value) => `${era}: ${value} in a ${resource.resourceType}`);
  });
}
