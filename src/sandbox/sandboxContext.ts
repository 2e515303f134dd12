import type { Era } from './era.ts';
import type { FaultRegistry } from './faults.ts';
import type { Dataset } from './fhir/dataset.ts';
import type { SandboxRequest } from './http/request.ts';
import type { SigningKey } from './oauth/signingKey.ts';
import type { ClientStore } from './state/clients.ts';
import type { SandboxClock } from './state/clock.ts';
import type { ServerLog } from './state/serverLog.ts';
import type { SessionStore } from './state/sessions.ts';
import type { Settings } from './state/settings.ts';
import type { TokenStore } from './state/tokens.ts';
import type { TrustedUserStore } from './state/trustedUsers.ts';
import type { UserStore } from './state/users.ts';

export type RedirectMatching = 'exact' | 'ignore-query';

/** Everything a handler may read or change. */
export interface SandboxContext {
  readonly era: Era;
  readonly redirectMatching: RedirectMatching;
  readonly accessTokenLifetimeSeconds: number;
  readonly codeLifetimeSeconds: number;
  readonly clock: SandboxClock;
  readonly settings: Settings;
  readonly clients: ClientStore;
  readonly sessions: SessionStore;
  readonly trustedUsers: TrustedUserStore;
  readonly tokens: TokenStore;
  readonly users: UserStore;
  readonly signingKey: SigningKey;
  readonly data: Dataset;
  readonly faults: FaultRegistry;
  readonly log: ServerLog;
  /** A secret of who started the sandbox; never sent, only proved. */
  readonly startNonce: string | undefined;
}

/** The addresses of one request: those of the Site Address, or of the request where it is empty. */
export interface Addresses {
  readonly base: string;
  readonly oauth: string;
  readonly fhir: string;
  readonly apis: string;
}

export function addressesFor(context: SandboxContext, request: SandboxRequest): Addresses {
  const configured =
    context.settings.site_addr_oath === '' ? request.origin : context.settings.site_addr_oath;
  const base = siteAddress(context.faults, configured);
  return {
    base,
    oauth: `${base}/oauth2/default`,
    fhir: `${base}/apis/default/fhir`,
    apis: `${base}/apis/default`,
  };
}

/** The Site Address as an administrator got it wrong. */
function siteAddress(faults: FaultRegistry, configured: string): string {
  if (faults.isOn('site-address-slash')) return `${configured}/`;
  const url = URL.parse(configured);
  if (!url || !faults.active().some(({ name }) => name.startsWith('site-address-'))) return configured;
  if (faults.isOn('site-address-other-host')) url.hostname = otherLoopbackName(url.hostname);
  if (faults.isOn('site-address-internal-name')) url.hostname = 'openemr';
  if (faults.isOn('site-address-other-port')) url.port = String((Number(url.port || 443) % 60_000) + 1);
  const address = url.href.replace(/\/$/, '');
  if (!faults.isOn('site-address-other-scheme')) return address;
  return address.replace(/^https?/, url.protocol === 'http:' ? 'https' : 'http');
}

function otherLoopbackName(hostname: string): string {
  return hostname === 'localhost' ? '127.0.0.1' : 'localhost';
}
