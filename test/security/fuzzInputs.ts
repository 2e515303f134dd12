import * as fc from 'fast-check';
import { parseConnections } from '../../src/core/connection/connection.ts';
import { isLoopbackHost } from '../../src/core/connection/address.ts';
import { panelRequestSchema } from '../../src/protocol/panelMessages.ts';

export interface InputFuzz {
  readonly inputs: number;
  readonly accepted: number;
  readonly crashes: number;
}

const good = {
  ...{ id: 'c1', name: 'Clinic', baseUrl: 'https://emr.example.org', site: 'default', clientType: 'public' },
  ...{ scopes: ['openid'], callback: 'automatic' },
};
const strange = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(
    'http://evil.example',
    'https://u:p@e.example',
    'javascript:x',
    '../..',
    '\0',
    undefined,
    NaN,
  ),
  fc.constantFrom<unknown>(
    'http://127.0.0.1.evil.example',
    'http://localhost.evil.example',
    'file:///etc/passwd',
    'https://',
  ),
);
const settings = fc.oneof(
  fc.array(
    fc
      .tuple(
        fc.constantFrom(...Object.keys(good), 'clientSecret', 'caFile', 'pinnedCertificate', '__proto__'),
        strange,
      )
      .map(([name, value]) => ({ ...good, [name]: value })),
    { maxLength: 4 },
  ),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Whatever settings hold: nothing throws, and no connection may reach a stranger by plain http. */
export function fuzzSettings(runs: number, seed: number): InputFuzz {
  let accepted = 0;
  let crashes = 0;
  for (const value of fc.sample(settings, { numRuns: runs, seed })) {
    try {
      for (const { baseUrl } of parseConnections(value).connections) {
        const url = new URL(baseUrl);
        if (url.username || (url.protocol !== 'https:' && !isLoopbackHost(url.hostname))) accepted += 1;
      }
    } catch {
      crashes += 1;
    }
  }
  return { inputs: runs, accepted, crashes };
}

const types = panelRequestSchema.def.options.map((option) => [...option.def.shape.type.def.values][0] ?? '');
const draft = { ...good, clientId: '' };
const message = fc.oneof(
  fc.record({
    type: fc.constantFrom(...types, 'secrets.get', '__proto__'),
    id: fc.oneof(fc.integer(), strange),
  }),
  fc
    .tuple(
      fc.constantFrom(...types),
      fc.constantFrom('draft', 'clientSecret', 'confirmed', 'connectionId', 'actionId', 'token'),
      strange,
    )
    .map(([type, name, value]) => ({ type, id: 1, draft, [name]: value })),
  fc.jsonValue({ maxDepth: 3 }),
);

/** What a page could post: only requests of the protocol pass, and none that names a connection of its choice. */
export function fuzzMessages(runs: number, seed: number): InputFuzz {
  let accepted = 0;
  let crashes = 0;
  for (const value of fc.sample(message, { numRuns: runs, seed })) {
    try {
      const parsed = panelRequestSchema.safeParse(value);
      if (!parsed.success) continue;
      if (!types.includes(parsed.data.type) || 'connectionId' in parsed.data || 'token' in parsed.data)
        accepted += 1;
    } catch {
      crashes += 1;
    }
  }
  return { inputs: runs, accepted, crashes };
}
