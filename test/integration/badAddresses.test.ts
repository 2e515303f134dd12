import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import type { FieldProblem } from '../../src/protocol/viewModels.ts';
import { draftFor, WorkbenchWindow } from '../adapters/workbenchWindow.ts';
import { host } from '../fakes/vscode.ts';

/** What people type or paste, and what is saved of it: base URL and site. */
const understood: [typed: string, baseUrl: string, site?: string][] = [
  ['emr.example.org', 'https://emr.example.org'],
  ['EMR.Example.ORG', 'https://emr.example.org'],
  ['emr.example.org/', 'https://emr.example.org'],
  ['emr.example.org:8443', 'https://emr.example.org:8443'],
  ['https://emr.example.org:443/', 'https://emr.example.org'],
  ['  https://emr.example.org/openemr/  ', 'https://emr.example.org/openemr'],
  ['https://emr.example.org//openemr//', 'https://emr.example.org/openemr'],
  ['https://emr.example.org/interface/login/login.php?site=branch', 'https://emr.example.org', 'branch'],
  [
    'https://emr.example.org/openemr/interface/main/tabs/main.php?token_main=x',
    'https://emr.example.org/openemr',
  ],
  ['https://emr.example.org/openemr/index.php?site=default#top', 'https://emr.example.org/openemr'],
  ['https://emr.example.org/openemr/portal/', 'https://emr.example.org/openemr'],
  ['https://emr.example.org/apis/branch/fhir/metadata', 'https://emr.example.org', 'branch'],
  [
    'https://emr.example.org/oauth2/branch/.well-known/openid-configuration',
    'https://emr.example.org',
    'branch',
  ],
  ['https://praxis-münchen.example/', 'https://xn--praxis-mnchen-3ob.example'],
  ['http://localhost:8300/', 'http://localhost:8300'],
  ['localhost:8300', 'http://localhost:8300'],
  ['127.0.0.1:8300/openemr', 'http://127.0.0.1:8300/openemr'],
  ['http://[::1]:8300', 'http://[::1]:8300'],
  [
    `https://emr.example.org/interface/main/main.php?token_main=${'x'.repeat(9000)}`,
    'https://emr.example.org',
  ],
  ['192.168.1.20', 'https://192.168.1.20'],
];

const refused = [
  ...['', '   ', 'https://', 'http://', '://', '/', '?', '#'],
  ...['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'vscode://x/y'],
  ...['ftp://emr.example.org', 'mailto:admin@example.org', 'command:workbench.action.quit'],
  ...['http://emr.example.org', 'HTTP://emr.example.org/', 'http://192.168.1.20', 'http://0.0.0.0'],
  ...['http://localhost.example.org', 'http://127.0.0.1.example.org', 'http://[fe80::1]'],
  ...['https://admin:pass@emr.example.org', 'admin@emr.example.org', 'https://admin@emr.example.org'],
  ...[
    'our practice',
    'https://emr .example.org',
    'https://emr.example.org\u0000',
    'https://emr.example.org:99999',
  ],
  ...[
    'https://exa<mple.org',
    'https://%00',
    `https://${'a'.repeat(3000)}.org`,
    `https://emr.example.org/${'a'.repeat(9000)}`,
    'https://\u202egro.elpmaxe',
  ],
];

describe('An address that is typed or pasted', () => {
  let window: WorkbenchWindow;
  let requests = 0;
  let listener: Server;

  before(async () => {
    listener = createServer((_request, response) => {
      requests += 1;
      response.end();
    });
    await new Promise<void>((listening) => listener.listen(0, '127.0.0.1', listening));
  });
  after(() => void listener.close());
  beforeEach(async () => {
    requests = 0;
    window = await WorkbenchWindow.open();
    await window.openPanel();
  });
  afterEach(() => window.close());

  const saved = () => (host.settings.get('openemr.connections') ?? []) as { baseUrl: string; site: string }[];

  for (const [typed, baseUrl, site = 'default'] of understood) {
    it(`as ${JSON.stringify(typed.slice(0, 80))} is saved as ${baseUrl}`, async () => {
      const draft = draftFor({ baseUrl: typed });
      const outcome = await window.request('connection.save', { draft, confirmed: false });
      assert.equal(outcome['kind'], 'saved', JSON.stringify(outcome));
      assert.deepEqual([saved()[0]?.baseUrl, saved()[0]?.site], [baseUrl, site]);
    });
  }

  it('is refused beside its field, and nothing is sent or saved, where it is none', async () => {
    const { port } = listener.address() as AddressInfo;
    for (const baseUrl of [
      ...refused,
      `http://user:secret@127.0.0.1:${port}`,
      `javascript://127.0.0.1:${port}`,
    ]) {
      const draft = draftFor({ baseUrl });
      for (const [type, more] of [
        ['connection.discover', {}],
        ['connection.save', { confirmed: false }],
        ['client.register', { confirmed: false }],
      ] as const) {
        const outcome = await window.request(type, { draft, ...more }).catch((error: unknown) => {
          throw new Error(`${type} ${baseUrl}`, { cause: error });
        });
        assert.equal(outcome['kind'], 'invalid', `${type} ${JSON.stringify(baseUrl)}`);
        const [problem] = outcome['problems'] as FieldProblem[];
        assert.equal(problem?.field, 'baseUrl', baseUrl);
        assert.match(problem.message, /^\S.+ .+\.$/s, baseUrl);
        assert.doesNotMatch(problem.message, /secret|pass@/, baseUrl);
      }
    }
    assert.equal(requests, 0);
    assert.deepEqual(saved(), []);
  });
});
