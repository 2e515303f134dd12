import * as z from 'zod/mini';
import { WorkbenchError } from '../base/errors.ts';

/** A directory under OpenEMR's `sites/`; dots alone would lead out of it. */
export const siteSchema = z.string().check(z.regex(/^(?!\.+$)[A-Za-z0-9.-]{1,64}$/));

export interface OpenEmrAddress {
  /** Scheme, host, port and web root, without trailing slash. */
  readonly baseUrl: string;
  /** Present where the pasted address names a site. */
  readonly site?: string;
}

/** RFC 1035 §2.3.4 in its textual form. */
const maxHostLength = 253;
const maxWebRootLength = 500;
const loopbackHosts = /^(localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;
const siteInPath = /\/(?:oauth2|apis)\/([A-Za-z0-9.-]+)(?=\/|$)/;
const knownPaths = /\/(?:oauth2|apis|interface|portal|swagger|sites)(?:\/.*)?$|\/(?:index|login)\.php$/;

/** Whether plain http is tolerable: the name can only mean this machine. */
export function isLoopbackHost(hostname: string): boolean {
  return loopbackHosts.test(hostname);
}

/** Whether two addresses lead to the same host and port. */
export function isSameHost(address: string, other: string): boolean {
  return hostOf(address) === hostOf(other);
}

/** Host and port of an address in its plain form. */
export function hostOf(baseUrl: string): string {
  return new URL(baseUrl).host;
}

/**
 * Understands whatever people paste as "the address of OpenEMR": with or without scheme, with a page's path, a
 * site, a query. The web root is what stands before OpenEMR's own folders.
 *
 * Throws WorkbenchError `address/invalid`, `address/insecure-http`, `address/has-credentials`.
 */
export function parseBaseUrl(text: string): OpenEmrAddress {
  const url = parseWithScheme(text.trim());
  if (url.username || url.password) throw new WorkbenchError('address/has-credentials');
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    throw new WorkbenchError('address/insecure-http', { details: { host: url.host } });
  }
  const site = siteFrom(url);
  const webRoot = url.pathname
    .replace(/\/{2,}/g, '/')
    .replace(/\/$/, '')
    .replace(knownPaths, '');
  if (webRoot.length > maxWebRootLength) throw new WorkbenchError('address/invalid');
  return { baseUrl: `${url.origin}${webRoot}`, ...(site ? { site } : {}) };
}

function parseWithScheme(text: string): URL {
  if (!text || /[\s\p{Cc}\p{Cf}]/u.test(text)) throw new WorkbenchError('address/invalid');
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  const isHostWithPort = /^[^/?#@:]+:\d+(?:[/?#]|$)/.test(text);
  // "javascript:…" and the like have a scheme but no authority; "host:443" looks alike and is not.
  if (!hasScheme && !isHostWithPort && /^[a-z][a-z0-9+.-]*:/i.test(text) && !text.includes('@')) {
    throw new WorkbenchError('address/invalid');
  }
  const url = URL.parse(hasScheme ? text : `${defaultScheme(text)}://${text}`);
  if (!url || !/^https?:$/.test(url.protocol) || !url.hostname || url.hostname.length > maxHostLength) {
    throw new WorkbenchError('address/invalid');
  }
  return url;
}

function defaultScheme(text: string): 'http' | 'https' {
  const host = /^(\[[^\]]*\]|[^/?#:]*)/.exec(text)?.[0] ?? '';
  return isLoopbackHost(host.toLowerCase()) ? 'http' : 'https';
}

function siteFrom(url: URL): string | undefined {
  const named = siteInPath.exec(url.pathname)?.[1] ?? url.searchParams.get('site') ?? undefined;
  return named && siteSchema.safeParse(named).success ? named : undefined;
}
