import assert from 'node:assert/strict';
import { startSandbox } from '../../src/sandbox/sandboxServer.ts';
import type { RunningSandbox } from '../../src/sandbox/sandboxServer.ts';
import { readRecordings, recordingsFolder } from './recordings.ts';
import type { Recording } from './recordings.ts';
import { Replayer } from './replayer.ts';

/** Exchanges that are not replayed, `<version> <file> | <section>`, each with its reason. There are none. */
const notReplayed: ReadonlyMap<string, string> = new Map();
const leastShare = 0.95;

const folder = recordingsFolder();
if (folder === undefined) {
  describe('The recorded exchanges', () => {
    it('are replayed where the recordings are', function () {
      process.stdout.write('  Skipped: no recordings in $OPENEMR_WIRE or ../shared/reference/wire.\n');
      this.skip();
    });
  });
} else {
  for (const recording of readRecordings(folder)) describeRecording(recording);
}

function describeRecording(recording: Recording): void {
  describe(`The sandbox of era ${recording.era} answers as OpenEMR ${recording.version} did`, () => {
    const exchanges = recording.sections.reduce((sum, section) => sum + section.steps.length, 0);
    const skipped: string[] = [];
    let agreed = 0;
    let replayed = 0;
    let sandbox: RunningSandbox;
    let replayer: Replayer;

    before(async () => {
      sandbox = await startSandbox({ era: recording.era, data: 'recorded' });
      replayer = new Replayer(recording, sandbox.baseUrl);
    });

    after(async () => {
      await sandbox.stop();
      const share = ((100 * replayed) / exchanges).toFixed(1);
      const verdict = agreed === replayed ? 'all agree' : `${agreed} agree`;
      process.stdout.write(
        `  ${recording.version}: replayed ${replayed} of ${exchanges} exchanges (${share} %), ${verdict}\n`,
      );
      process.stdout.write(
        `  ${recording.version}: ${replayer.rebuiltQueries} logout queries, cut in the recording, rebuilt from the section's name\n`,
      );
      for (const line of skipped) process.stdout.write(`  not replayed: ${line}\n`);
    });

    for (const section of recording.sections) {
      const name = `${section.file} | ${section.name}`;
      it(name, async function () {
        const reason = notReplayed.get(`${recording.version} ${name}`);
        if (reason !== undefined) {
          skipped.push(`${name}: ${section.steps.length} exchanges, ${reason}`);
          this.skip();
        }
        const found = await replayer.replay(section);
        replayed += section.steps.length;
        if (found.length === 0) agreed += section.steps.length;
        assert.deepEqual(found, []);
      });
    }

    it('in at least 95 % of all recorded exchanges', () => {
      assert.ok(replayed >= leastShare * exchanges, `${replayed} of ${exchanges}`);
    });
  });
}
