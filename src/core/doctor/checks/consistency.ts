import type { HttpResponse, HttpTransport } from '../../http/httpTransport.ts';
import { fetchCapabilityStatement, type CapabilityStatement } from '../../fhir/capabilityStatement.ts';
import { fetchOpenEmrVersion } from '../../fhir/openEmrVersion.ts';
import { scopeList, type AuthorizationServerMetadata } from '../../oauth/authorizationServerMetadata.ts';
import { findContradictions, type Contradiction } from '../../oauth/discoveryContradictions.ts';
import { eraOf } from '../../oauth/serverDiscovery.ts';
import { fetchSmartConfiguration, type SmartConfiguration } from '../../oauth/smartConfiguration.ts';
import { fail, pass, warn, type Check, type Finding } from '../check.ts';
import type { DoctorRun, Exchange } from '../doctorRun.ts';
import type { Evidence } from '../evidence.ts';
import { jsonOf } from './server.ts';

/** The documents against each other, and the version that they speak of. */
export const consistencyChecks: readonly Check[] = [
  { id: 'consistency', needs: ['openid'], after: ['smart', 'capability'], run: checkConsistency },
  { id: 'version', needs: ['apis'], run: checkVersion },
];

/** The OpenID configuration read leniently: what is wrong with it is to be told, not to be thrown. */
export function readMetadata(run: DoctorRun): Promise<AuthorizationServerMetadata | undefined> {
  return run.once('metadata', () => parseMetadata(run));
}

async function parseMetadata(run: DoctorRun): Promise<AuthorizationServerMetadata | undefined> {
  const json = jsonOf(await run.document('openid'));
  if (!json) return undefined;
  const text = (name: string): string => (typeof json[name] === 'string' ? json[name] : '');
  const optional = <K extends string>(key: K, name: string): Partial<Record<K, string>> =>
    (text(name) ? { [key]: text(name) } : {}) as Partial<Record<K, string>>;
  const scopes = json['scopes_supported'];
  return {
    issuer: text('issuer'),
    authorizationEndpoint: text('authorization_endpoint'),
    tokenEndpoint: text('token_endpoint'),
    jwksUri: text('jwks_uri'),
    ...optional('registrationEndpoint', 'registration_endpoint'),
    ...optional('endSessionEndpoint', 'end_session_endpoint'),
    ...optional('introspectionEndpoint', 'introspection_endpoint'),
    scopesSupported: scopeList(Array.isArray(scopes) ? (scopes as unknown[]) : []),
  };
}

function readSmart(run: DoctorRun): Promise<SmartConfiguration | undefined> {
  return run.once('smart', async () => {
    const exchange = await run.document('smart');
    return exchange.kind === 'answer' ? parsed(fetchSmartConfiguration, exchange.answer, run) : undefined;
  });
}

function readCapability(run: DoctorRun): Promise<CapabilityStatement | undefined> {
  return run.once('capability', async () => {
    const exchange = await run.document('capability');
    return exchange.kind === 'answer' ? parsed(fetchCapabilityStatement, exchange.answer, run) : undefined;
  });
}

/** Lets a reader of the core judge an answer that is already here. */
async function parsed<T>(
  fetch: (transport: HttpTransport, connection: { baseUrl: string; site: string }) => Promise<T>,
  answer: HttpResponse,
  run: DoctorRun,
): Promise<T | undefined> {
  const transport: HttpTransport = {
    send: () => Promise.resolve(answer),
    stream: () => Promise.reject(new TypeError('There is no stream here.')),
  };
  return fetch(transport, run.options.connection).catch(() => undefined);
}

async function checkConsistency(run: DoctorRun): Promise<Finding> {
  const [metadata, smart, capability] = await Promise.all([
    readMetadata(run),
    readSmart(run),
    readCapability(run),
  ]);
  const { openIdConfiguration, smartConfiguration, capabilityStatement } = run.endpoints;
  const asked = [openIdConfiguration, smartConfiguration, capabilityStatement];
  if (!metadata) return pass(asked, []);
  const contradictions = findContradictions(run.options.connection, metadata, smart, capability);
  const came = contradictions.map(
    ({ where, expected, found }) => `${where}: ${found} instead of ${expected}`,
  );
  const first = contradictions[0];
  if (!first) return pass(asked, ['no contradiction']);
  const evidence = contradictionEvidence(first, run);
  const isOfServer = first.where.startsWith('openid-configuration');
  return isOfServer ? fail(asked, came, evidence) : warn(asked, came, evidence);
}

function contradictionEvidence({ kind, expected, found, where }: Contradiction, run: DoctorRun): Evidence {
  const [from, to] = [baseOf(expected), baseOf(found)];
  const hostname = URL.parse(found)?.hostname ?? '';
  const isInternal =
    kind === 'host' && !hostname.includes('.') && hostname !== 'localhost' && !hostname.startsWith('[');
  const isOpenId = where.startsWith('openid-configuration');
  return {
    step: 'consistency',
    facts: {
      ...run.subjectFacts,
      ...(isOpenId ? { kind } : { document: where }),
      ...(isOpenId && kind === 'host' ? { isInternal } : {}),
      where,
      expected: kind === 'slash' ? expected : from,
      found: kind === 'slash' ? found : to,
      origin: URL.parse(expected)?.origin ?? from,
    },
  };
}

/** An issuer without OpenEMR's own part: what people call the address. */
function baseOf(address: string): string {
  return address.replace(/\/(?:oauth2|apis)\/.*$/, '');
}

async function checkVersion(run: DoctorRun): Promise<Finding> {
  const [smart, capability, exchange] = await Promise.all([
    readSmart(run),
    readCapability(run),
    run.document('version'),
  ]);
  const fromEndpoint =
    exchange.kind === 'answer' ? await parsed(fetchOpenEmrVersion, exchange.answer, run) : undefined;
  const version = capability?.openEmrVersion ?? fromEndpoint;
  run.era = eraOf(version, smart, capability);
  run.comparesJoined = version === undefined ? run.era !== '8.2' : isBefore702(version);
  const asked = [run.endpoints.capabilityStatement, run.endpoints.version];
  const came = [`version: ${version ?? 'not told'}`, `behaves like: ${run.era}`];
  if (!version) {
    const finding = pass(asked, came, { version: '', era: run.era });
    return run.era === 'unknown'
      ? warn(asked, came, { step: 'version', facts: { ...run.subjectFacts, version: 'unknown' } })
      : finding;
  }
  if (isBefore702(version)) {
    return warn(asked, came, { step: 'version', facts: { ...run.subjectFacts, version, isOld: true } });
  }
  return pass(asked, came, { version, era: run.era });
}

function isBefore702(version: string): boolean {
  const [, major = '8', minor = '0', patch = '0'] = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(version) ?? [];
  return Number(major) < 7 || (Number(major) === 7 && Number(minor) === 0 && Number(patch) < 2);
}

/** Whether an exchange was answered with success. */
export function isOk(exchange: Exchange): boolean {
  return exchange.kind === 'answer' && exchange.answer.status >= 200 && exchange.answer.status < 300;
}
