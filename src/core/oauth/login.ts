import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import { isWorkbenchError, toWorkbenchError, WorkbenchError } from '../base/errors.ts';
import { bindingOf, clientKeyOf } from '../connection/binding.ts';
import type { Connection } from '../connection/connection.ts';
import type { HttpTransport } from '../http/httpTransport.ts';
import type { ExternalBrowser } from '../ports.ts';
import {
  checkAuthorizationRequest,
  createAuthorizationRequest,
  type AuthorizationRequest,
} from './authorizationRequest.ts';
import { errorFromResponse, parseAuthorizationResponse } from './authorizationResponse.ts';
import type { AuthorizationServerMetadata } from './authorizationServerMetadata.ts';
import { channelsFor, noChannelError, type CallbackChannel, type OpenCallback } from './callbackChannel.ts';
import type { CallbackInbox } from './callbackInbox.ts';
import { siteEndpoints } from './issuer.ts';
import type { LoginUi } from './loginUi.ts';
import { hashOf, type PendingLogin, type PendingLogins } from './pendingLogins.ts';
import type { TokenGrant } from './tokenSet.ts';

/** How long the progress waits for the browser's answer, in milliseconds. */
export const loginWaitMs = 5 * 60_000;

/** Everything a login needs to know of the connection and its server. */
export interface LoginSubject {
  readonly connection: Connection;
  readonly clientId: string;
  readonly metadata: AuthorizationServerMetadata;
  readonly transport: HttpTransport;
}

/** Redeems an authorization response: client secret, JWKS and library are its own business. */
export interface CodeExchange {
  /** Fetches what the exchange will need, while the person is at the sign-in page. */
  prepare(subject: LoginSubject): void;
  /** One request to the token endpoint. Throws WorkbenchError `grant/*`, `id-token/invalid`, `network/*`. */
  redeem(
    subject: LoginSubject,
    login: PendingLogin,
    callbackUrl: string,
    signal?: AbortSignal,
  ): Promise<TokenGrant>;
}

export interface LoginDependencies {
  readonly channels: readonly CallbackChannel[];
  readonly inbox: CallbackInbox;
  readonly pendingLogins: PendingLogins;
  readonly browser: ExternalBrowser;
  readonly exchange: CodeExchange;
  readonly clock: Clock;
  readonly windowId: string;
}

export interface LoginResult {
  readonly grant: TokenGrant;
  readonly requestedScope: string;
}

interface OpenRequest {
  readonly request: AuthorizationRequest;
  readonly callback: OpenCallback;
}

/** The authorization code flow with PKCE (RFC 6749 §4.1, RFC 7636, RFC 8252), from a click to a token grant. */
export class Login implements Disposable {
  readonly #dependencies: LoginDependencies;
  readonly #openCallbacks = new Set<OpenCallback>();

  constructor(dependencies: LoginDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Throws WorkbenchError `authorization/*`, `grant/*`, `id-token/invalid`, `network/*`, `tls/*`, `storage/*`.
   * Aborting the signal cancels the pending request for good.
   */
  async run(subject: LoginSubject, ui: LoginUi, signal: AbortSignal): Promise<LoginResult> {
    ui.report('preparing');
    const { pendingLogins } = this.#dependencies;
    const waiting = await pendingLogins.waitingFor(clientKeyOf(subject.connection, subject.clientId));
    if (waiting) {
      const login = await pendingLogins.peek(waiting.stateHash);
      const answer = await ui.askAboutPendingLogin();
      if (answer === 'cancel') throw new WorkbenchError('authorization/cancelled');
      if (answer === 'wait' && login) return this.#resume(subject, login, ui, signal);
      await pendingLogins.cancel(waiting.stateHash);
    }
    return this.#start(subject, ui, signal);
  }

  /** Redeems an answer whose own window is gone; there is nobody to show progress to. */
  async finish(subject: LoginSubject, login: PendingLogin, callbackUrl: string): Promise<LoginResult> {
    return this.#redeem(subject, login, callbackUrl);
  }

  async #start(subject: LoginSubject, ui: LoginUi, signal: AbortSignal): Promise<LoginResult> {
    const { request, callback } = await this.#openFirstUsableChannel(subject, ui, signal);
    this.#openCallbacks.add(callback);
    try {
      const login = pendingLoginOf(subject, request, callback, this.#dependencies);
      await this.#dependencies.pendingLogins.add(login);
      return await this.#waitAndRedeem(subject, login, { loginPage: request.url, callback }, ui, signal);
    } finally {
      this.#openCallbacks.delete(callback);
      callback.dispose();
    }
  }

  /** Frees the ports of logins that still wait; their requests stay redeemable, in this window's next life too. */
  dispose(): void {
    for (const callback of this.#openCallbacks) callback.dispose();
  }

  async #resume(
    subject: LoginSubject,
    login: PendingLogin,
    ui: LoginUi,
    signal: AbortSignal,
  ): Promise<LoginResult> {
    return this.#waitAndRedeem(subject, login, undefined, ui, signal);
  }

  /**
   * Tries the channels in order. The request is shown to the server before a browser sees it: OpenEMR refuses a
   * wrong redirect URI in the browser only, where nobody would tell us.
   */
  async #openFirstUsableChannel(
    subject: LoginSubject,
    ui: LoginUi,
    signal: AbortSignal,
  ): Promise<OpenRequest> {
    const { channels, inbox } = this.#dependencies;
    const candidates = channelsFor(subject.connection.callback, channels);
    const reasons: WorkbenchError[] = [];
    for (const channel of candidates) {
      let callback: OpenCallback | undefined;
      try {
        callback = await channel.open({ onCallback: (url) => void inbox.receive(url) });
        const request = requestFor(subject, callback.redirectUri);
        await checkAuthorizationRequest(subject.transport, request.url, signal);
        return { request, callback };
      } catch (error) {
        callback?.dispose();
        const reason = toWorkbenchError(error);
        if (!isWorkbenchError(reason, 'authorization/address-refused', 'authorization/no-channel'))
          throw reason;
        reasons.push(reason);
        if (candidates.length > reasons.length) ui.channelPassedOver(channel.kind, reason);
      }
    }
    const [onlyReason] = reasons;
    throw candidates.length === 1 && onlyReason ? onlyReason : noChannelError(reasons);
  }

  async #waitAndRedeem(
    subject: LoginSubject,
    login: PendingLogin,
    page: { loginPage: string; callback: OpenCallback } | undefined,
    ui: LoginUi,
    signal: AbortSignal,
  ): Promise<LoginResult> {
    const { inbox, exchange, browser } = this.#dependencies;
    const cleanUp: Disposable[] = [];
    try {
      const answer = new Promise<string>((resolve, reject) => {
        cleanUp.push(inbox.expect(login.state, resolve));
        cleanUp.push(inbox.onDidReceiveStatelessError((error) => ui.note(error)));
        cleanUp.push(this.#deadline(login, reject, signal));
        ui.offer({
          openLoginPage: async () => {
            if (page) await browser.open(await page.callback.addressFor(page.loginPage));
          },
          paste: (text) => resolve(pastedCallback(text, login)),
        });
      });
      // The wait may end while the browser is still being opened.
      answer.catch(() => undefined);
      exchange.prepare(subject);
      ui.report('waiting');
      if (page) await browser.open(await page.callback.addressFor(page.loginPage));
      const callbackUrl = await answer;
      ui.report('redeeming');
      return await this.#redeem(
        subject,
        await this.#dependencies.pendingLogins.take(login.state),
        callbackUrl,
        signal,
      );
    } finally {
      for (const disposable of cleanUp) disposable.dispose();
    }
  }

  /** Ends the wait by time (the answer stays redeemable) or by Cancel (it does not). */
  #deadline(login: PendingLogin, reject: (error: WorkbenchError) => void, signal: AbortSignal): Disposable {
    const { clock, pendingLogins } = this.#dependencies;
    const timer = clock.schedule(() => reject(new WorkbenchError('authorization/timed-out')), loginWaitMs);
    const onAbort = (): void => {
      void pendingLogins.cancel(hashOf(login.state)).catch(() => undefined);
      reject(new WorkbenchError('authorization/cancelled'));
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    return {
      dispose() {
        timer.dispose();
        signal.removeEventListener('abort', onAbort);
      },
    };
  }

  async #redeem(
    subject: LoginSubject,
    login: PendingLogin,
    callbackUrl: string,
    signal?: AbortSignal,
  ): Promise<LoginResult> {
    const response = parseAuthorizationResponse(callbackUrl);
    if (response.kind === 'error') throw errorFromResponse(response);
    if (login.boundTo !== bindingOf(subject.connection, subject.clientId)) {
      throw new WorkbenchError('token/other-server');
    }
    const grant = await this.#dependencies.exchange.redeem(subject, login, callbackUrl, signal);
    return { grant, requestedScope: login.scope };
  }
}

function requestFor(
  { connection, clientId, metadata }: LoginSubject,
  redirectUri: string,
): AuthorizationRequest {
  return createAuthorizationRequest({
    metadata,
    clientId,
    redirectUri,
    scopes: connection.scopes,
    fhirBaseUrl: siteEndpoints(connection).fhirBaseUrl,
  });
}

function pendingLoginOf(
  { connection, clientId }: LoginSubject,
  request: AuthorizationRequest,
  callback: OpenCallback,
  { clock, windowId }: LoginDependencies,
): PendingLogin {
  const { state, nonce, codeVerifier, redirectUri, scope } = request;
  return {
    ...{ state, nonce, codeVerifier, redirectUri, scope },
    connectionId: connection.id,
    clientKey: clientKeyOf(connection, clientId),
    boundTo: bindingOf(connection, clientId),
    window: windowId,
    createdAt: clock.now(),
    ...(callback.port ? { port: callback.port } : {}),
  };
}

/** Throws WorkbenchError `authorization/paste-invalid`. */
function pastedCallback(text: string, login: PendingLogin): string {
  try {
    const callbackUrl = text.trim();
    if (parseAuthorizationResponse(callbackUrl).state === login.state) return callbackUrl;
  } catch {
    // Whatever is wrong with the text, the remedy is the same.
  }
  throw new WorkbenchError('authorization/paste-invalid');
}
