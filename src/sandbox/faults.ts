import type { SandboxRequest } from './http/request.ts';

/** How a switched fault is narrowed down; everything has a default. */
export interface FaultOptions {
  /** Only requests whose path holds this text. */
  readonly path: string;
  /** How often it strikes before it switches itself off; Infinity for always. */
  readonly times: number;
  /** Of `slow`. */
  readonly milliseconds: number;
  /** Of `huge-answer`. */
  readonly bytes: number;
}

export const faultDescriptions = {
  slow: 'Answers late.',
  unavailable: 'Answers 503 with a page of the web server.',
  'server-error': 'Answers 500 with an empty body.',
  'html-instead-of-json': 'Answers 200 with a web page, as a proxy or captive portal does.',
  'wrong-type-answer': 'Answers 200 with JSON of another shape: a list of numbers.',
  'huge-answer': 'Answers with far more bytes than anybody expects.',
  'truncated-answer': 'Announces the whole answer, sends half and closes the connection.',
  'connection-reset': 'Closes the connection without a byte; the request has no effect.',
  'lost-token-answer':
    'Does what the token endpoint does, tokens rotated and all, then closes without an answer.',
  // What goes wrong with OpenEMR and its settings in reality.
  'clock-ahead': 'The clock of the server is ten minutes ahead, as its Date header tells.',
  'php-notices': 'PHP prints a warning before each JSON answer.',
  'rewrite-missing': 'The web server does not pass /oauth2 and /apis on.',
  'site-unknown': 'Says that the site does not exist.',
  'apis-off': 'All API switches are off.',
  'fhir-api-off': 'Only the switch of the FHIR API is off (without effect on 8.2).',
  'keypair-missing': 'The keys for signing tokens are missing.',
  'site-address-other-host': 'The Site Address names the same server by another name.',
  'site-address-internal-name': "The Site Address is a container's own name.",
  'site-address-other-port': 'The Site Address names another port.',
  'site-address-other-scheme': 'The Site Address mixes http and https up.',
  'site-address-slash': 'The Site Address ends with a slash.',
  'smart-contradicts': 'The SMART configuration names other endpoints than the OpenID configuration.',
  'query-lost': 'The authorization endpoint gets no parameters.',
  'audience-refused': 'The authorization endpoint does not accept its own FHIR address as aud.',
  'client-unknown': 'No client is known.',
  'client-disabled': 'No client is enabled.',
  'redirect-uri-refused': 'Clients were registered with another redirect URI.',
  'redirect-uris-joined': 'Several redirect URIs are compared as one text, as before 7.0.2.',
  'scope-withdrawn': 'The scopes for Encounter are no longer offered.',
  'registered-as-public': 'Every registration counts as that of a public client.',
  'auth-method-refused': 'Registration refuses the authentication method.',
  'keys-demanded': 'Registration wants a jwks.',
  'state-forgotten': 'The state of a login is not kept.',
  'codes-expire-at-once': 'Authorization codes are too old when they arrive.',
  'no-refresh-token': 'Logins bring no refresh token.',
  'refresh-tokens-spent': 'Every refresh token was used before.',
  'signed-out': 'The sessions of all users were ended.',
  'tokens-revoked': 'Every access token was revoked.',
  'scope-not-granted': 'Logins bring no scopes for records.',
  'acl-refused': 'The user has no right to any record.',
  'launch-patient-dropped': 'Nobody is asked for a patient.',
  'patient-context-lost': 'The chosen patient does not reach the token.',
  'login-page-loops': 'The login page comes back, as over http without the cookie.',
  'password-grant-off': 'The password grant is off.',
  'assertion-type-refused': 'client_credentials with a secret.',
  'assertion-refused': 'client_credentials with a wrong JWT.',
  'introspection-refuses': 'Introspection does not accept the client secret.',
  'user-without-npi':
    'The user who signs in has no NPI and so is no practitioner, as the staff of the sandbox in any case.',
} as const;

export type FaultName = keyof typeof faultDescriptions;

export interface ActiveFault extends FaultOptions {
  readonly name: FaultName;
}

const defaults: FaultOptions = { path: '', times: Infinity, milliseconds: 5000, bytes: 300 * 1024 * 1024 };
const defaultPaths: Partial<Record<FaultName, string>> = { 'lost-token-answer': '/token' };

export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(faultDescriptions, name);
}

/** The faults that are on. Control pages never suffer from them. */
export class FaultRegistry {
  readonly #active = new Map<FaultName, { fault: ActiveFault; left: number }>();

  switchOn(name: FaultName, options: Partial<FaultOptions> = {}): ActiveFault {
    const fault: ActiveFault = { ...defaults, path: defaultPaths[name] ?? '', ...options, name };
    this.#active.set(name, { fault, left: fault.times });
    return fault;
  }

  switchOff(name: FaultName): boolean {
    return this.#active.delete(name);
  }

  active(): readonly ActiveFault[] {
    return [...this.#active.values()].map(({ fault }) => fault);
  }

  /** Whether a fault of OpenEMR's own is on; unlike {@link striking} it counts nothing down. */
  isOn(name: FaultName): boolean {
    return this.#active.has(name);
  }

  /** The faults that strike this request; counts them down. */
  striking(request: SandboxRequest): ReadonlyMap<FaultName, ActiveFault> {
    const struck = new Map<FaultName, ActiveFault>();
    for (const [name, entry] of this.#active) {
      if (!request.path.includes(entry.fault.path)) continue;
      struck.set(name, entry.fault);
      entry.left -= 1;
      if (entry.left <= 0) this.#active.delete(name);
    }
    return struck;
  }
}
