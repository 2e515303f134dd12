import type { Clock } from '../base/clock.ts';
import { DisposableStore, toDisposable, type Disposable } from '../base/disposable.ts';
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
import {
  errorFromResponse,
  parseAuthorizationResponse,
  type AuthorizationResponse,
} from './authorizationResponse.ts';
import type { AuthorizationServerMetadata } from './authorizationServerMetadata.ts';
import { channelsFor, noChannelError, type CallbackChannel, type OpenCallback } from './callbackChannel.ts';
import type { CallbackInbox } from './callbackInbox.ts';
import { siteEndpoints } from './issuer.ts';
import type { LoginUi } from './loginUi.ts';
import { hashOf, pendingLoginLifetimeMs, type PendingLogin, type PendingLogins } from './pendingLogins.ts';
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
  /** The waits of this window, by the hash of their state. */
  readonly #waits = new Map<string, { result: Promise<LoginResult>; abandon: () => void }>();
  readonly #openCallbacks = new Set<OpenCallback>();
  readonly #lateCallbackTimers = new DisposableStore();

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
      const { stateHash } = waiting;
      const answer = await ui.askAboutPendingLogin();
      if (answer === 'cancel') throw new WorkbenchError('authorization/cancelled');
      if (answer === 'wait') return this.#join(subject, stateHash, ui, signal);
      await pendingLogins.cancel(stateHash);
      this.#waits.get(stateHash)?.abandon();
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
    let isStillRedeemable = false;
    try {
      const login = pendingLoginOf(subject, request, callback, this.#dependencies);
      await this.#dependencies.pendingLogins.add(login);
      return await this.#wait(subject, login, { loginPage: request.url, callback }, ui, signal);
    } catch (error) {
      isStillRedeemable = isWorkbenchError(error, 'authorization/timed-out');
      throw error;
    } finally {
      if (isStillRedeemable) this.#closeLater(callback);
      else this.#close(callback);
    }
  }

  /** Frees the ports of logins that still wait; their requests stay redeemable, in this window's next life too. */
  dispose(): void {
    this.#lateCallbackTimers.dispose();
    for (const callback of [...this.#openCallbacks]) this.#close(callback);
  }

  #close(callback: OpenCallback): void {
    this.#openCallbacks.delete(callback);
    callback.dispose();
  }

  /** The browser can come back until the request itself is over. */
  #closeLater(callback: OpenCallback): void {
    const restMs = pendingLoginLifetimeMs - loginWaitMs;
    this.#lateCallbackTimers.add(this.#dependencies.clock.schedule(() => this.#close(callback), restMs));
  }

  /**
   * Waits for a login that was started before, here or in another window. Throws WorkbenchError
   * `authorization/already-pending` where this window could not redeem its answer.
   */
  async #join(
    subject: LoginSubject,
    stateHash: string,
    ui: LoginUi,
    signal: AbortSignal,
  ): Promise<LoginResult> {
    const own = this.#waits.get(stateHash);
    if (own) {
      ui.report('waiting');
      return Promise.race([own.result, whenCancelled(signal)]);
    }
    const { pendingLogins } = this.#dependencies;
    const login = await pendingLogins.peek(stateHash);
    if (login) return this.#wait(subject, login, undefined, ui, signal);
    const isOver = !(await pendingLogins.waitingFor(clientKeyOf(subject.connection, subject.clientId)));
    if (isOver) return this.#start(subject, ui, signal);
    throw new WorkbenchError('authorization/already-pending');
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
        const reason = withRedirectUris(toWorkbenchError(error), subject, callback);
        if (!isWorkbenchError(reason, 'authorization/address-refused', 'authorization/no-channel'))
          throw reason;
        reasons.push(reason);
        if (candidates.length > reasons.length) ui.channelPassedOver(channel.kind, reason);
      }
    }
    const [onlyReason] = reasons;
    throw candidates.length === 1 && onlyReason ? onlyReason : noChannelError(reasons);
  }

  async #wait(
    subject: LoginSubject,
    login: PendingLogin,
    page: { loginPage: string; callback: OpenCallback } | undefined,
    ui: LoginUi,
    signal: AbortSignal,
  ): Promise<LoginResult> {
    const stateHash = hashOf(login.state);
    const abandonment = new AbortController();
    const eitherSignal = AbortSignal.any([signal, abandonment.signal]);
    const result = this.#waitAndRedeem(subject, login, page, ui, eitherSignal);
    this.#waits.set(stateHash, { result, abandon: () => abandonment.abort() });
    try {
      return await result;
    } catch (error) {
      // A late answer can still be redeemed; after anything else there is nothing left to wait for.
      if (!isWorkbenchError(error, 'authorization/timed-out')) {
        await this.#dependencies.pendingLogins.cancel(stateHash).catch(() => undefined);
      }
      throw error;
    } finally {
      this.#waits.delete(stateHash);
    }
  }

  async #waitAndRedeem(
    subject: LoginSubject,
    login: PendingLogin,
    page: { loginPage: string; callback: OpenCallback } | undefined,
    ui: LoginUi,
    signal: AbortSignal,
  ): Promise<LoginResult> {
    const { inbox, exchange, browser, pendingLogins } = this.#dependencies;
    const openLoginPage = async (): Promise<void> => {
      if (page) await browser.open(await page.callback.addressFor(page.loginPage));
    };
    const cleanUp = new DisposableStore();
    try {
      const answer = new Promise<string>((resolve, reject) => {
        cleanUp.add(inbox.expect(login.state, resolve));
        cleanUp.add(inbox.onDidReceiveStatelessError((error) => ui.note(error)));
        cleanUp.add(this.#deadline(reject, signal));
        ui.offer({ openLoginPage, paste: (text) => resolve(pastedCallback(text, login)) });
      });
      exchange.prepare(subject);
      ui.report('waiting');
      // Opening may hang at a question of the editor: neither the answer nor Cancel waits for it.
      await Promise.race([openLoginPage(), answer]);
      const callbackUrl = await answer;
      ui.report('redeeming');
      return await this.#redeem(subject, await pendingLogins.takeAwaited(login), callbackUrl, signal);
    } finally {
      cleanUp.dispose();
    }
  }

  /** Ends the wait by time or by Cancel. */
  #deadline(reject: (error: WorkbenchError) => void, signal: AbortSignal): Disposable {
    const timer = this.#dependencies.clock.schedule(
      () => reject(new WorkbenchError('authorization/timed-out')),
      loginWaitMs,
    );
    const onAbort = (): void => reject(new WorkbenchError('authorization/cancelled'));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    return toDisposable(() => {
      timer.dispose();
      signal.removeEventListener('abort', onAbort);
    });
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

/** Adds to a refusal which addresses the client was registered with and which one was asked for. */
function withRedirectUris(
  error: WorkbenchError,
  { connection }: LoginSubject,
  callback: OpenCallback | undefined,
): WorkbenchError {
  if (!isWorkbenchError(error, 'authorization/address-refused') || !callback) return error;
  const expected = connection.registeredRedirectUris ?? [];
  const details = { ...error.details, expected, actual: callback.redirectUri };
  return new WorkbenchError(error.code, { details, cause: error.cause });
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

/** Throws WorkbenchError `authorization/paste-invalid`; an error without state is told for what it is. */
function pastedCallback(text: string, login: PendingLogin): string {
  const callbackUrl = text.trim();
  const response = responseIn(callbackUrl);
  if (response?.state === login.state) return callbackUrl;
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

function whenCancelled(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const onAbort = (): void => reject(new WorkbenchError('authorization/cancelled'));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
