import * as fc from 'fast-check';
import { CoreWindow, SharedMachine } from '../fakes/coreWindow.ts';

export interface CallbackFuzz {
  readonly callbacks: number;
  readonly accepted: number;
  readonly crashes: number;
  readonly secretHits: number;
}

const state = 'Zk3vQ0-the-state-of-the-waiting-login-000001';
const marker = 'def50200feedface0123456789abcdef0123456789abcdef';
const addresses = [
  'vscode://emr-workbench.openemr-workbench/callback',
  'http://127.0.0.1:5000/callback',
  'http://127.0.0.1:5000/callback#',
  'VSCODE://emr-workbench.openemr-workbench/callback',
  'javascript:alert(1)//callback',
  '',
];

/** States that are almost the awaited one. */
const nearState = fc.constantFrom(
  state.slice(0, -1),
  `${state}0`,
  state.toUpperCase(),
  ` ${state}`,
  `${state}%00`,
  `${state}\u200b`,
  state.split('').reverse().join(''),
  encodeURIComponent(encodeURIComponent(`${state}/`)),
);
const name = fc.constantFrom(
  'code',
  'state',
  'error',
  'error_description',
  'iss',
  'hint',
  'message',
  'State',
  'state[]',
  'access_token',
  'id_token',
  '__proto__',
);
const value = fc.oneof(
  nearState,
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom(marker, 'access_denied', 'invalid_scope', '', '%', '%zz', '\0', '../..', '<script>'),
  fc.string({ minLength: 0, maxLength: 400 }),
);
const query = fc
  .array(fc.tuple(name, value, fc.boolean()), { maxLength: 7 })
  .map((pairs) => pairs.map(([key, text, raw]) => `${key}=${raw ? text : safeEncode(text)}`).join('&'));
/** The awaited state, in an answer that no server may send: doubled, with an error beside the code, without a code. */
const spoiled = fc
  .tuple(
    fc.constantFrom(
      'code=x&code=y',
      'code=x&error=access_denied',
      '',
      'id_token=x',
      'code=',
      'code=x&state=other',
    ),
    query,
  )
  .map(([bad, more]) => `${bad}&state=${state}&state=${state}&${more}`);
const callback = fc
  .tuple(
    fc.constantFrom(...addresses),
    fc.oneof({ weight: 4, arbitrary: query }, spoiled),
    fc.constantFrom('?', '#', '?#', '??'),
  )
  .map(([address, text, mark]) => `${address}${mark}${text}`)
  // The one that is awaited is left out.
  .filter((url) => !isAwaited(url));

/** Throws callbacks at an inbox in which a login waits; none of them may reach it. */
export async function fuzzCallbacks(runs: number, seed: number): Promise<CallbackFuzz> {
  const machine = new SharedMachine();
  const window = new CoreWindow(machine);
  await window.pendingLogins.add({
    ...{ connectionId: 'c1', clientKey: 'k', boundTo: 'b', state, redirectUri: addresses[1] ?? '' },
    ...{ nonce: 'n', codeVerifier: 'v', scope: 'openid', window: 'a', createdAt: machine.clock.now() },
  });
  let accepted = 0;
  let crashes = 0;
  window.inbox.expect(state, () => (accepted += 1));
  for (const url of fc.sample(callback, { numRuns: runs, seed })) {
    try {
      await window.inbox.receive(url);
    } catch {
      crashes += 1;
    }
  }
  accepted += window.orphans.length + machine.handover.offers.size;
  // What waited before waits still.
  if ((await window.pendingLogins.waitingFor('k')) === undefined) accepted += 1;
  const secretHits = window.log.lines.filter((line) => line.includes(marker) || line.includes(state)).length;
  return { callbacks: runs, accepted, crashes, secretHits };
}

function isAwaited(url: string): boolean {
  const parameters = URL.parse(url)?.searchParams;
  const states = parameters?.getAll('state') ?? [];
  return states.length === 1 && states[0] === state;
}

function safeEncode(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString('utf8'));
}
