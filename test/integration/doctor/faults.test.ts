import assert from 'node:assert/strict';
import { DoctorsPatient } from '../../doctor/patient.ts';
import { erasOf, play, scenarios } from '../../doctor/scenarios.ts';

describe('The faults of the sandbox', () => {
  for (const scenario of scenarios) {
    for (const era of erasOf(scenario)) {
      it(`${scenario.fault} of ${era} is taken for ${scenario.rule} (${scenario.tag})`, async () => {
        const { check, rule, isRight } = await play(scenario, era);
        assert.ok(isRight, `${check}: ${rule}`);
      });
    }
  }
});

for (const era of ['7.0', '8.2'] as const) {
  describe(`The doctor at a healthy OpenEMR ${era}`, () => {
    let patient: DoctorsPatient;

    before(async () => {
      patient = await DoctorsPatient.admit(era);
      await patient.logIn();
    });
    after(() => patient.discharge());

    it('finds nothing', async () => {
      const { results, first } = await patient.examine();
      assert.equal(first, undefined);
      assert.deepEqual(
        results.filter(({ status }) => status !== 'pass').map(({ id }) => id),
        ['tls', 'proxy', 'lastAttempt'],
      );
    });

    it('uses nothing up: the login can still be renewed after it', async () => {
      await patient.examine();
      await patient.refresh();
      assert.equal((await patient.examine()).first, undefined);
    });

    it('tells of every check as it starts and as it ends', async () => {
      const { runDoctor } = await import('../../../src/core/doctor/doctor.ts');
      const events: string[] = [];
      const report = await runDoctor(patient.options(), {
        onStart: (id) => events.push(`start ${id}`),
        onResult: ({ id }) => events.push(`end ${id}`),
      });
      for (const { id } of report.results) assert.ok(events.includes(`end ${id}`), id);
      assert.ok(events.indexOf('end dns') < events.indexOf('start tcp'));
    });

    it('shows no token, secret or code in what it asked and what came back', async () => {
      const { results } = await patient.examine();
      const { clientSecret = '', tokens } = patient.options();
      const shown = JSON.stringify(results);
      for (const value of [clientSecret, tokens?.accessToken, tokens?.refreshToken]) {
        assert.ok(value && !shown.includes(value));
      }
      assert.doesNotMatch(shown, /eyJ[\w-]{20,}|def50200/);
    });
  });
}
