import type { Rule } from './rule.ts';
import { certificateRules } from './rules/certificate.ts';
import { fhirRules } from './rules/fhir.ts';
import { loginRules } from './rules/login.ts';
import { reachingRules } from './rules/reaching.ts';
import { registrationRules } from './rules/registration.ts';
import { serverRules } from './rules/server.ts';
import { sessionRules } from './rules/session.ts';
import { tokenRules } from './rules/token.ts';

/** Every failure that the workbench knows. A new one is a new entry in one of the lists, and nothing else. */
export const rules: readonly Rule[] = [
  ...reachingRules,
  ...certificateRules,
  ...serverRules,
  ...registrationRules,
  ...loginRules,
  ...tokenRules,
  ...sessionRules,
  ...fhirRules,
];

/** Throws RangeError for an id that no rule has: a typing mistake in a check. */
export function ruleNamed(id: string): Rule {
  const rule = rules.find((one) => one.id === id);
  if (!rule) throw new RangeError(`No rule ${id}`);
  return rule;
}
