import type { FhirStrings } from '../../src/protocol/fhirStrings.ts';
import type { FhirController } from '../fhirController.ts';
import { busyText, type PageState } from '../pageState.ts';

/** What every FHIR section draws with. */
export interface FhirContext {
  readonly state: PageState;
  readonly controller: FhirController;
  readonly strings: FhirStrings;
}

/** Why nothing can be started now. */
export function busyReason({ state }: FhirContext): string | undefined {
  return busyText(state) ? state.strings.reasonBusy : undefined;
}
