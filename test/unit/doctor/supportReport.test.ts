import assert from 'node:assert/strict';
import type { Connection } from '../../../src/core/connection/connection.ts';
import { supportReport } from '../../../src/core/doctor/supportReport.ts';

const connection: Connection = {
  id: 'clinic-a',
  name: 'Dr. Anna Almeida',
  baseUrl: 'https://emr.test',
  site: 'default',
  clientType: 'confidential',
  clientId: 'client-id-of-the-clinic',
  scopes: ['openid', 'user/Patient.read'],
  callback: 'automatic',
};

describe('The support report', () => {
  const report = supportReport({
    ...{ versions: { 'OpenEMR Workbench': '0.1.0' }, connection, tokenState: 'valid', flows: [], at: 0 },
    auditHead: 'Newest entry: number 7',
  });

  it('says what helps: versions, settings, state, audit head', () => {
    for (const part of [
      'OpenEMR Workbench: 0.1.0',
      'https://emr.test',
      'user/Patient.read',
      'valid',
      'number 7',
    ]) {
      assert.ok(report.includes(part), part);
    }
  });

  it('says nothing of a person, and not even the client ID', () => {
    assert.doesNotMatch(report, /Anna|Almeida|client-id-of-the-clinic/);
  });
});
