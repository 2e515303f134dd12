import type { Evidence } from './evidence.ts';
import type { DoctorRun } from './doctorRun.ts';

/** The checks in their order: what is more fundamental comes first. */
export const checkIds = [
  'address',
  'dns',
  'tcp',
  'tls',
  'proxy',
  'http',
  'webroot',
  'site',
  'apis',
  'openid',
  'smart',
  'capability',
  'consistency',
  'version',
  'clock',
  'clientKnown',
  'redirectUri',
  'clientEnabled',
  'clientSecret',
  'scopesKnown',
  'scopePrerequisites',
  'lastAttempt',
  'token',
  'tokenScopes',
  'fhirRead',
  'refresh',
] as const;
export type CheckId = (typeof checkIds)[number];

export type DoctorStatus = 'pass' | 'warn' | 'fail' | 'skipped';

/** What a check found. Lines are for people under Details, without secrets. */
export interface Finding {
  readonly status: 'pass' | 'warn' | 'fail' | 'notUsed';
  /** What was asked, a line each. */
  readonly asked: readonly string[];
  /** What came back, a line each. */
  readonly came: readonly string[];
  /** What a failure or warning is judged by. */
  readonly evidence?: Evidence;
  /** Values for the sentence of a passed check. */
  readonly facts?: Readonly<Record<string, string | number>>;
  /** Checks that need this one are skipped; where absent, after a failure. */
  readonly blocks?: boolean;
  /** Something worth knowing that is no fault: the id of its rule. */
  readonly note?: string;
}

export interface Check {
  readonly id: CheckId;
  /** Has to have ended without blocking. */
  readonly needs: readonly CheckId[];
  /** Has to have ended, however. */
  readonly after?: readonly CheckId[];
  /** Milliseconds; 10,000 where absent. */
  readonly timeoutMs?: number;
  run(this: void, run: DoctorRun): Promise<Finding> | Finding;
}

export function pass(
  asked: readonly string[],
  came: readonly string[],
  facts: Finding['facts'] = {},
): Finding {
  return { status: 'pass', asked, came, facts };
}

/** Does not apply to this connection. */
export function notUsed(...came: string[]): Finding {
  return { status: 'notUsed', asked: [], came };
}

export function fail(asked: readonly string[], came: readonly string[], evidence: Evidence): Finding {
  return { status: 'fail', asked, came, evidence };
}

export function warn(asked: readonly string[], came: readonly string[], evidence: Evidence): Finding {
  return { status: 'warn', asked, came, evidence };
}
