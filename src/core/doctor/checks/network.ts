import { isWorkbenchError, toWorkbenchError, WorkbenchError, type ErrorCode } from '../../base/errors.ts';
import { parseBaseUrl } from '../../connection/address.ts';
import { fail, notUsed, pass, type Check, type Finding } from '../check.ts';
import type { DoctorRun } from '../doctorRun.ts';
import { evidenceOfError, type Step } from '../evidence.ts';

/** From the address to a protected connection. */
export const networkChecks: readonly Check[] = [
  { id: 'address', needs: [], run: checkAddress },
  { id: 'proxy', needs: ['address'], run: checkProxy },
  { id: 'dns', needs: ['address'], after: ['proxy'], run: checkDns },
  { id: 'tcp', needs: ['dns'], run: checkTcp },
  { id: 'tls', needs: ['tcp'], run: checkTls },
];

function checkAddress({ options }: DoctorRun): Finding {
  const { baseUrl } = options.connection;
  try {
    const parsed = parseBaseUrl(baseUrl);
    return pass([], [parsed.baseUrl], { baseUrl: parsed.baseUrl });
  } catch (error) {
    return fail([], [], evidenceOfError(toWorkbenchError(error), 'address'));
  }
}

function hostAndPort({ options }: DoctorRun): { host: string; port: number; isEncrypted: boolean } {
  const url = new URL(options.connection.baseUrl);
  const isEncrypted = url.protocol === 'https:';
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || (isEncrypted ? 443 : 80)),
    isEncrypted,
  };
}

function proxyOf({ options }: DoctorRun): URL | undefined {
  const proxy = options.proxyFor?.(options.connection.baseUrl);
  return proxy === undefined ? undefined : (URL.parse(proxy) ?? undefined);
}

async function checkProxy(run: DoctorRun): Promise<Finding> {
  const proxy = proxyOf(run);
  if (!proxy) return notUsed('no proxy');
  const asked = [`TCP ${proxy.host}`];
  try {
    const port = Number(proxy.port || (proxy.protocol === 'https:' ? 443 : 80));
    await run.options.network.connect(proxy.hostname, port, run.signal);
    return pass(asked, ['connected'], { proxyHost: proxy.host });
  } catch (error) {
    const details = { proxyHost: proxy.host };
    return failure(run, asked, new WorkbenchError('network/proxy', { details, cause: error }), 'proxy');
  }
}

async function checkDns(run: DoctorRun): Promise<Finding> {
  const { host } = hostAndPort(run);
  if (proxyOf(run)) return notUsed('the proxy looks the name up');
  const asked = [`DNS ${host}`];
  try {
    const addresses = await run.options.network.resolve(host, run.signal);
    return pass(asked, [addresses.join(', ')], { addresses: addresses.join(', ') });
  } catch (error) {
    return failure(run, asked, error, 'dns');
  }
}

async function checkTcp(run: DoctorRun): Promise<Finding> {
  const { host, port } = hostAndPort(run);
  if (proxyOf(run)) return notUsed('the proxy connects');
  const asked = [`TCP ${host}:${port}`];
  try {
    await run.options.network.connect(host, port, run.signal);
    return pass(asked, ['connected'], { port });
  } catch (error) {
    return failure(run, asked, error, 'tcp');
  }
}

async function checkTls(run: DoctorRun): Promise<Finding> {
  const { connection, network } = run.options;
  if (!hostAndPort(run).isEncrypted) return notUsed('http on this computer');
  if (proxyOf(run)) return notUsed('checked with the first request through the proxy');
  const asked = [`TLS handshake with ${new URL(connection.baseUrl).host}`];
  try {
    const trust = { pinnedSha256: connection.pinnedCertificate?.sha256, caFile: connection.caFile };
    const seen = await network.inspectTls(connection.baseUrl, trust, run.signal);
    const { problem, names, ...rest } = seen;
    const came = Object.entries({ ...rest, names: names.join(', ') }).map(
      ([name, value]) => `${name}: ${value}`,
    );
    if (!problem) return pass(asked, came, { protocol: seen.protocol, validTo: seen.validTo.slice(0, 10) });
    const facts = {
      ...run.subjectFacts,
      problem,
      names: names.join(', '),
      validFrom: seen.validFrom.slice(0, 10),
      validTo: seen.validTo.slice(0, 10),
    };
    return fail(asked, came, { step: 'tls', facts });
  } catch (error) {
    return failure(run, asked, error, 'tls');
  }
}

/** A check that ran out of time says so, and not that somebody cancelled it. */
function failure(run: DoctorRun, asked: readonly string[], thrown: unknown, step: Step): Finding {
  const known = toWorkbenchError(thrown);
  const code: ErrorCode = isWorkbenchError(known, 'operation/cancelled') ? 'network/timed-out' : known.code;
  const error = code === known.code ? known : new WorkbenchError(code, { cause: known });
  const evidence = evidenceOfError(error, code === 'network/timed-out' && step !== 'proxy' ? 'tcp' : step);
  const systemCode = error.details['systemCode'];
  const came = [typeof systemCode === 'string' ? `${code} (${systemCode})` : code];
  return fail(asked, came, { ...evidence, facts: { ...run.subjectFacts, ...evidence.facts } });
}
