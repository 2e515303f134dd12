import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';

/** What a login showed on the browser's wire, to be looked for elsewhere. */
export interface SeenOnTheWire {
  /** Authorization codes and states, as they stood in callback addresses. */
  readonly values: Set<string>;
  /** PKCE challenges: they tell a verifier without knowing it (RFC 7636, section 4.2). */
  readonly challenges: Set<string>;
}

export interface Finding {
  readonly where: string;
  readonly kind: string;
}

const shapes: readonly { readonly kind: string; readonly pattern: RegExp }[] = [
  { kind: 'JSON Web Token', pattern: /eyJ[\w-]{16,}\.[\w-]{16,}\.[\w-]{16,}/ },
  { kind: 'code or refresh token of OpenEMR', pattern: /def50200[0-9a-f]{40,}/ },
  {
    kind: 'named credential',
    pattern:
      /(client_secret|access_token|refresh_token|id_token|code_verifier)["']?\s*[:=]\s*["']?[\w.%~-]{16,}/i,
  },
  {
    kind: 'named credential',
    pattern: /(clientSecret|accessToken|refreshToken|idToken|codeVerifier)["']?\s*[:=]\s*["']?[\w.%~-]{16,}/,
  },
  { kind: 'authorization header', pattern: /\b(Bearer|Basic)\s+[\w.~+/-]{16,}/ },
];

/** Notes what passes by in the browser from now on. */
export function watchTheWire(browser: BrowserContext): SeenOnTheWire {
  const seen: SeenOnTheWire = { values: new Set(), challenges: new Set() };
  browser.on('request', (request) => {
    const { searchParams } = new URL(request.url());
    const challenge = searchParams.get('code_challenge');
    if (challenge) seen.challenges.add(challenge);
    for (const name of ['code', 'state']) {
      const value = searchParams.get(name);
      if (value && value.length >= 16) seen.values.add(value);
    }
  });
  return seen;
}

const challengeOf = (verifier: string) => createHash('sha256').update(verifier).digest('base64url');

/** The kinds of secrets a text holds. */
export function secretsIn(text: string, seen: SeenOnTheWire): string[] {
  const kinds = shapes.filter(({ pattern }) => pattern.test(text)).map(({ kind }) => kind);
  if ([...seen.values].some((value) => text.includes(value))) kinds.push('code or state of a login');
  const verifiers = text.match(/[\w.~-]{43,128}/g) ?? [];
  if (verifiers.some((candidate) => seen.challenges.has(challengeOf(candidate)))) kinds.push('PKCE verifier');
  return kinds;
}

/** Looks into every file below a folder, folders of the given names left out. */
export async function scanFolder(
  folder: string,
  seen: SeenOnTheWire,
  leftOut: readonly string[] = [],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const where = join(folder, entry.name);
    if (entry.isDirectory() && !leftOut.includes(entry.name))
      findings.push(...(await scanFolder(where, seen, leftOut)));
    if (!entry.isFile()) continue;
    const text = await readFile(where, 'latin1');
    findings.push(...secretsIn(text, seen).map((kind) => ({ where, kind })));
  }
  return findings;
}

/** Runs in the page: what VS Code keeps in the browser beside its encrypted secrets, webview state among it. */
const dumpStorage = `(async () => {
  const rows = Object.entries(localStorage).map(([key, value]) => key + '=' + value);
  const settled = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  for (const { name } of await indexedDB.databases()) {
    if (!name.startsWith('vscode-web')) continue;
    const database = await settled(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      const values = await settled(database.transaction(store).objectStore(store).getAll());
      rows.push(...values.map((value) => name + ' ' + store + ' ' + (typeof value === 'string' ? value : JSON.stringify(value))));
    }
    database.close();
  }
  return rows;
})()`;

/** Looks into what the workbench keeps in the browser: window state, webview state, its encrypted secrets. */
export async function scanWorkbenchStorage(
  page: Page,
  seen: SeenOnTheWire,
): Promise<{ rows: number; findings: Finding[] }> {
  const rows = await page.evaluate<string[]>(dumpStorage);
  const findings = rows.flatMap((row) =>
    secretsIn(row, seen).map((kind) => ({ where: `browser storage: ${row.slice(0, 40)}`, kind })),
  );
  return { rows: rows.length, findings };
}
