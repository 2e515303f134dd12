import * as z from 'zod/mini';
import { DisposableStore, type Disposable } from '../base/disposable.ts';
import type { Event } from '../base/event.ts';
import { fingerprint } from '../connection/binding.ts';
import type { Connection } from '../connection/connection.ts';
import type { Log, SharedDocument } from '../ports.ts';
import { connectionFields, type AuditEvent, type AuditRecorder, type Weakening } from './auditEvent.ts';

/** Settings beside the connections that can make the workbench less safe. */
export interface HostSafety {
  /** False where VS Code's `http.proxyStrictSSL` is off. */
  readonly proxyStrictSsl: boolean;
  readonly retentionYears: number;
  /** Milliseconds after which an idle login ends; 0 for never. */
  readonly idleSignOutMs: number;
  /** Milliseconds after which a login ends, idle or not; 0 for never. */
  readonly maximumSessionMs: number;
}

export interface SettingsAuditOptions {
  readonly connections: () => readonly Connection[];
  readonly hostSafety: () => HostSafety;
  readonly onDidChange: readonly Event<unknown>[];
  /** What was seen last, by whatever window: of the windows that see a change, one writes it down. */
  readonly document: SharedDocument;
  readonly audit: AuditRecorder & {
    /** Resolves when what was recorded is written, or could not be. */
    flush(): Promise<void>;
  };
  readonly log: Log;
}

const seenSchema = z.object({
  connections: z.record(z.string(), z.record(z.string(), z.string())),
  proxyStrictSsl: z.boolean(),
  retentionYears: z.number(),
  idleSignOutMs: z.number(),
  maximumSessionMs: z.number(),
});
type Seen = z.infer<typeof seenSchema>;
type Field = (typeof connectionFields)[number];

/** The sources of settings are many (panel, settings.json, another window, while VS Code was closed): this watches them. */
export class SettingsAudit implements Disposable {
  readonly #options: SettingsAuditOptions;
  readonly #subscriptions = new DisposableStore();
  #running: Promise<void> = Promise.resolve();

  constructor(options: SettingsAuditOptions) {
    this.#options = options;
    for (const onDidChange of options.onDidChange)
      this.#subscriptions.add(onDidChange(() => void this.look()));
  }

  /** Compares with what was seen last and writes down what changed. Never throws. */
  look(): Promise<void> {
    this.#running = this.#running.then(() => this.#look());
    return this.#running;
  }

  async #look(): Promise<void> {
    const { connections, hostSafety, document, audit, log } = this.#options;
    const present = connections();
    const now: Seen = {
      ...hostSafety(),
      connections: Object.fromEntries(
        present.map((connection) => [connection.id, fingerprintsOf(connection)]),
      ),
    };
    try {
      if (JSON.stringify(seenOf(await document.read())) === JSON.stringify(now)) return;
      await document.update(async (stored) => {
        for (const event of changes(seenOf(stored), now, present)) audit.record(event);
        // Remembered as seen only when it is written down: whoever is killed in between writes it twice, not never.
        await audit.flush();
        return now;
      });
    } catch {
      log.warn('Changed settings could not be compared for the audit log; trying again at the next change.');
    }
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  /** Looks no further; resolves when what it was looking at is written down. */
  async close(): Promise<void> {
    this.dispose();
    await this.#running;
  }
}

function seenOf(stored: unknown): Seen | undefined {
  const parsed = seenSchema.safeParse(stored);
  return parsed.success ? parsed.data : undefined;
}

function changes(before: Seen | undefined, now: Seen, present: readonly Connection[]): AuditEvent[] {
  const earlier = before?.connections ?? {};
  const events = present.flatMap((connection) =>
    changesOf(connection, earlier[connection.id], now.connections[connection.id] ?? {}),
  );
  for (const id of Object.keys(earlier)) {
    if (!(id in now.connections)) events.push(connectionChanged(id, 'removed', []));
  }
  if (!now.proxyStrictSsl && before?.proxyStrictSsl !== false) events.push(weakened('proxyStrictSSL'));
  if (before && now.retentionYears < before.retentionYears) events.push(weakened('auditRetention'));
  if (before && isLonger(now.idleSignOutMs, before.idleSignOutMs)) events.push(weakened('idleSignOut'));
  if (before && isLonger(now.maximumSessionMs, before.maximumSessionMs))
    events.push(weakened('maximumSession'));
  return events;
}

/** 0 is for ever. */
function isLonger(now: number, before: number): boolean {
  return (now || Infinity) > (before || Infinity);
}

function changesOf(
  connection: Connection,
  before: Record<string, string> | undefined,
  now: Record<string, string>,
): AuditEvent[] {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(now)]);
  const changed = [...names].filter((name) => before?.[name] !== now[name]);
  if (changed.length === 0) return [];
  const fields = [...new Set(changed.map(fieldOf))];
  const { id, pinnedCertificate, caFile, baseUrl } = connection;
  return [
    connectionChanged(id, before ? 'edited' : 'created', before ? fields : []),
    ...(pinnedCertificate && fields.includes('pinnedCertificate')
      ? [certificateTrusted(id, pinnedCertificate.sha256)]
      : []),
    ...(caFile && fields.includes('caFile') ? [weakened('caFile', id)] : []),
    ...(baseUrl.startsWith('http:') && fields.includes('baseUrl') ? [weakened('plainHttp', id)] : []),
  ];
}

function fieldOf(name: string): Field {
  return (connectionFields as readonly string[]).includes(name) ? (name as Field) : 'other';
}

function fingerprintsOf(connection: Connection): Record<string, string> {
  return Object.fromEntries(
    Object.entries(connection)
      .filter(([name, value]) => name !== 'id' && value !== undefined)
      .map(([name, value]) => [name, fingerprint(name, JSON.stringify(value)).slice(0, 22)]),
  );
}

function connectionChanged(
  connection: string,
  change: 'created' | 'edited' | 'removed',
  fields: Field[],
): AuditEvent {
  return { action: 'connection.changed', outcome: 'success', connection, detail: { change, fields } };
}

function certificateTrusted(connection: string, sha256: string): AuditEvent {
  return { action: 'certificate.trusted', outcome: 'success', connection, detail: { sha256 } };
}

function weakened(setting: Weakening, connection?: string): AuditEvent {
  return {
    ...{ action: 'setting.weakened', outcome: 'success', detail: { setting } },
    ...(connection === undefined ? {} : { connection }),
  };
}
