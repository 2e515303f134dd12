import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { recordingsFolder } from '../../wire/recordings.ts';
import { goldenTable, recordedErrors } from './recordedErrors.ts';

const goldenFile = 'test/golden/recorded-errors.md';
const folder = recordingsFolder();

(folder ? describe : describe.skip)('The recorded error answers of real servers', () => {
  const errors = folder ? recordedErrors(folder) : [];

  it('are some forty an era', () => {
    for (const era of ['7.0', '8.2'])
      assert.ok(errors.filter((error) => error.era === era).length >= 40, era);
  });

  for (const { era, evidence, diagnosis, where } of errors) {
    const { step, status, error = '', said = '' } = evidence;
    it(`have a cause of their own: ${era} ${step} ${status ?? ''} ${error} ${said.slice(-60)}`, () => {
      assert.ok(diagnosis, `no rule for ${where}`);
      assert.ok(!diagnosis.rule.isGeneric, `only the generic ${diagnosis.rule.id} for ${where}`);
    });
  }

  it('mean what the golden table says', () => {
    const table = goldenTable(errors);
    if (process.env['UPDATE_GOLDEN'] || !existsSync(goldenFile)) writeFileSync(goldenFile, table);
    assert.equal(readFileSync(goldenFile, 'utf8'), table);
  });
});
