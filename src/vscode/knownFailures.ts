import type { WorkbenchError } from '../core/base/errors.ts';
import { evidenceOfError } from '../core/doctor/evidence.ts';
import { rules } from '../core/doctor/knowledgeBase.ts';
import { translate } from '../core/doctor/translator.ts';
import { diagnosisAction, diagnosisText } from './doctorTexts.ts';
import type { ErrorText } from './errorTexts/errorText.ts';

/** Rules by what the server said or did; what our own code alone tells, the error's own text tells better. */
const rulesOfAnswers = rules
  .filter(({ isGeneric }) => !isGeneric)
  .map((rule) => ({
    ...rule,
    when: rule.when.filter(({ said, error, status, facts }) => [said, error, status, facts].some(Boolean)),
  }))
  .filter(({ when }) => when.length > 0);

const translatedCodes = /^(?:registration|authorization|grant|refresh|tls)\/|^fhir\/(?!access-refused)/;

/** The sentences of the doctor's rule for an error that kept what the server said; `undefined` where none fits. */
export function knownFailureText(failure: WorkbenchError): ErrorText | undefined {
  const { code, details } = failure;
  // The registered and the requested address say more than any rule.
  if (!translatedCodes.test(code) || 'expected' in details) return undefined;
  const diagnosis = translate(evidenceOfError(failure), rulesOfAnswers);
  if (!diagnosis) return undefined;
  const button = diagnosisAction(diagnosis);
  return { ...diagnosisText(diagnosis), ...(button ? { action: button } : {}) };
}
