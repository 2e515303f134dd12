import { workspace } from 'vscode';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for an address as VS Code's own requests would choose it: `http.proxy`, else the environment, minus
 * `http.noProxy` and `NO_PROXY`. `undefined` means none. Loopback addresses never go through a proxy.
 */
export function proxyFor(url: string, environment: Environment = process.env): string | undefined {
  const target = URL.parse(url);
  if (!target || isLoopback(target.hostname)) return undefined;
  const settings = workspace.getConfiguration('http');
  if (settings.get<string>('proxySupport') === 'off') return undefined;
  const exceptions = [...(settings.get<string[]>('noProxy') ?? []), ...listOf(environment, 'no_proxy')];
  if (exceptions.some((exception) => matches(exception.trim().toLowerCase(), target))) return undefined;
  return settings.get<string>('proxy')?.trim() || proxyOfEnvironment(target.protocol, environment);
}

function proxyOfEnvironment(protocol: string, environment: Environment): string | undefined {
  const names = protocol === 'https:' ? ['https_proxy', 'http_proxy'] : ['http_proxy'];
  const found = [...names, 'all_proxy'].map((name) => variable(environment, name)).find(Boolean);
  if (!found) return undefined;
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(found) ? found : `http://${found}`;
}

function variable(environment: Environment, name: string): string | undefined {
  return environment[name] ?? environment[name.toUpperCase()];
}

function listOf(environment: Environment, name: string): string[] {
  return (variable(environment, name) ?? '').split(/[\s,]+/).filter(Boolean);
}

function isLoopback(hostname: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

/** `*`, a host, `.domain` or `*.domain`, each with an optional port. A host stands for its subdomains too. */
function matches(exception: string, target: URL): boolean {
  if (exception === '*') return true;
  const [, name = '', port] = /^(?:\*?\.)?(\[[^\]]*\]|[^:]+)(?::(\d+))?$/.exec(exception) ?? [];
  if (!name || (port && port !== portOf(target))) return false;
  return target.hostname === name || target.hostname.endsWith(`.${name}`);
}

function portOf({ port, protocol }: URL): string {
  return port || (protocol === 'https:' ? '443' : '80');
}
