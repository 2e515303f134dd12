import { join } from 'node:path';
import { projectRoot } from '../../src/launch/paths.ts';
import { startSandbox, type RunningSandbox, type SandboxOptions } from '../../src/sandbox/sandboxServer.ts';
import { makeCertificate } from '../fakes/certificates.ts';
import { testFlowsAgainst } from '../live/flows.ts';
import { liveServerFrom } from '../live/liveServer.ts';

const enableClient = join(projectRoot, 'test', 'host', 'enableClient.mjs');

/** The flows of `test:live`, so that they work when there is a real server to point them at. */
function testFlowsWith(options: () => Promise<SandboxOptions>, trust: Record<string, string>): void {
  let sandbox: RunningSandbox;

  after(() => sandbox.stop());

  testFlowsAgainst(async () => {
    sandbox = await startSandbox(await options());
    return liveServerFrom({
      ...trust,
      OPENEMR_BASE_URL: sandbox.baseUrl,
      OPENEMR_USERNAME: sandbox.username,
      OPENEMR_PASSWORD: sandbox.password,
      OPENEMR_AFTER_REGISTER: `"${process.execPath}" "${enableClient}" ${sandbox.baseUrl} {clientId}`,
    });
  });
}

describe('With an OpenEMR 7.0 on this machine, the workbench', () => {
  testFlowsWith(() => Promise.resolve({ era: '7.0' }), {});
});

describe('With an OpenEMR 8.2 that signed its own certificate, the workbench', () => {
  testFlowsWith(async () => ({ era: '8.2', tls: await makeCertificate() }), { OPENEMR_TRUST: '1' });
});
