import { stripVTControlCharacters } from 'node:util';

export const demoSteps = [
  'configure',
  'discover',
  'register',
  'enable',
  'logIn',
  'test',
  'refresh',
  'logOut',
] as const;
export type DemoStep = (typeof demoSteps)[number];

/** What the connection test showed. */
export interface TestObservation {
  readonly openemrVersion: string;
  readonly patientCount: number;
  /** The real number may be higher: counting stopped at a limit. */
  readonly patientCountAtLeast: boolean;
  readonly scopesGranted: readonly string[];
}

/** The last line that the demo prints, as JSON. */
export interface DemoResult extends TestObservation {
  readonly ok: boolean;
  readonly era: string;
  readonly refreshed: boolean;
  readonly callback: string;
  /** Why it is not ok. */
  readonly reason?: string;
  readonly steps: readonly { readonly name: DemoStep; readonly ms: number }[];
}

export const nothingObserved: TestObservation = {
  openemrVersion: '',
  patientCount: 0,
  patientCountAtLeast: false,
  scopesGranted: [],
};

// What the browser driver tried is no reading for a person.
const callLog = /\nCall log:[\s\S]*$/;

/** One line that says what went wrong. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return stripVTControlCharacters(text).replace(callLog, '').replace(/\s+/g, ' ').trim().slice(0, 500);
}
