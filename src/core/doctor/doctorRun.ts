import { toWorkbenchError, type WorkbenchError } from '../base/errors.ts';
import { redact, redactUrl } from '../base/redact.ts';
import type { Connection } from '../connection/connection.ts';
import {
  oauthMaxBytes,
  type HttpRequest,
  type HttpResponse,
  type HttpTransport,
} from '../http/httpTransport.ts';
import type { TokenSet } from '../oauth/tokenSet.ts';
import { siteEndpoints, type SiteEndpoints } from '../oauth/issuer.ts';
import type { OpenEmrEra } from '../oauth/serverDiscovery.ts';
import {
  bodyOf,
  evidenceOfAnswer,
  evidenceOfError,
  type Evidence,
  type ParsedBody,
  type Step,
} from './evidence.ts';
import type { NetworkProbe } from './networkProbe.ts';

/** What of a connection the doctor looks at; an address that was never saved has no more than base URL and site. */
export type ExaminedConnection = Pick<Connection, 'baseUrl' | 'site'> &
  Partial<
    Pick<
      Connection,
      | 'clientType'
      | 'clientId'
      | 'scopes'
      | 'registeredRedirectUris'
      | 'registeredScopes'
      | 'pinnedCertificate'
      | 'caFile'
    >
  >;

export type ExaminedTokens = Pick<
  TokenSet,
  'accessToken' | 'refreshToken' | 'expiresAt' | 'grantedScopes' | 'patient' | 'fhirUser'
>;

/** The last login, registration or refresh, where it failed and nothing of its kind succeeded since. */
export interface LastFailure {
  readonly flow: string;
  readonly evidence: Evidence;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface DoctorOptions {
  readonly connection: ExaminedConnection;
  readonly clientSecret?: string | undefined;
  readonly tokens?: ExaminedTokens | undefined;
  /** The return address that the next login would use. */
  readonly redirectUri: string;
  readonly lastFailure?: LastFailure | undefined;
  readonly transport: HttpTransport;
  readonly network: NetworkProbe;
  readonly proxyFor?: ((url: string) => string | undefined) | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for each check; 10,000 where absent. */
  readonly timeoutMs?: number;
}

/** An exchange's end: an answer, or why there is none. */
export type Exchange =
  | { readonly kind: 'answer'; readonly request: HttpRequest; readonly answer: HttpResponse }
  | { readonly kind: 'failure'; readonly request: HttpRequest; readonly error: WorkbenchError };

export const defaultCheckTimeoutMs = 10_000;

/** One run of the doctor: its subject, and every request at most once, shared by the checks. */
export class DoctorRun {
  readonly options: DoctorOptions;
  readonly endpoints: SiteEndpoints;
  readonly signal: AbortSignal;
  era: OpenEmrEra = 'unknown';
  /** Whether this version may have the bug of comparing several return addresses as one text. */
  comparesJoined = false;
  /** Reading a document takes longer than most checks, and several look at the same one. */
  readonly #evidence = new WeakMap<Exchange, Map<string, Evidence>>();
  readonly #shared = new Map<string, Promise<unknown>>();
  readonly #exchanges = new Map<string, Promise<Exchange>>();

  constructor(options: DoctorOptions, signal: AbortSignal) {
    this.options = options;
    this.endpoints = siteEndpoints(options.connection);
    this.signal = signal;
  }

  /** What several checks need and one works out. */
  once<T>(name: string, work: () => Promise<T>): Promise<T> {
    const known = this.#shared.get(name) as Promise<T> | undefined;
    if (known) return known;
    const result = work();
    this.#shared.set(name, result);
    return result;
  }

  get timeoutMs(): number {
    return this.options.timeoutMs ?? defaultCheckTimeoutMs;
  }

  /** Sends a request, or waits for the one of the same name that another check sent. Never throws. */
  exchange(name: string, request: () => Omit<HttpRequest, 'signal' | 'timeoutMs'>): Promise<Exchange> {
    const known = this.#exchanges.get(name);
    if (known) return known;
    const sent = this.#send({
      maxBytes: oauthMaxBytes,
      ...request(),
      signal: this.signal,
      timeoutMs: this.timeoutMs,
    });
    this.#exchanges.set(name, sent);
    return sent;
  }

  async #send(request: HttpRequest): Promise<Exchange> {
    try {
      return { kind: 'answer', request, answer: await this.options.transport.send(request) };
    } catch (error) {
      return { kind: 'failure', request, error: toWorkbenchError(error) };
    }
  }

  document(name: 'openid' | 'smart' | 'capability' | 'version'): Promise<Exchange> {
    const urls = {
      openid: this.endpoints.openIdConfiguration,
      smart: this.endpoints.smartConfiguration,
      capability: this.endpoints.capabilityStatement,
      version: this.endpoints.version,
    };
    const accept = name === 'capability' ? 'application/fhir+json' : 'application/json';
    return this.exchange(name, () => ({ method: 'GET', url: urls[name], headers: { accept } }));
  }

  /** What an exchange tells, with the server's name and site for the sentences. */
  evidenceOf(exchange: Exchange, step?: Step): Evidence {
    const key = `${this.era} ${step ?? ''}`;
    const read = this.#evidence.get(exchange) ?? new Map<string, Evidence>();
    this.#evidence.set(exchange, read);
    const known = read.get(key) ?? this.#readEvidence(exchange, step);
    read.set(key, known);
    return known;
  }

  #readEvidence(exchange: Exchange, step?: Step): Evidence {
    const evidence =
      exchange.kind === 'answer'
        ? evidenceOfAnswer(
            {
              method: exchange.request.method,
              url: exchange.request.url,
              requestBody: exchange.request.body,
              status: exchange.answer.status,
              headers: exchange.answer.headers,
              text: exchange.answer.text,
            },
            this.era,
            parsedBody(exchange.answer),
          )
        : evidenceOfError(exchange.error, step);
    const facts = { ...this.subjectFacts, ...locationFact(exchange), ...evidence.facts };
    return { ...evidence, ...(step ? { step } : {}), facts };
  }

  get subjectFacts(): Readonly<Record<string, string>> {
    const { baseUrl, site } = this.options.connection;
    return { host: URL.parse(baseUrl)?.host ?? baseUrl, site };
  }
}

const parsedBodies = new WeakMap<HttpResponse, ParsedBody>();

/** An answer's body, parsed once. */
export function parsedBody(answer: HttpResponse): ParsedBody {
  const known = parsedBodies.get(answer) ?? bodyOf(answer.text);
  parsedBodies.set(answer, known);
  return known;
}

function locationFact(exchange: Exchange): Record<string, string> {
  if (exchange.kind === 'failure') return {};
  const location = exchange.answer.headers.get('location');
  return location ? { location: redactUrl(URL.parse(location, exchange.request.url)?.href ?? location) } : {};
}

export function askedLine({ request }: Exchange): string {
  return `${request.method} ${redactUrl(request.url)}`;
}

const maxShown = 300;

/** What came back, in a line or two, without secrets; of a body only what OpenEMR says about an error. */
export function cameLines(exchange: Exchange): string[] {
  if (exchange.kind === 'failure') {
    const { code, details } = exchange.error;
    const systemCode = details['systemCode'];
    return [typeof systemCode === 'string' ? `${code} (${systemCode})` : code];
  }
  const { answer } = exchange;
  const type = answer.headers.get('content-type') ?? 'no content type';
  const line = `${answer.status}, ${type}, ${answer.text.length} characters, ${Math.round(answer.durationMs)} ms`;
  if (answer.status < 400) return [line];
  const beginning = redact(answer.text.slice(0, 20 * maxShown).trim())
    .replace(/\s+/g, ' ')
    .slice(0, maxShown);
  return beginning ? [line, beginning] : [line];
}
