import type { DoctorOptions, ExaminedTokens } from '../../src/core/doctor/doctorRun.ts';
import { runDoctor, type DoctorReport } from '../../src/core/doctor/doctor.ts';
import { systemClock } from '../../src/core/base/clock.ts';
import type { ClientType } from '../../src/core/connection/connection.ts';
import { createAuthorizationRequest } from '../../src/core/oauth/authorizationRequest.ts';
import {
  requestAuthorizationServerMetadata,
  type AuthorizationServerMetadata,
} from '../../src/core/oauth/authorizationServerMetadata.ts';
import { registerClient, type ClientRegistration } from '../../src/core/oauth/clientRegistration.ts';
import { exchangeAuthorizationCode, fetchJwks, refreshTokens } from '../../src/core/oauth/openIdClient.ts';
import { defaultScopesFor } from '../../src/core/oauth/scope.ts';
import type { TokenGrant } from '../../src/core/oauth/tokenSet.ts';
import { Transcript } from '../../src/core/transcript/transcript.ts';
import { createFlowScope } from '../../src/platform/flowScope.ts';
import { createFetchTransport } from '../../src/platform/fetchTransport.ts';
import { nodeNetworkProbe } from '../../src/platform/networkProbe.ts';
import type { FaultName } from '../../src/sandbox/faults.ts';
import { startSandbox, type RunningSandbox } from '../../src/sandbox/sandboxServer.ts';
import { signIn } from '../fakes/personAtBrowser.ts';

export type EraName = '7.0' | '8.2';

const connectionId = 'patient';
const site = 'default';
export const redirectUri = 'http://127.0.0.1/callback';
const schemeUri = 'vscode://emr-workbench.openemr-workbench/callback';

/** A connection to a sandbox that works until a fault is switched on: what the doctor examines. */
export class DoctorsPatient {
  readonly sandbox: RunningSandbox;
  readonly transcript = new Transcript(createFlowScope(), systemClock);
  readonly transport = this.transcript.wrap(createFetchTransport());
  readonly scopes: readonly string[];
  readonly #clientType: ClientType;
  #metadata!: AuthorizationServerMetadata;
  #client: ClientRegistration | undefined;
  #tokens: TokenGrant | undefined;

  private constructor(sandbox: RunningSandbox, clientType: ClientType) {
    this.sandbox = sandbox;
    this.#clientType = clientType;
    this.scopes = defaultScopesFor(clientType);
  }

  /** Registers and enables a client; nobody has logged in yet. */
  static async admit(era: EraName, clientType: ClientType = 'confidential'): Promise<DoctorsPatient> {
    const patient = new DoctorsPatient(await startSandbox({ era }), clientType);
    patient.#metadata = (
      await requestAuthorizationServerMetadata(patient.transport, patient.address)
    ).metadata;
    await patient.register();
    return patient;
  }

  get address(): { baseUrl: string; site: string } {
    return { baseUrl: this.sandbox.baseUrl, site };
  }

  async discharge(): Promise<void> {
    await this.sandbox.stop();
  }

  async fall(fault: FaultName): Promise<void> {
    await this.control(`faults/${fault}`, 'POST');
  }

  async recover(fault: FaultName): Promise<void> {
    await this.control(`faults/${fault}`, 'DELETE');
  }

  async control(path: string, method: 'POST' | 'DELETE' | 'PUT', body?: unknown): Promise<void> {
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(`${this.sandbox.baseUrl}/sandbox/${path}`, { method, ...init });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  }

  /** Keeps the former client where this one is refused, as a connection does. */
  async register(): Promise<void> {
    await this.transcript.record('registration', connectionId, async () => {
      this.#client = await registerClient(this.transport, this.#metadata, {
        clientName: 'Examined client',
        clientType: this.#clientType,
        redirectUris: [schemeUri, redirectUri],
        postLogoutRedirectUri: redirectUri,
        scopes: this.scopes,
      });
    });
    await this.control(`clients/${this.#client?.clientId ?? ''}/enable`, 'POST');
  }

  async logIn(): Promise<void> {
    await this.transcript.record('login', connectionId, async () => {
      const request = createAuthorizationRequest({
        metadata: this.#metadata,
        clientId: this.#client?.clientId ?? '',
        redirectUri,
        scopes: this.scopes,
        fhirBaseUrl: this.sandbox.fhirBaseUrl,
      });
      const { username, password } = this.sandbox;
      const callbackUrl = await signIn(request.url, { username, password });
      this.#tokens = await exchangeAuthorizationCode({
        transport: this.transport,
        metadata: this.#metadata,
        client: this.#credentials,
        callbackUrl,
        ...request,
        jwks: await fetchJwks(this.transport, this.#metadata),
        now: () => Date.now(),
      });
    });
  }

  async refresh(): Promise<void> {
    await this.transcript.record('refresh', connectionId, async () => {
      this.#tokens = await refreshTokens({
        transport: this.transport,
        metadata: this.#metadata,
        client: this.#credentials,
        refreshToken: this.#tokens?.refreshToken ?? '',
        scope: this.scopes.join(' '),
        now: () => Date.now(),
      });
    });
  }

  get #credentials(): { clientId: string; clientSecret?: string } {
    const { clientId = '', clientSecret } = this.#client ?? {};
    return { clientId, ...(clientSecret ? { clientSecret } : {}) };
  }

  get tokens(): ExaminedTokens | undefined {
    return this.#tokens;
  }

  /** What the doctor is told; `change` for what is particular about this one. */
  options(change: Partial<DoctorOptions> = {}): DoctorOptions {
    const { clientId = '', clientSecret, redirectUris = [], scopes = [] } = this.#client ?? {};
    return {
      connection: {
        ...this.address,
        clientType: this.#clientType,
        clientId,
        scopes: [...this.scopes],
        registeredRedirectUris: [...redirectUris],
        registeredScopes: [...scopes],
      },
      clientSecret,
      tokens: this.#tokens,
      redirectUri,
      lastFailure: this.transcript.lastFailure(connectionId),
      transport: createFetchTransport(),
      network: nodeNetworkProbe,
      now: () => Date.now(),
      ...change,
    };
  }

  examine(change: Partial<DoctorOptions> = {}): Promise<DoctorReport> {
    return runDoctor(this.options(change));
  }
}

/** The doctor at an address where nobody has registered anything yet. */
export function examineAddress(baseUrl: string, change: Partial<DoctorOptions> = {}): Promise<DoctorReport> {
  return runDoctor({
    connection: { baseUrl, site },
    redirectUri,
    transport: createFetchTransport(),
    network: nodeNetworkProbe,
    now: () => Date.now(),
    ...change,
  });
}
