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
import { errorFromResponse, parseAuthorizationResponse } from './authorizationResponse.ts';
import type { AuthorizationServerMetadata } from './authorizationServerMetadata.ts';
import { channelsFor, noChannelError, type CallbackChannel, type OpenCallback } from './callbackChannel.ts';
import type { CallbackInbox } from './callbackInbox.ts';
import { siteEndpoints } from './issuer.ts';
import type { LoginUi } from './loginUi.ts';
import { pastedCallback } from './pastedCallback.ts';
import {
  pendingLoginLifetimeMs,
  type PendingLogin,
  type PendingLogins,
  type WaitingLogin,
} from './pendingLogins.ts';
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

/** One person's wish to sign in. */
export interface LoginRun<T> {
  readonly subject: LoginSubject;
  readonly ui: LoginUi;
  /** Aborting it cancels the request that this run sent; a wait for another one's request just ends. */
  readonly signal: AbortSignal;
  /** Stores what the login brought; whoever waits for it is told after that. */
  readonly keep: (result: LoginResult) => Promise<T>;
}

/** What a run waits for: its own request, with its page, or one that was sent before, here or in another window. */
interface Wait {
  readonly waiting: WaitingLogin;
  /** Undefined where this window cannot read the request, so that another one has to redeem the answer. */
  readonly login: PendingLogin | undefined;
  readonly page?: { readonly loginPage: string; readonly callback: OpenCallback };
}

interface OpenRequest {
  readonly request: AuthorizationRequest;
  readonly callback: OpenCallback;
}

/** The authorization code flow with PKCE (RFC 6749 §4.1, RFC 7636, RFC 8252), from a click to a token grant. */
export class Login implements Disposable {
  readonly #dependencies: LoginDependencies;
  /** The waits of this window, by the hash of their state. */
  readonly #waits = new Map<string, { end: Promise<unknown>; abandon: () => void }>();
  readonly #openCallbacks = new Set<OpenCallback>();
  readonly #lateCallbackTimers = new DisposableStore();

  constructor(dependencies: LoginDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Answers with what was kept, or with nothing where another run or window signed the connection in meanwhile.
   *
   * Throws WorkbenchError `authorization/*`, `grant/*`, `id-token/invalid`, `network/*`, `tls/*`, `storage/*`, and
   * what `keep` throws.
   */
  async run<T>(run: LoginRun<T>): Promise<T | undefined> {
    const { subject, ui } = run;
    const { pendingLogins } = this.#dependencies;
    ui.report('preparing');
    const waiting = await pendingLogins.waitingFor(clientKeyOf(subject.connection, subject.clientId));
    if (!waiting) return this.#start(run);
    const { stateHash, entry } = waiting;
    const answer = await ui.askAboutPendingLogin();
    if (answer === 'cancel') throw new WorkbenchError('authorization/cancelled');
    if (answer === 'takeOver') {
      await pendingLogins.cancel(stateHash);
      this.#waits.get(stateHash)?.abandon();
      return this.#start(run);
    }
    if (entry.connectionId === subject.connection.id) return this.#join(waiting, run);
    // The other connection's tokens are not for this one: OpenEMR ends a pair when another one refreshes it.
    await this.#untilEnded(waiting, run);
    return this.run(run);
  }

  /** Redeems an answer whose own window is gone; there is nobody to show progress to. */
  async finish(subject: LoginSubject, login: PendingLogin, callbackUrl: string): Promise<LoginResult> {
    return this.#redeem(subject, login, callbackUrl);
  }

  async #start<T>(run: LoginRun<T>): Promise<T | undefined> {
    const { request, callback } = await this.#openFirstUsableChannel(run);
    this.#openCallbacks.add(callback);
    let isStillRedeemable = false;
    try {
      const login = pendingLoginOf(run.subject, request, callback, this.#dependencies);
      const waiting = await this.#dependencies.pendingLogins.add(login);
      if (waiting)
        return await this.#own({ waiting, login, page: { loginPage: request.url, callback } }, run);
    } catch (error) {
      isStillRedeemable = isWorkbenchError(error, 'authorization/timed-out');
      throw error;
    } finally {
      if (isStillRedeemable) this.#closeLater(callback);
      else this.#close(callback);
    }
    // Another one was faster; the person decides.
    return this.run(run);
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

  /** Waits for a login of the same connection that was started before, here or in another window. */
  async #join<T>(waiting: WaitingLogin, run: LoginRun<T>): Promise<T | undefined> {
    const here = this.#waits.get(waiting.stateHash);
    if (!here) {
      const login = await this.#dependencies.pendingLogins.peek(waiting.stateHash);
      return this.#wait({ waiting, login }, run);
    }
    run.ui.report('waiting');
    await Promise.race([here.end, whenCancelled(run.signal)]);
    return undefined;
  }

  /** Waits until a login of another connection has ended, however it did. */
  async #untilEnded<T>(waiting: WaitingLogin, { ui, signal }: LoginRun<T>): Promise<void> {
    const cleanUp = new DisposableStore();
    try {
      ui.report('waiting');
      await new Promise<boolean>((resolve, reject) => {
        cleanUp.add(this.#dependencies.pendingLogins.watch(waiting, resolve));
        cleanUp.add(this.#deadline(reject, signal));
      });
    } finally {
      cleanUp.dispose();
    }
  }

  /**
   * Tries the channels in order. The request is shown to the server before a browser sees it: OpenEMR refuses a
   * wrong redirect URI in the browser only, where nobody would tell us.
   */
  async #openFirstUsableChannel<T>({ subject, ui, signal }: LoginRun<T>): Promise<OpenRequest> {
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

  /** Waits for the answer to this run's own request, which goes with it. */
  async #own<T>(wait: Wait, run: LoginRun<T>): Promise<T | undefined> {
    try {
      return await this.#wait(wait, run);
    } catch (error) {
      // A late answer can still be redeemed; after anything else there is nothing left to wait for.
      if (!isWorkbenchError(error, 'authorization/timed-out')) {
        await this.#dependencies.pendingLogins.cancel(wait.waiting.stateHash).catch(() => undefined);
      }
      throw error;
    }
  }

  async #wait<T>(wait: Wait, run: LoginRun<T>): Promise<T | undefined> {
    const { stateHash } = wait.waiting;
    const abandonment = new AbortController();
    const signal = AbortSignal.any([run.signal, abandonment.signal]);
    const end = this.#waitAndRedeem(wait, { ...run, signal });
    this.#waits.set(stateHash, { end, abandon: () => abandonment.abort() });
    try {
      return await end;
    } finally {
      this.#waits.delete(stateHash);
    }
  }

  async #waitAndRedeem<T>(
    { waiting, login, page }: Wait,
    { subject, ui, signal, keep }: LoginRun<T>,
  ): Promise<T | undefined> {
    const { inbox, exchange, browser, pendingLogins } = this.#dependencies;
    const openLoginPage = async (): Promise<void> => {
      if (page) await browser.open(await page.callback.addressFor(page.loginPage));
    };
    const cleanUp = new DisposableStore();
    try {
      const answer = new Promise<string | undefined>((resolve, reject) => {
        const onEnd = (isSignedIn: boolean): void =>
          isSignedIn ? resolve(undefined) : reject(new WorkbenchError('authorization/cancelled'));
        cleanUp.add(pendingLogins.watch(waiting, onEnd));
        cleanUp.add(inbox.onDidReceiveStatelessError((error) => ui.note(error)));
        cleanUp.add(this.#deadline(reject, signal));
        if (!login) return;
        cleanUp.add(inbox.expect(login.state, resolve));
        ui.offer({ openLoginPage, paste: (text) => resolve(pastedCallback(text, login)) });
      });
      exchange.prepare(subject);
      ui.report('waiting');
      // Opening may hang at a question of the editor: neither the answer nor Cancel waits for it.
      await Promise.race([openLoginPage(), answer]);
      const callbackUrl = await answer;
      if (callbackUrl === undefined || !login) return undefined;
      ui.report('redeeming');
      return await pendingLogins.takeAwaited(login, async (taken) =>
        keep(await this.#redeem(subject, taken, callbackUrl, signal)),
      );
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

function whenCancelled(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const onAbort = (): void => reject(new WorkbenchError('authorization/cancelled'));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
