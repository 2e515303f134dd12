import assert from 'node:assert/strict';
import { AccessTokens } from '../../../src/core/connection/accessTokens.ts';
import type { Connection } from '../../../src/core/connection/connection.ts';
import { FhirService } from '../../../src/core/fhir/fhirService.ts';
import { LatencyHistory } from '../../../src/core/fhir/latencyHistory.ts';
import { defaultSessionSettings } from '../../../src/core/oauth/sessionSettings.ts';
import { eraNames } from '../../../src/sandbox/era.ts';
import { startSandbox, type RunningSandbox } from '../../../src/sandbox/sandboxServer.ts';
import { SharedMachine } from '../../fakes/coreWindow.ts';
import { FakeMemento } from '../../fakes/extensionContext.ts';
import { signIn } from '../../fakes/personAtBrowser.ts';
import { RecordingUi, ServiceWindow } from '../../fakes/serviceWindow.ts';

const scopes = ['openid', 'offline_access', 'api:fhir', 'user/Patient.read'];
const minute = 60_000;
const signal = new AbortController().signal;

for (const era of eraNames) {
  describe(`A token that an OpenEMR ${era} refuses`, () => {
    let sandbox: RunningSandbox;
    let machine: SharedMachine;
    let window: ServiceWindow;
    let connection: Connection;
    let fhir: FhirService;

    beforeEach(async () => {
      sandbox = await startSandbox({ era });
      machine = new SharedMachine();
      // The sandbox reads the real clock.
      machine.clock.jump(Date.now() - machine.clock.now());
      window = new ServiceWindow(machine);
      connection = await window.connect(sandbox, { scopes });
      const opened = window.nextPage();
      const login = window.sessions.logIn('c1', new RecordingUi(), signal);
      await fetch(await signIn(await opened, sandbox));
      await login;
      const { sessions, servers } = window;
      const { clock, index } = machine;
      const accessTokens = new AccessTokens({
        ...{ sessions, clock, automaticRefresh: { isDue: () => false } },
        session: (id) => index.session(id),
        settings: () => defaultSessionSettings,
      });
      const latency = new LatencyHistory(new FakeMemento());
      fhir = new FhirService({ sessions, accessTokens, servers, latency, clock });
      clock.jump(2 * minute);
      await fetch(`${sandbox.baseUrl}/sandbox/log`, { method: 'DELETE' });
    });
    afterEach(async () => {
      window.login.dispose();
      await sandbox.stop();
    });

    const control = (path: string) => fetch(`${sandbox.baseUrl}/sandbox/${path}`, { method: 'POST' });
    const search = async (type: string) => {
      const found = { type, values: [], limit: undefined, onProgress: () => undefined };
      return (await fhir.search(connection, found, signal)).count;
    };
    const refreshes = async () => {
      const log = (await (await fetch(`${sandbox.baseUrl}/sandbox/log`)).json()) as { path?: string }[];
      return log.filter(({ path }) => path?.endsWith('/token')).length;
    };

    it('is renewed once, and the search goes on', async () => {
      await control('tokens/revoke');
      assert.ok((await search('Patient')) > 50);
      assert.ok((await search('Patient')) > 50);
      assert.equal(await refreshes(), 1);
      await control('tokens/revoke');
      await assert.rejects(search('Patient'), { code: 'fhir/token-refused' });
      assert.equal(await refreshes(), 1);
    });

    it('is taken for a missing permission where the answer says no more than that', async () => {
      await assert.rejects(search('Condition'), { code: 'fhir/access-refused' });
      assert.equal(await refreshes(), 0);
    });

    it('is not renewed by trying all types', async () => {
      await control('tokens/revoke');
      const rows = await fhir.probe(connection, () => undefined, signal);
      assert.ok(rows.some((row) => row.search.verdict === 'token-refused'));
      assert.equal(await refreshes(), 0);
    });
  });
}
