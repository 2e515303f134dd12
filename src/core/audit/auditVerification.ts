import { createHmac } from 'node:crypto';
import type { AuditAnchor } from './auditAnchor.ts';
import { headLength, headPattern, macLength, macMark, sealLength, type AuditKey } from './auditChain.ts';
import { parseRecord } from './auditRecord.ts';
import type { AuditFile } from './auditStorage.ts';

export type AuditProblemKind =
  /** The line is no entry. */
  | 'unreadable'
  /** Its content does not fit its seal. */
  | 'changed'
  /** Entries between this one and the one before are gone. */
  | 'missing'
  /** It does not follow the one before: put in, repeated or moved. */
  | 'out-of-order'
  /** It names another key although no new segment begins here. */
  | 'key-swapped'
  /** The last line has no end: a crash, or somebody's edit. */
  | 'unfinished'
  /** The log ends before the entry that secret storage remembers. */
  | 'truncated'
  /** A file that secret storage remembers is gone, or one was put in. */
  | 'files-changed';

export interface AuditProblem {
  readonly kind: AuditProblemKind;
  readonly file?: string;
  /** Counted from 1. */
  readonly line?: number;
  /** The sequence number at which the chain breaks. */
  readonly seq?: number;
}

export interface AuditVerification {
  readonly entries: number;
  readonly files: number;
  /** No problem. Entries whose key is unavailable do not count as one. */
  readonly isIntact: boolean;
  /** The first problems, in the log's order. */
  readonly problems: readonly AuditProblem[];
  readonly problemCount: number;
  /** Entries before the first problem that are proved: sealed by a key that is there. */
  readonly provedBefore: number;
  /** Proved entries in all: sealed by a key that is there, and not changed. */
  readonly proved: number;
  readonly keyUnavailable: number;
  /** The entry up to which cutting off the end would show; 0 without an anchor. */
  readonly anchoredSeq: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly repairs: number;
  readonly gaps: number;
}

export interface VerificationOptions {
  readonly files: readonly AuditFile[];
  readonly keys: ReadonlyMap<string, AuditKey>;
  /** Read before the files were listed: they may have grown since. */
  readonly anchor: AuditAnchor | undefined;
  readonly onProgress?: (share: number) => void;
  readonly signal?: AbortSignal;
}

const maxProblems = 100;
const newline = 0x0a;
/** Longer than any entry: what has no newline within it is none. */
const maxLineBytes = 64 * 1024;

/**
 * Reads the whole log once and says what is proved. Works on bytes: only entries about the log itself are parsed.
 *
 * Throws what reading a file throws, and the signal's reason.
 */
export async function verifyAuditLog(options: VerificationOptions): Promise<AuditVerification> {
  const scan = new Scan(options);
  const total = options.files.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  for (const file of options.files) {
    scan.enterFile(file.name);
    let rest: Buffer = Buffer.alloc(0);
    for await (const chunk of file.read()) {
      options.signal?.throwIfAborted();
      rest = scan.lines(rest.length > 0 ? Buffer.concat([rest, chunk]) : bufferOf(chunk));
      done += chunk.length;
      options.onProgress?.(total === 0 ? 1 : done / total);
    }
    if (rest.length > 0) scan.problem('unfinished');
  }
  return scan.finish();
}

function bufferOf(chunk: Uint8Array): Buffer {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
}

class Scan {
  readonly #options: VerificationOptions;
  readonly #problems: AuditProblem[] = [];
  #problemCount = 0;
  #file = '';
  #line = 0;
  #entries = 0;
  #proved = 0;
  #provedBefore = 0;
  #keyUnavailable = 0;
  #firstSeq = 0;
  #seq = 0;
  #mac = '';
  #keyId = '';
  #key: AuditKey | undefined;
  #repairs = 0;
  #gaps = 0;
  #retainedThrough = 0;
  #sawAnchor = false;

  constructor(options: VerificationOptions) {
    this.#options = options;
  }

  enterFile(name: string): void {
    this.#file = name;
    this.#line = 0;
  }

  /** Takes whole lines; answers with what is left without an end. */
  lines(buffer: Buffer): Buffer {
    let start = 0;
    for (let end = buffer.indexOf(newline); end >= 0; end = buffer.indexOf(newline, start)) {
      this.#line += 1;
      this.#entry(buffer, start, end);
      start = end + 1;
    }
    const rest = buffer.subarray(start);
    if (rest.length <= maxLineBytes) return rest;
    this.problem('unreadable');
    return rest.subarray(rest.length - maxLineBytes);
  }

  problem(kind: AuditProblemKind, seq?: number): void {
    if (this.#problemCount === 0) this.#provedBefore = this.#proved;
    this.#problemCount += 1;
    if (this.#problems.length >= maxProblems) return;
    const place = this.#file ? { file: this.#file, line: Math.max(this.#line, 1) } : {};
    this.#problems.push({ kind, ...place, ...(seq === undefined ? {} : { seq }) });
  }

  #entry(buffer: Buffer, start: number, end: number): void {
    const head = headPattern.exec(buffer.toString('latin1', start, Math.min(start + headLength, end)));
    const mark = end - sealLength;
    const isSealed =
      head !== null &&
      mark > start &&
      buffer.toString('latin1', mark, mark + macMark.length) === macMark &&
      buffer.toString('latin1', end - 2, end) === '"}';
    if (!isSealed) {
      this.problem('unreadable', this.#seq + 1);
      return;
    }
    const seq = Number(head[1]);
    const macStart = mark + macMark.length;
    const mac = buffer.toString('latin1', macStart, macStart + macLength);
    this.#checkKey(head[3] ?? '', seq, buffer, start, mark);
    const isGenuine = this.#checkSeal(seq, mac, buffer, start, mark);
    this.#checkPlace(seq, head[2] ?? '');
    this.#entries += 1;
    this.#seq = seq;
    this.#mac = mac;
    if (isGenuine) this.#learn(buffer, start, end);
    this.#checkAnchor(seq, mac);
  }

  #checkKey(keyId: string, seq: number, buffer: Buffer, start: number, mark: number): void {
    if (keyId === this.#keyId) return;
    const beginsSegment = buffer.subarray(start, mark).includes('"action":"log.segmentStarted"');
    if (this.#keyId !== '' && !beginsSegment) this.problem('key-swapped', seq);
    this.#keyId = keyId;
    this.#key = this.#options.keys.get(keyId);
  }

  #checkSeal(seq: number, mac: string, buffer: Buffer, start: number, mark: number): boolean {
    if (!this.#key) {
      this.#keyUnavailable += 1;
      return false;
    }
    const sealed = createHmac('sha256', this.#key.key)
      .update(buffer.subarray(start, mark))
      .digest('base64url');
    if (sealed !== mac) {
      this.problem('changed', seq);
      return false;
    }
    this.#proved += 1;
    return true;
  }

  #checkPlace(seq: number, prev: string): void {
    if (this.#entries === 0) {
      this.#firstSeq = seq;
      return;
    }
    if (seq === this.#seq + 1 && prev === this.#mac) return;
    this.problem(seq > this.#seq + 1 ? 'missing' : 'out-of-order', this.#seq + 1);
  }

  /** Entries about the log itself; the others are not looked into. */
  #learn(buffer: Buffer, start: number, end: number): void {
    if (!buffer.subarray(start, end).includes('"action":"log.')) return;
    const record = parseRecord(buffer.toString('utf8', start, end));
    if (record?.action === 'log.repaired') this.#repairs += 1;
    if (record?.action === 'log.gap') this.#gaps += record.detail.entries;
    if (record?.action === 'log.retention') {
      this.#retainedThrough = Math.max(this.#retainedThrough, record.detail.throughSequence);
    }
  }

  #checkAnchor(seq: number, mac: string): void {
    const { anchor } = this.#options;
    if (seq !== anchor?.seq || mac !== anchor.mac) return;
    this.#sawAnchor = true;
    if (this.#keyId !== anchor.key) this.problem('key-swapped', seq);
  }

  finish(): AuditVerification {
    const { anchor, files } = this.#options;
    this.#file = '';
    // A removal that was written down may have been cut short: then the log begins before it ends.
    if (this.#firstSeq > this.#retainedThrough + 1) this.problem('missing', 1);
    if (anchor) this.#compareWithAnchor(anchor);
    return {
      entries: this.#entries,
      files: files.length,
      isIntact: this.#problemCount === 0,
      problems: this.#problems,
      problemCount: this.#problemCount,
      provedBefore: this.#problemCount === 0 ? this.#proved : this.#provedBefore,
      proved: this.#proved,
      keyUnavailable: this.#keyUnavailable,
      anchoredSeq: anchor?.seq ?? 0,
      firstSeq: this.#firstSeq,
      lastSeq: this.#seq,
      repairs: this.#repairs,
      gaps: this.#gaps,
    };
  }

  #compareWithAnchor(anchor: AuditAnchor): void {
    if (!this.#sawAnchor) this.problem('truncated', this.#seq + 1);
    const present = new Set(this.#options.files.map(({ name }) => name));
    const oldest = this.#options.files[0]?.name ?? '';
    const wasRetained = (name: string) => this.#retainedThrough > 0 && name < oldest;
    const gone = anchor.files.filter((name) => !present.has(name) && !wasRetained(name));
    const newest = anchor.files.at(-1) ?? '';
    const added = [...present].filter((name) => name < newest && !anchor.files.includes(name));
    if (gone.length > 0 || added.length > 0) this.problem('files-changed');
  }
}
