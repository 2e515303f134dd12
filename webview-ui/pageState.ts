import type { ClientCheckOutcome, RegisterOutcome } from '../src/protocol/outcomes.ts';
import type { Operation } from '../src/protocol/panelMessages.ts';
import type { PanelSection } from '../src/protocol/panelState.ts';
import type { PanelStringKey, PanelStrings } from '../src/protocol/panelStrings.ts';
import type {
  CertificateView,
  ConnectionDraft,
  DiscoveryView,
  DraftField,
  FieldProblem,
  PanelViewModel,
  PresentedError,
  TestView,
} from '../src/protocol/viewModels.ts';
import type { Situation } from './panelModel.ts';

/** Work of the page's own that cannot be cancelled. */
export type ShortWork = 'save' | 'check' | 'refresh' | 'logOut' | 'other';

export interface CertificateQuestion {
  readonly certificate: CertificateView;
  readonly error: PresentedError;
}

/** The question before something that ends the login, and the button that goes on. */
export interface SignOutQuestion {
  readonly message: string;
  readonly goOn: 'saveAndSignOut' | 'registerAndSignOut';
}

/** What the page shows; replaced as a whole with every change. */
export interface PageState {
  readonly strings: PanelStrings;
  readonly language: string;
  readonly model: PanelViewModel;
  readonly test: TestView;
  readonly section: PanelSection;
  readonly draft: ConnectionDraft;
  /** Typed and not yet saved. Lives here and nowhere else. */
  readonly clientSecret: string;
  /** Fields whose problems may be shown: what somebody is still about to fill in is not wrong yet. */
  readonly touched: ReadonlySet<DraftField>;
  readonly problems: readonly FieldProblem[];
  readonly operation: Operation | undefined;
  readonly shortWork: ShortWork | undefined;
  readonly error: PresentedError | undefined;
  readonly outcome: string;
  readonly discovery: DiscoveryView | undefined;
  readonly certificateQuestion: CertificateQuestion | undefined;
  readonly signOutQuestion: SignOutQuestion | undefined;
  readonly registration: Extract<RegisterOutcome, { kind: 'registered' }> | undefined;
  readonly check: Extract<ClientCheckOutcome, { kind: 'checked' }> | undefined;
  readonly refusedScopes: readonly string[];
  readonly scopeFilter: string;
  readonly hasOpenedApiClients: boolean;
  /** The form before a change that was not typed: what Undo brings back. */
  readonly undo: ConnectionDraft | undefined;
}

export function situationOf(state: PageState): Situation {
  return {
    model: state.model,
    draft: state.draft,
    hasTypedSecret: state.clientSecret !== '',
    discovery: state.discovery,
    busy: busyText(state) !== undefined,
    hasOpenedApiClients: state.hasOpenedApiClients,
  };
}

const operationTexts = {
  discover: 'busyDiscover',
  register: 'busyRegister',
  logIn: 'busyLogIn',
  test: 'busyTest',
  probe: 'busyProbe',
  search: 'busySearch',
  doctor: 'busyDoctor',
  action: 'busyOther',
} as const satisfies Record<Operation, PanelStringKey>;

const shortWorkTexts = {
  save: 'busySave',
  check: 'busyCheck',
  refresh: 'busyRefresh',
  logOut: 'busyLogOut',
  other: 'busyOther',
} as const satisfies Record<ShortWork, PanelStringKey>;

/** The text for what is under way, if anything is. */
export function busyText(state: PageState): PanelStringKey | undefined {
  if (state.operation) return operationTexts[state.operation];
  return state.shortWork && shortWorkTexts[state.shortWork];
}

export function problemsOf(state: PageState, field: DraftField): FieldProblem[] {
  return state.problems.filter(
    (problem) => problem.field === field && (problem.severity === 'hint' || state.touched.has(field)),
  );
}
