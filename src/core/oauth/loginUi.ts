import type { WorkbenchError } from '../base/errors.ts';
import type { CallbackKind } from './callbackChannel.ts';

export type LoginStage = 'preparing' | 'waiting' | 'redeeming';

/** How a login speaks with the person who started it. */
export interface LoginUi {
  report(stage: LoginStage): void;
  /** Another way back to the workbench is tried, because this one does not work here. */
  channelPassedOver(kind: CallbackKind, reason: WorkbenchError): void;
  /** Another login with the same client is waiting: OpenEMR would void its code. */
  askAboutPendingLogin(): Promise<'wait' | 'takeOver' | 'cancel'>;
  /** From now on the person may open the sign-in page (again) or paste the address it ended on. */
  offer(actions: LoginActions): void;
  /** Something arrived that does not end the login: it is shown beside it. */
  note(error: WorkbenchError): void;
}

export interface LoginActions {
  openLoginPage(): Promise<void>;
  /** Throws WorkbenchError `authorization/*`: for text that is not this login's answer, and for an error in it. */
  paste(text: string): void;
}
