import assert from 'node:assert/strict';
import { eraNames } from '../../../src/sandbox/era.ts';
import { runMatrixIn, type MatrixFigures } from '../../fhir/matrixRun.ts';

for (const era of eraNames) {
  describe(`The probe matrix against the sandbox of ${era}, with ten sets of granted scopes`, () => {
    let figures: MatrixFigures;

    before(async () => {
      figures = await runMatrixIn(era);
    });

    it('says of every cell what the sandbox decides by its own rules', () => {
      assert.ok(figures.cells > 500, `${figures.cells} cells`);
      assert.deepEqual(figures.wrong, []);
    });

    it('shows nothing personal in masked views and reports', () => {
      assert.deepEqual(figures.phiLeaks, []);
    });
  });
}
