import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { ConnectionDraft, FieldProblem } from '../../src/protocol/viewModels.ts';
import { startSandbox, type RunningSandbox } from '../../src/sandbox/sandboxServer.ts';
import { draftFor, WorkbenchWindow } from './workbenchWindow.ts';

const registered = ['openid', 'offline_access', 'api:fhir', 'fhirUser', 'user/Patient.read'];
const observations = 'user/Observation.read';

describe('What the form says when a permission is ticked', () => {
  let sandbox: RunningSandbox;
  let window: WorkbenchWindow;

  beforeEach(async () => {
    sandbox = await startSandbox({ era: '8.2' });
    window = await WorkbenchWindow.open();
  });
  afterEach(async () => {
    await window.close();
    await sandbox.stop();
  });

  const draft = (clientId: string, scopes: readonly string[]) =>
    draftFor(sandbox, { clientId, scopes: [...scopes] });

  async function hints(form: ConnectionDraft): Promise<string[]> {
    const answer = await window.request<{ problems: FieldProblem[] }>('connection.validate', { draft: form });
    return answer.problems
      .filter(({ field, severity }) => field === 'scopes' && severity === 'hint')
      .map(({ message }) => message);
  }

  async function register(): Promise<string> {
    const { clientId } = await window.register(draftFor(sandbox, { scopes: registered }));
    await window.request('connection.discover', { draft: draft(clientId, registered) });
    return clientId;
  }

  it('asks for a new registration where the client lacks it, and names the old client', async () => {
    const clientId = await register();
    assert.deepEqual(await hints(draft(clientId, registered)), []);
    const [hint = '', ...others] = await hints(draft(clientId, [...registered, observations]));
    assert.deepEqual(others, []);
    assert.ok(hint.includes(`not registered with ${observations}`), hint);
    assert.match(hint, /Register the client again; an administrator has to enable the new one\./);
    assert.match(
      hint,
      /Then disable the old one under Administration → System → API Clients: OpenEMR Workbench.*\(/,
    );
    assert.ok(hint.includes(`(${clientId})`), hint);
  });

  it('says nothing of registration for a client that was entered by hand', async () => {
    await register();
    assert.deepEqual(await hints(draft('entered-by-hand', [...registered, observations])), []);
  });

  it('says what the others need to work', async () => {
    const clientId = await register();
    const withoutBasics = registered.filter((scope) => !['api:fhir', 'offline_access'].includes(scope));
    assert.deepEqual(await hints(draft(clientId, withoutBasics)), [
      'api:fhir opens the FHIR interface, for user/Patient.read.',
      'offline_access keeps the login alive. Without it you log in again each hour.',
    ]);
  });

  it('says how the server writes a permission, and what it does not offer', async () => {
    const clientId = await register();
    assert.deepEqual(
      (await hints(draft(clientId, [...registered, 'user/observation.READ'])))
        .filter((hint) => hint.startsWith('user/observation.READ'))
        .map((hint) => hint.replace(/^[^:]+: /, '')),
      ['Letters count: the server calls it user/Observation.read.'],
    );
    const wildcard = await hints(draft(clientId, [...registered, 'user/*.read']));
    assert.ok(wildcard.includes('user/*.read: OpenEMR does not accept wildcards. Name each type.'));
    const unknown = await hints(draft(clientId, [...registered, 'user/Nothing.read']));
    assert.ok(unknown.some((hint) => hint.startsWith('user/Nothing.read: The server does not offer')));
  });
});
