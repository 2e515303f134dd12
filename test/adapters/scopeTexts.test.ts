import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { eraNamed, eraNames } from '../../src/sandbox/era.ts';
import { explainScope, recordNames } from '../../src/vscode/scopeTexts.ts';

describe('What a permission means', () => {
  for (const era of eraNames) {
    it(`is said of every one that OpenEMR ${era} offers`, () => {
      const { scopes, resources } = eraNamed(era);
      const unexplained = scopes.filter(
        (scope) => explainScope(scope) === 'A permission that OpenEMR offers.',
      );
      assert.deepEqual(
        unexplained.filter((scope) => !/\.\$(docref|swap-insurance)$/.test(scope)),
        [],
      );
      const names = recordNames();
      assert.deepEqual(
        resources.map(({ type }) => type).filter((type) => !names[type]),
        [],
      );
    });
  }

  it("keeps FHIR's records and those of OpenEMR's own interface apart", () => {
    assert.match(
      explainScope('user/Patient.read'),
      /^See demographics \(name, date of birth, contact\), as far as/,
    );
    assert.match(explainScope('user/patient.read'), /^See patient in OpenEMR's own interface, as far as/);
    assert.match(explainScope('user/dental_issue.cruds'), /^See and change dental issue in OpenEMR's own/);
  });
});
