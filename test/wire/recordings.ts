import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One recorded exchange, as wire/README.md describes it. */
export interface RecordedStep {
  readonly request: RecordedRequest;
  readonly response: RecordedResponse;
}

export interface RecordedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface RecordedResponse {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: RecordedBody;
}

export type RecordedBody =
  | { readonly json: unknown }
  | { readonly text: string }
  | { readonly html: true; readonly title: string; readonly fields: readonly string[] };

export interface RecordedSection {
  readonly file: string;
  readonly name: string;
  readonly steps: readonly RecordedStep[];
  /** Of a section without requests: the header and the claims of the last token. */
  readonly notes?: string;
}

export interface Recording {
  readonly version: '7.0.4' | '8.2';
  readonly era: '7.0' | '8.2';
  /** The address of the server that was recorded. */
  readonly base: string;
  readonly sections: readonly RecordedSection[];
}

const sources = [
  { version: '7.0.4', era: '7.0', base: 'https://localhost:19443' },
  { version: '8.2', era: '8.2', base: 'https://localhost:19444' },
] as const;

/** `$OPENEMR_WIRE`, or the reference beside the checkout; undefined where there is neither. */
export function recordingsFolder(): string | undefined {
  const beside = fileURLToPath(new URL('../../../shared/reference/wire/', import.meta.url));
  const folders = [process.env['OPENEMR_WIRE'], beside];
  return folders.find(
    (folder) =>
      folder !== undefined && sources.every(({ version }) => existsSync(join(folder, `${version}.jsonl`))),
  );
}

export function readRecordings(folder: string): Recording[] {
  return sources.map((source) => ({
    ...source,
    sections: readFileSync(join(folder, `${source.version}.jsonl`), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as RecordedSection),
  }));
}
