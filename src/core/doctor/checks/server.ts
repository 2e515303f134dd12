import { WorkbenchError } from '../../base/errors.ts';
import { redactUrl } from '../../base/redact.ts';
import { fail, pass, warn, type Check, type Finding } from '../check.ts';
import { askedLine, cameLines, parsedBody, type DoctorRun, type Exchange } from '../doctorRun.ts';
import type { Evidence } from '../evidence.ts';
import { translate } from '../translator.ts';

/** Whether OpenEMR answers at the address, and with what. */
export const serverChecks: readonly Check[] = [
  { id: 'http', needs: ['proxy', 'dns', 'tcp', 'tls'], run: checkHttp },
  { id: 'webroot', needs: ['http'], run: checkWebroot },
  { id: 'site', needs: ['webroot'], run: checkSite },
  { id: 'apis', needs: ['site'], run: checkApis },
  { id: 'openid', needs: ['apis'], run: checkOpenId },
  { id: 'smart', needs: ['apis'], run: checkSmart },
  { id: 'capability', needs: ['apis'], run: checkCapability },
  { id: 'clock', needs: ['http'], run: checkClock },
];

/** The documents are asked for at once; each check then looks at its own. */
async function documents(run: DoctorRun): Promise<{ openid: Exchange; capability: Exchange }> {
  void run.document('smart');
  void run.document('version');
  const [openid, capability] = await Promise.all([run.document('openid'), run.document('capability')]);
  return { openid, capability };
}

async function checkHttp(run: DoctorRun): Promise<Finding> {
  const { openid, capability } = await documents(run);
  for (const exchange of [openid, capability]) {
    const evidence = exchange.kind === 'failure' ? httpEvidence(run, exchange) : run.evidenceOf(exchange);
    const rule = translate(evidence)?.rule;
    const isOfTheWay = rule?.chapter === 'reaching' && !rule.isGeneric;
    if (exchange.kind === 'failure' || isOfTheWay)
      return fail([askedLine(exchange)], cameLines(exchange), evidence);
  }
  const status = openid.kind === 'answer' ? openid.answer.status : 0;
  return pass([askedLine(openid), askedLine(capability)], [...cameLines(openid), ...cameLines(capability)], {
    status,
  });
}

/** The certificate was looked at before; whatever fails now fails in HTTP, unless it is the certificate after all. */
function httpEvidence(run: DoctorRun, exchange: Exchange): Evidence {
  const isTls = exchange.kind === 'failure' && exchange.error.code.startsWith('tls/');
  return run.evidenceOf(exchange, isTls ? 'tls' : 'http');
}

async function checkWebroot(run: DoctorRun): Promise<Finding> {
  const { openid, capability } = await documents(run);
  const asked = [askedLine(openid), askedLine(capability)];
  const came = [...cameLines(openid), ...cameLines(capability)];
  if (![openid, capability].every(isWebServersNotFound)) return pass(asked, came);
  const { baseUrl, site } = run.options.connection;
  const login = await run.exchange('login page', () => ({
    method: 'GET',
    url: `${baseUrl}/interface/login/login.php?site=${encodeURIComponent(site)}`,
  }));
  const loginPage = login.kind === 'answer' && login.answer.status < 400;
  const found = loginPage ? undefined : await findWebroot(run);
  const facts = {
    ...run.subjectFacts,
    loginPage,
    ...(found ? { suggestion: `There is one at ${found}.` } : {}),
  };
  return fail([...asked, askedLine(login)], [...came, ...cameLines(login)], { step: 'webroot', facts });
}

function isWebServersNotFound(exchange: Exchange): boolean {
  if (exchange.kind === 'failure' || exchange.answer.status !== 404) return false;
  const { kind } = parsedBody(exchange.answer);
  return kind === 'html' || kind === 'text';
}

/** Looks where OpenEMR usually is. */
async function findWebroot(run: DoctorRun): Promise<string | undefined> {
  const { baseUrl, site } = run.options.connection;
  const { origin } = new URL(baseUrl);
  const candidates = [origin, `${origin}/openemr`].filter((candidate) => candidate !== baseUrl);
  const answers = await Promise.all(
    candidates.map((candidate) =>
      run.exchange(candidate, () => ({
        method: 'GET',
        url: `${candidate}/oauth2/${site}/.well-known/openid-configuration`,
      })),
    ),
  );
  const index = answers.findIndex(
    (exchange) =>
      exchange.kind === 'answer' &&
      exchange.answer.status === 200 &&
      parsedBody(exchange.answer).kind === 'json',
  );
  return candidates[index];
}

async function checkSite(run: DoctorRun): Promise<Finding> {
  const { openid, capability } = await documents(run);
  const wrong = [openid, capability].find(
    (exchange) => translate(run.evidenceOf(exchange))?.rule.id === 'site-unknown',
  );
  // A broken server answers nothing with 500 too, but then not to everything.
  const isBoth = [openid, capability].every(
    (exchange) => exchange.kind === 'answer' && exchange.answer.status >= 400,
  );
  if (wrong && isBoth) return fail([askedLine(wrong)], cameLines(wrong), run.evidenceOf(wrong));
  return pass([askedLine(openid)], cameLines(openid), { site: run.options.connection.site });
}

async function checkApis(run: DoctorRun): Promise<Finding> {
  const { openid, capability } = await documents(run);
  const off = [openid, capability].find((exchange) =>
    ['all-apis-off', 'fhir-api-off'].includes(translate(run.evidenceOf(exchange))?.rule.id ?? ''),
  );
  if (off) return fail([askedLine(off)], cameLines(off), run.evidenceOf(off));
  return pass([askedLine(openid), askedLine(capability)], [...cameLines(openid), ...cameLines(capability)]);
}

async function checkOpenId(run: DoctorRun): Promise<Finding> {
  const exchange = await run.document('openid');
  const json = jsonOf(exchange);
  const missing = ['issuer', 'authorization_endpoint', 'token_endpoint', 'jwks_uri'].filter(
    (name) => typeof json?.[name] !== 'string',
  );
  if (!json || missing.length > 0) return documentFailure(run, exchange, missing);
  return pass(
    [askedLine(exchange)],
    [...cameLines(exchange), `issuer: ${redactUrl(String(json['issuer']))}`],
  );
}

async function checkSmart(run: DoctorRun): Promise<Finding> {
  const exchange = await run.document('smart');
  const json = jsonOf(exchange);
  if (json && ('authorization_endpoint' in json || 'token_endpoint' in json)) {
    return pass([askedLine(exchange)], cameLines(exchange));
  }
  // The workbench does without it.
  return { ...documentFailure(run, exchange), status: 'warn' };
}

async function checkCapability(run: DoctorRun): Promise<Finding> {
  const exchange = await run.document('capability');
  const json = jsonOf(exchange);
  if (json?.['resourceType'] !== 'CapabilityStatement') return documentFailure(run, exchange);
  const fhirVersion = typeof json['fhirVersion'] === 'string' ? json['fhirVersion'] : 'unknown';
  return pass([askedLine(exchange)], cameLines(exchange), { fhirVersion });
}

function documentFailure(run: DoctorRun, exchange: Exchange, missing: readonly string[] = []): Finding {
  const came = [...cameLines(exchange), ...(missing.length > 0 ? [`missing: ${missing.join(', ')}`] : [])];
  return fail([askedLine(exchange)], came, run.evidenceOf(exchange));
}

/** The document of an exchange, where it is one. */
export function jsonOf(exchange: Exchange): Readonly<Record<string, unknown>> | undefined {
  if (exchange.kind === 'failure' || exchange.answer.status !== 200) return undefined;
  const { kind, json } = parsedBody(exchange.answer);
  return kind === 'json' ? (json as Record<string, unknown>) : undefined;
}

const toleratedSkewMs = 60_000;
const harmfulSkewMs = 5 * 60_000;

async function checkClock(run: DoctorRun): Promise<Finding> {
  const { openid } = await documents(run);
  const asked = [`Date of ${askedLine(openid)}`];
  if (openid.kind === 'failure') throw new WorkbenchError(openid.error.code);
  const skewMs = openid.answer.clockSkewMs;
  if (skewMs === undefined) return pass(asked, ['no Date header'], { seconds: 0 });
  const seconds = Math.round(skewMs / 1000);
  const came = [`server clock minus ours: ${seconds} s`];
  if (Math.abs(skewMs) <= toleratedSkewMs) return pass(asked, came, { seconds });
  const minutes = Math.round(Math.abs(seconds) / 60);
  const skew = minutes > 1 ? `${minutes} min` : `${Math.abs(seconds)} s`;
  const evidence: Evidence = { step: 'clock', facts: { ...run.subjectFacts, skew } };
  return Math.abs(skewMs) > harmfulSkewMs ? fail(asked, came, evidence) : warn(asked, came, evidence);
}
