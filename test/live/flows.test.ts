import { testFlowsAgainst } from './flows.ts';
import { liveServerFrom } from './liveServer.ts';

describe('Against the OpenEMR of OPENEMR_BASE_URL, the workbench', function () {
  // Each step stands on the one before it.
  this.bail(true);
  testFlowsAgainst(() => liveServerFrom(process.env));
});
