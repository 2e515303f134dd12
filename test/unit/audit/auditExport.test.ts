import assert from 'node:assert/strict';
import { appendFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportAuditLog, type AuditExportFormat } from '../../../src/core/audit/auditExport.ts';
import type { AuditVerification } from '../../../src/core/audit/auditVerification.ts';
import { AuditLogOfWindow, MemorySecrets } from '../../fakes/auditLog.ts';
import { useTemporaryFolder } from '../../integration/platform/temporaryFolder.ts';

describe('An export of the audit log', () => {
  const folder = useTemporaryFolder();
  let window: AuditLogOfWindow;

  beforeEach(async () => {
    window = new AuditLogOfWindow(folder(), { secrets: new MemorySecrets(), maxBytes: 1_000 });
    window.trail.record({
      ...{ action: 'connection.changed', outcome: 'success', connection: '-c1' },
      detail: { change: 'edited', fields: ['name', 'site'] },
    });
    window.trail.record({
      ...{ action: 'login', outcome: 'failure', code: 'token/refused', correlation: '0a1b2c3d' },
      ...{ fhirUser: 'https://emr.example.org/apis/default/fhir/Person/7', detail: {} },
    });
    await window.write(6);
    await window.trail.close();
  });

  const exported = async (format: AuditExportFormat) => {
    const files = await window.files.files();
    const parts: string[] = [];
    for await (const part of exportAuditLog(files, await window.verify(), format)) parts.push(part);
    return parts.join('');
  };

  it('as JSON Lines has the result of the verification in front, and can be verified again', async () => {
    assert.ok((await window.files.files()).length > 1);
    const [first = '', ...lines] = (await exported('jsonl')).split('\n');
    const { verification } = JSON.parse(first) as { verification: AuditVerification };
    assert.deepEqual([verification.isIntact, verification.proved], [true, 9]);
    const elsewhere = join(folder(), 'elsewhere');
    await mkdir(join(elsewhere, 'audit'), { recursive: true });
    await writeFile(join(elsewhere, 'audit', 'audit-000001-2026-01.jsonl'), lines.join('\n'));
    const copy = new AuditLogOfWindow(elsewhere, { secrets: new MemorySecrets() });
    const keys = await window.keys.all();
    copy.keys.all = () => Promise.resolve(keys);
    const { isIntact, proved } = await copy.verify();
    assert.deepEqual([isIntact, proved], [true, 9]);
  });

  it('as CSV has a line an entry, its head and the result of the verification in front', async () => {
    const lines = (await exported('csv')).split('\r\n');
    assert.equal(lines[0], '# intact: yes; entries: 9; proved: 9; key unavailable: 0; problems: 0');
    assert.match(lines[1] ?? '', /^sequence,time,action,outcome,code,connection,osUser,fhirUser,/);
    assert.equal(lines.length, 2 + 9 + 1);
    assert.equal(lines.at(-1), '');
    const login = lines.find((line) => line.includes(',login,')) ?? '';
    assert.match(
      login,
      /,login,failure,token\/refused,,00112233445566ff,Person\/7,0000000a,0a1b2c3d,,[0-9a-f]{8}$/,
    );
  });

  it('as CSV is text to a spreadsheet: quotes are doubled, and nothing begins a formula', async () => {
    const line =
      (await exported('csv')).split('\r\n').find((found) => found.includes('connection.changed')) ?? '';
    assert.ok(line.includes(`,'-c1,`), line);
    assert.ok(line.includes(',"{""change"":""edited"",""fields"":[""name"",""site""]}",'), line);
  });

  it('says what is wrong with the log, and leaves no line out', async () => {
    const [name = ''] = (await readdir(join(folder(), 'audit')))
      .filter((found) => found.endsWith('.jsonl'))
      .sort();
    await appendFile(join(folder(), 'audit', name), '=cmd|calc\n');
    const lines = (await exported('csv')).split('\r\n');
    assert.match(lines[0] ?? '', /^# intact: no; .* problems: [1-9]/);
    assert.match(lines[1] ?? '', new RegExp(`^# unreadable ${name} \\d+ \\d+$`));
    assert.equal(lines.filter((line) => line.includes(',unreadable,')).length, 1);
    assert.ok(!lines.join('').includes('=cmd'));
    assert.ok((await exported('jsonl')).includes('\n=cmd|calc\n'));
  });

  it('of an empty log says so', async () => {
    window = new AuditLogOfWindow(join(folder(), 'new'), { secrets: new MemorySecrets() });
    assert.match(await exported('csv'), /^# intact: yes; entries: 0;/);
    assert.equal((await exported('jsonl')).split('\n').length, 2);
  });
});
