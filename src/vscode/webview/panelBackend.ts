import type {
  ActionOutcome,
  ClientCheckOutcome,
  DiscoverOutcome,
  RegisterOutcome,
  SaveOutcome,
} from '../../protocol/outcomes.ts';
import type {
  ConnectionDraft,
  FieldProblem,
  PanelViewModel,
  PresentedError,
  TestReport,
  TestRow,
} from '../../protocol/viewModels.ts';
import type { Event } from '../../core/base/event.ts';
import type { DraftTrust } from './draftTrust.ts';

/** The form that a request is about. `connectionId` is absent for a connection that was never saved. */
export interface DraftSubmission {
  readonly connectionId?: string;
  readonly draft: ConnectionDraft;
  readonly trust: DraftTrust;
  /** What was typed into Client secret; absent: keep what is stored. */
  readonly clientSecret?: string;
}

/** `confirmed`: the user was told that this signs the connection out, and wants it. */
export interface ConfirmedSubmission extends DraftSubmission {
  readonly confirmed: boolean;
}

/**
 * What the panel asks of the rest of the workbench. Expected failures are outcomes; whatever is thrown instead is
 * shown through `present`. Nothing that is answered may hold a token, secret, code or verifier.
 */
export interface PanelBackend {
  /** Throws WorkbenchError `connection/not-found`. Without an id: what a new connection starts with. */
  viewModel(connectionId?: string): Promise<PanelViewModel>;
  /** The same as far as it can be told at once; undefined where only `viewModel` can. */
  openingView(connectionId?: string): Promise<PanelViewModel | undefined>;
  /** The id of the connection whose view model may have changed, or undefined where any may have. */
  readonly onDidChange: Event<string | undefined>;

  /** By the same rules as `save`, without network; quick, since it runs while the user types. */
  validate(submission: Pick<DraftSubmission, 'connectionId' | 'draft'>): Promise<FieldProblem[]>;
  discover(submission: DraftSubmission, signal: AbortSignal): Promise<DiscoverOutcome>;
  /**
   * Pins the certificate that Discover showed, if the server still presents that one. For an address that is not saved
   * yet it stays with the form until Save or Register client.
   */
  trustCertificate(submission: DraftSubmission, sha256: string): Promise<ActionOutcome>;
  save(submission: ConfirmedSubmission): Promise<SaveOutcome>;

  /** Registers a client for the form and saves both; nothing is saved where the server refuses. */
  register(submission: ConfirmedSubmission, signal: AbortSignal): Promise<RegisterOutcome>;
  checkClient(connectionId: string, signal: AbortSignal): Promise<ClientCheckOutcome>;
  openApiClients(connectionId: string): Promise<ActionOutcome>;

  logIn(connectionId: string, signal: AbortSignal): Promise<ActionOutcome>;
  refreshToken(connectionId: string): Promise<ActionOutcome>;
  logOut(connectionId: string): Promise<ActionOutcome>;

  /** Calls `onRow` for every row as it starts (`running`) and ends; answers with all of them. */
  testConnection(
    connectionId: string,
    onRow: (row: TestRow) => void,
    signal: AbortSignal,
  ): Promise<TestReport>;

  /** Takes the trust in the pinned certificate back. */
  forgetCertificate(connectionId: string): Promise<ActionOutcome>;

  /** An action that a PresentedError or a test row offered. */
  runAction(actionId: string, connectionId: string | undefined, signal: AbortSignal): Promise<ActionOutcome>;
  present(error: unknown): PresentedError;
}
