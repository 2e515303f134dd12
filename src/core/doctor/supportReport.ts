import { redact } from '../base/redact.ts';
import type { Connection } from '../connection/connection.ts';
import type { RecordedFlow } from '../transcript/transcript.ts';
import { flowAsMarkdown } from '../transcript/transcriptText.ts';
import type { DoctorReport } from './doctor.ts';
import { fillIn } from './translator.ts';

export interface SupportFacts {
  /** Programs and their versions. */
  readonly versions: Readonly<Record<string, string>>;
  readonly connection?: Connection | undefined;
  /** Where the login stands. */
  readonly tokenState: string;
  readonly report?: DoctorReport | undefined;
  readonly flows: readonly RecordedFlow[];
  /** The newest entry of the audit log: its number and hash; absent where there is none. */
  readonly auditHead?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/**
 * Everything that helps to help, as Markdown in English: whoever helps reads it, not whoever asks. Without secrets,
 * without the connection's name, without anything of a patient.
 */
export function supportReport(facts: SupportFacts): string {
  const sections = [
    ['# OpenEMR Workbench: support report', '', new Date(facts.at).toISOString()],
    ['## Versions', '', ...Object.entries(facts.versions).map(([name, version]) => `- ${name}: ${version}`)],
    ['## Connection', '', ...connectionLines(facts)],
    ['## Doctor', '', ...doctorLines(facts.report)],
    ['## Audit log', '', facts.auditHead ?? 'No entry.'],
    ['## Transcript', '', ...(facts.flows.length > 0 ? facts.flows.map(lowered) : ['Nothing was recorded.'])],
  ];
  return redact(`${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`);
}

function connectionLines({ connection, tokenState }: SupportFacts): string[] {
  if (!connection) return ['None.'];
  const { baseUrl, site, clientType, clientId, scopes, callback, caFile, pinnedCertificate } = connection;
  return [
    `- address: ${baseUrl}, site ${site}`,
    `- client: ${clientType}, ${clientId ? 'registered' : 'not registered'}, callback ${callback}`,
    `- scopes: ${scopes.join(' ')}`,
    `- registered redirect URIs: ${(connection.registeredRedirectUris ?? []).join(' ') || 'unknown'}`,
    `- trust: ${pinnedCertificate ? `certificate ${pinnedCertificate.sha256}` : caFile ? 'own authority file' : 'that of the system'}`,
    `- login: ${tokenState}`,
  ];
}

function doctorLines(report: DoctorReport | undefined): string[] {
  if (!report) return ['Not run.'];
  return [
    '| Check | Result | Time | Finding |',
    '| --- | --- | --- | --- |',
    ...report.results.map(({ id, status, durationMs, diagnosis, skippedBecause, came }) => {
      const finding = diagnosis
        ? `${diagnosis.rule.id}: ${fillIn(diagnosis.rule.happened, diagnosis.facts)}`
        : (skippedBecause && `because of ${skippedBecause}`) || (came[0] ?? '');
      return `| ${id} | ${status} | ${Math.round(durationMs)} ms | ${finding.replaceAll('|', '\\|')} |`;
    }),
  ];
}

/** A flow's headings one level down, below ours. */
function lowered(flow: RecordedFlow): string {
  return flowAsMarkdown(flow).replace(/^(#+) /gm, '#$1 ');
}
