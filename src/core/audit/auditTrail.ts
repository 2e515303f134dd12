import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import { toWorkbenchError } from '../base/errors.ts';
import { EventEmitter, type Event } from '../base/event.ts';
import type { Log } from '../ports.ts';
import type { AuditAnchors } from './auditAnchor.ts';
import { emptyTail, sealEntry, type AuditKey, type AuditTail } from './auditChain.ts';
import {
  auditEntrySchema,
  fhirReference,
  type AuditEntry,
  type AuditEvent,
  type AuditRecorder,
} from './auditEvent.ts';
import type { AuditKeys } from './auditKeys.ts';
import type { AuditLogState, AuditStorage, SealedLines } from './auditStorage.ts';

export interface AuditTrailOptions {
  readonly storage: AuditStorage;
  readonly keys: AuditKeys;
  readonly anchors: AuditAnchors;
  readonly clock: Clock;
  readonly log: Log;
  /** Pseudonym of the operating system's user: 16 hexadecimal digits. */
  readonly osUser: string;
  /** Eight hexadecimal digits. */
  readonly window: string;
  /**
   * False where windows do not share secret storage: there a write of this window would make the others' view out of
   * date, so the anchor goes along with a token write only.
   */
  readonly anchorsByItself: boolean;
}

export const anchorDelayMs = 10_000;
export const anchorEveryEntries = 100;
const retryDelayMs = 10_000;
/** Entries kept in memory while the disk refuses them. */
const maxWaiting = 1000;

/** Writes the audit log: in order, at once, in the background. What cannot be written is kept, counted and said. */
export class AuditTrail implements AuditRecorder, Disposable {
  readonly #options: AuditTrailOptions;
  readonly #written = new EventEmitter<void>();
  /** Entries were added by this window. */
  readonly onDidWrite: Event<void> = this.#written.event;
  #waiting: AuditEntry[] = [];
  #lost = { 'not-writable': 0, invalid: 0 };
  #drain: Promise<void> | undefined;
  #isFailing = false;
  #retry: Disposable | undefined;
  /** The latest entry that is known to have existed: a log that ends before it was cut off. */
  #floor: AuditTail | undefined;
  #sealedTail: AuditTail = emptyTail;
  #sinceAnchor = 0;
  /** FHIR references by connection, of this window. */
  readonly #signedIn = new Map<string, string>();
  #anchoring: Promise<void> = Promise.resolve();
  #anchorTimer: Disposable | undefined;

  constructor(options: AuditTrailOptions) {
    this.#options = options;
  }

  /** Whether the log could not be written the last time. */
  get isFailing(): boolean {
    return this.#isFailing;
  }

  record(event: AuditEvent): void {
    const entry = this.#entryOf(event);
    if (!entry) this.#lost.invalid += 1;
    else if (this.#waiting.length >= maxWaiting) this.#lost['not-writable'] += 1;
    else this.#waiting.push(entry);
    void this.#start();
  }

  /** Resolves when everything that was recorded is written, or could not be. */
  async flush(): Promise<void> {
    await this.#start();
  }

  /** Writes what waits, asks the disk to keep it, and anchors the end. Never throws. */
  async close(): Promise<void> {
    await this.flush();
    this.#retry?.dispose();
    this.#anchorTimer?.dispose();
    if (this.#options.anchorsByItself) await this.anchor();
    if (this.#waiting.length > 0)
      this.#options.log.warn(`Entries of the audit log that could not be written: ${this.#waiting.length}.`);
  }

  dispose(): void {
    this.#retry?.dispose();
    this.#anchorTimer?.dispose();
    this.#written.dispose();
  }

  /** Lets secret storage remember the log's end. Never throws. */
  anchor(): Promise<void> {
    this.#anchoring = this.#anchoring.then(() => this.#anchorEnd());
    return this.#anchoring;
  }

  async #anchorEnd(): Promise<void> {
    this.#anchorTimer?.dispose();
    this.#anchorTimer = undefined;
    const tail = this.#floor;
    const entries = this.#sinceAnchor;
    if (!tail || entries === 0) return;
    const { storage, anchors, log } = this.#options;
    try {
      await storage.sync();
      const files = (await storage.files()).map(({ name }) => name);
      await anchors.write({ ...tail, files });
      this.#sinceAnchor -= entries;
    } catch (error) {
      log.warn(`The audit log's end could not be anchored (${toWorkbenchError(error).code}).`);
    }
  }

  #entryOf(event: AuditEvent): AuditEntry | undefined {
    const { clock, osUser, window } = this.#options;
    const { fhirUser, ...rest } = event;
    const reference = this.#whoIsSignedIn(rest, fhirReference(fhirUser));
    const parsed = auditEntrySchema.safeParse({
      time: new Date(clock.now()).toISOString(),
      window,
      actor: { os: osUser, ...(reference ? { fhirUser: reference } : {}) },
      ...rest,
    });
    return parsed.success ? parsed.data : undefined;
  }

  /** As the login told it, or a renewal: what is done later on the connection is done by the same person. */
  #whoIsSignedIn(event: Omit<AuditEvent, 'fhirUser'>, told: string | undefined): string | undefined {
    const { action, connection = '', outcome } = event;
    if (told) this.#signedIn.set(connection, told);
    const reference = action === 'login' ? told : this.#signedIn.get(connection);
    if (action === 'logout' && outcome === 'success') this.#signedIn.delete(connection);
    return reference;
  }

  #start(): Promise<void> {
    return (this.#drain ??= this.#writeAll());
  }

  async #writeAll(): Promise<void> {
    const { keys, storage, log } = this.#options;
    try {
      await this.#prepare();
      const key = await keys.current();
      while (this.#waiting.length > 0 || this.#lostEntries().length > 0) {
        const batch = [...this.#lostEntries(), ...this.#waiting];
        const count = this.#waiting.length;
        const told = { ...this.#lost };
        await storage.append((state) => this.#seal(state, key, batch));
        this.#waiting = this.#waiting.slice(count);
        this.#lost['not-writable'] -= told['not-writable'];
        this.#lost.invalid -= told.invalid;
        this.#onWritten(batch.length);
      }
      this.#isFailing = false;
    } catch (error) {
      this.#isFailing = true;
      log.warn(`The audit log could not be written (${toWorkbenchError(error).code}); trying again.`);
      this.#retry?.dispose();
      this.#retry = this.#options.clock.schedule(() => void this.#start(), retryDelayMs);
    } finally {
      // In the same turn as the last look at what waits: later, an entry would be left to a drain that is over.
      this.#drain = undefined;
    }
  }

  /** What secret storage knows of the log counts from the first entry on. */
  async #prepare(): Promise<void> {
    if (this.#floor) return;
    const anchor = await this.#options.anchors.read();
    this.#floor = anchor ? { seq: anchor.seq, mac: anchor.mac, key: anchor.key } : emptyTail;
  }

  #seal(state: AuditLogState, key: AuditKey, batch: readonly AuditEntry[]): SealedLines {
    const floor = this.#floor ?? emptyTail;
    const isTruncated = state.tail.seq < floor.seq;
    let tail = isTruncated ? floor : state.tail;
    const reason = this.#segmentReason(state, tail, key, isTruncated);
    const entries = [
      ...(reason
        ? [this.#own({ action: 'log.segmentStarted', outcome: 'success', detail: { reason } })]
        : []),
      ...(state.repairedBytes > 0
        ? [this.#own({ action: 'log.repaired', outcome: 'success', detail: { bytes: state.repairedBytes } })]
        : []),
      ...batch,
    ];
    let text = '';
    for (const entry of entries) {
      const sealed = sealEntry(tail, key, entry);
      text += sealed.line;
      tail = sealed.tail;
    }
    this.#sealedTail = tail;
    return { text, tail };
  }

  #segmentReason(state: AuditLogState, tail: AuditTail, key: AuditKey, isTruncated: boolean) {
    if (isTruncated) return 'truncated';
    if (state.isUnreadable) return 'unreadable';
    if (tail.seq === 0) return 'first';
    return tail.key === key.id ? undefined : 'key-unavailable';
  }

  #own(event: AuditEvent): AuditEntry {
    const entry = this.#entryOf(event);
    if (!entry) throw new Error('An entry of the log itself does not follow the schema.');
    return entry;
  }

  #lostEntries(): AuditEntry[] {
    return (['not-writable', 'invalid'] as const).flatMap((reason) =>
      this.#lost[reason] > 0
        ? [
            this.#own({
              action: 'log.gap',
              outcome: 'failure',
              detail: { entries: this.#lost[reason], reason },
            }),
          ]
        : [],
    );
  }

  #onWritten(entries: number): void {
    this.#floor = this.#sealedTail;
    this.#sinceAnchor += entries;
    this.#written.fire();
    if (!this.#options.anchorsByItself) return;
    if (this.#sinceAnchor >= anchorEveryEntries) void this.anchor();
    else this.#anchorTimer ??= this.#options.clock.schedule(() => void this.anchor(), anchorDelayMs);
  }
}
