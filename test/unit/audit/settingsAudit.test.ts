import assert from 'node:assert/strict';
import { SettingsAudit, type HostSafety } from '../../../src/core/audit/settingsAudit.ts';
import type { AuditEvent } from '../../../src/core/audit/auditEvent.ts';
import { EventEmitter } from '../../../src/core/base/event.ts';
import type { Connection } from '../../../src/core/connection/connection.ts';
import { MemoryDocument, MemoryLog } from '../../fakes/memoryStorage.ts';

const clinic: Connection = {
  ...{ id: 'c1', name: 'Clinic A', baseUrl: 'https://a.example.org', site: 'default' },
  ...{ clientType: 'confidential', scopes: ['openid'], callback: 'automatic' },
};
const sha256 = Array.from({ length: 32 }, () => 'AB').join(':');
const pem = '-----BEGIN CERTIFICATE-----';

describe('The audit of settings', () => {
  let connections: Connection[];
  let safety: HostSafety;
  let document: MemoryDocument;
  let recorded: AuditEvent[];
  let flush: () => Promise<void>;
  let log: MemoryLog;
  let changed: EventEmitter<void>;

  beforeEach(() => {
    connections = [clinic];
    safety = { proxyStrictSsl: true, retentionYears: 6, idleSignOutMs: 0, maximumSessionMs: 0 };
    document = new MemoryDocument();
    recorded = [];
    flush = () => Promise.resolve();
    log = new MemoryLog();
    changed = new EventEmitter();
  });

  const watch = () =>
    new SettingsAudit({
      connections: () => connections,
      hostSafety: () => safety,
      onDidChange: [changed.event],
      audit: { record: (event) => recorded.push(event), flush: () => flush() },
      ...{ document, log },
    });
  /** What is written down of a change, after everything before it was seen. */
  const after = async (change: () => void) => {
    const audit = watch();
    await audit.look();
    recorded = [];
    change();
    await audit.look();
    return recorded.map(({ action, connection, detail }) => ({
      action,
      ...(connection === undefined ? {} : { connection }),
      ...detail,
    }));
  };
  const edited = (...fields: string[]) => ({
    ...{ action: 'connection.changed', connection: 'c1', change: 'edited', fields },
  });
  const weakened = (setting: string) => ({ action: 'setting.weakened', setting });

  it('names the fields of a connection that were edited, none of their values', async () => {
    const events = await after(
      () => (connections = [{ ...clinic, name: 'B', scopes: ['openid', 'fhirUser'] }]),
    );
    assert.deepEqual(events, [edited('name', 'scopes')]);
    assert.doesNotMatch(document.text ?? '', /example\.org|Clinic|fhirUser/);
  });

  it('writes down a connection that was made and one that was removed', async () => {
    const events = await after(() => (connections = [{ ...clinic, id: 'c2' }]));
    assert.deepEqual(
      events.map((event) => [event.action, event.connection, 'change' in event && event.change]),
      [
        ['connection.changed', 'c2', 'created'],
        ['connection.changed', 'c1', 'removed'],
      ],
    );
  });

  it('says that a server is no longer called one with real patients', async () => {
    connections = [{ ...clinic, environment: 'production' }];
    const events = await after(() => (connections = [{ ...clinic, environment: 'training' }]));
    assert.deepEqual(events, [edited('environment')]);
  });

  const weakenings: readonly (readonly [what: string, change: () => void, expected: object[]])[] = [
    [
      'a certificate was trusted',
      () => (connections = [{ ...clinic, pinnedCertificate: { pem, sha256 } }]),
      [edited('pinnedCertificate'), { action: 'certificate.trusted', connection: 'c1', sha256 }],
    ],
    [
      'a certificate authority of one’s own is trusted',
      () => (connections = [{ ...clinic, caFile: '/ca.pem' }]),
      [edited('caFile'), { ...weakened('caFile'), connection: 'c1' }],
    ],
    [
      'a connection does without https',
      () => (connections = [{ ...clinic, baseUrl: 'http://127.0.0.1:8080' }]),
      [edited('baseUrl'), { ...weakened('plainHttp'), connection: 'c1' }],
    ],
    [
      'certificates of proxies are no longer checked',
      () => (safety = { ...safety, proxyStrictSsl: false }),
      [weakened('proxyStrictSSL')],
    ],
    [
      'the log is kept for a shorter time',
      () => (safety = { ...safety, retentionYears: 1 }),
      [weakened('auditRetention')],
    ],
  ];
  for (const [what, change, expected] of weakenings) {
    it(`says that ${what}`, async () => {
      assert.deepEqual(await after(change), expected);
    });
  }

  it('says that logins last longer or for ever, and nothing where they are made shorter', async () => {
    safety = { ...safety, idleSignOutMs: 600_000, maximumSessionMs: 3_600_000 };
    const ends = [weakened('idleSignOut'), weakened('maximumSession')];
    assert.deepEqual(
      await after(() => (safety = { ...safety, idleSignOutMs: 0, maximumSessionMs: 0 })),
      ends,
    );
    assert.deepEqual(
      await after(() => (safety = { ...safety, idleSignOutMs: 60_000, maximumSessionMs: 60_000 })),
      [],
    );
    assert.deepEqual(
      await after(() => (safety = { ...safety, idleSignOutMs: 60_001, maximumSessionMs: 60_001 })),
      ends,
    );
  });

  it('says nothing of what makes the workbench safer', async () => {
    connections = [{ ...clinic, caFile: '/ca.pem', pinnedCertificate: { pem, sha256 } }];
    safety = { ...safety, proxyStrictSsl: false, retentionYears: 1 };
    const events = await after(() => {
      connections = [clinic];
      safety = { ...safety, proxyStrictSsl: true, retentionYears: 10 };
    });
    assert.deepEqual(events, [edited('caFile', 'pinnedCertificate')]);
  });

  it('finds at the next start what was edited while VS Code was closed', async () => {
    await watch().close();
    const first = watch();
    await first.look();
    await first.close();
    connections = [{ ...clinic, name: 'B' }];
    recorded = [];
    await watch().look();
    assert.equal(recorded.length, 1);
  });

  it('writes down once what several windows see', async () => {
    const [one, other] = [watch(), watch()];
    await one.look();
    recorded = [];
    connections = [{ ...clinic, name: 'B' }];
    await Promise.all([one.look(), one.look()]);
    await other.look();
    assert.equal(recorded.length, 1);
  });

  it('remembers nothing as seen before it is written down', async () => {
    let finish = (): void => undefined;
    flush = () => new Promise((resolve) => (finish = resolve));
    const looking = watch().look();
    while (recorded.length === 0) await Promise.resolve();
    assert.equal(document.text, undefined);
    finish();
    await looking;
    assert.notEqual(document.text, undefined);
  });

  it('writes down everything again where it cannot read what it saw last, and goes on', async () => {
    await watch().look();
    document.text = '{"connections":17}';
    recorded = [];
    await watch().look();
    assert.deepEqual(
      recorded.map(({ action }) => action),
      ['connection.changed'],
    );
  });

  it('says in the output that it could not look, and looks again at the next change', async () => {
    const audit = watch();
    document.failNext = new Error('disk full');
    await audit.look();
    assert.match(log.lines.join('\n'), /could not be compared/);
    recorded = [];
    changed.fire();
    await audit.close();
    assert.equal(recorded.length, 1);
  });

  it('is over once it is closed, and not before what it saw is written down', async () => {
    const audit = watch();
    let isWritten = false;
    flush = async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      isWritten = true;
    };
    changed.fire();
    await audit.close();
    assert.equal(isWritten, true);
    recorded = [];
    connections = [];
    changed.fire();
    await audit.close();
    assert.deepEqual(recorded, []);
  });
});
