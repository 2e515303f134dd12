import { WorkbenchError } from '../base/errors.ts';
import {
  errorFromResponse,
  parseAuthorizationResponse,
  type AuthorizationResponse,
} from './authorizationResponse.ts';
import type { PendingLogin } from './pendingLogins.ts';

/**
 * The address that the browser ended on, as a person pasted it.
 *
 * Throws WorkbenchError `authorization/paste-invalid` where it is not this login's answer; an error without state is
 * told for what it is.
 */
export function pastedCallback(text: string, { state }: Pick<PendingLogin, 'state'>): string {
  const callbackUrl = text.trim();
  const response = responseIn(callbackUrl);
  if (response?.state === state) return callbackUrl;
  if (response?.kind === 'error' && !response.state) throw errorFromResponse(response);
  throw new WorkbenchError('authorization/paste-invalid');
}

function responseIn(callbackUrl: string): AuthorizationResponse | undefined {
  try {
    return parseAuthorizationResponse(callbackUrl);
  } catch {
    return undefined;
  }
}
