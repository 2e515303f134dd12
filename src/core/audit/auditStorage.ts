import type { AuditTail } from './auditChain.ts';

/** What a writer has to know of the log that it appends to. */
export interface AuditLogState {
  readonly tail: AuditTail;
  /** Bytes of an unfinished line that were taken off the end. */
  readonly repairedBytes: number;
  /** The end of the log is no entry: the chain starts anew in a new file. */
  readonly isUnreadable: boolean;
}

export interface SealedLines {
  readonly text: string;
  readonly tail: AuditTail;
}

export interface AuditFile {
  readonly name: string;
  /** Bytes, when the list was made: what is appended later is not read. */
  readonly size: number;
  read(): AsyncIterable<Uint8Array>;
  /** Whole lines, the last one first. */
  newestFirst(): AsyncIterable<string>;
}

/** The files of the audit log, shared by all windows of a machine. */
export interface AuditStorage {
  /**
   * Seals and appends as one step, safe against other windows. Throws WorkbenchError `storage/write-failed`; then
   * nothing was added.
   */
  append(seal: (state: AuditLogState) => SealedLines): Promise<void>;
  /** Oldest first. Throws WorkbenchError `storage/write-failed` where they cannot be read. */
  files(): Promise<readonly AuditFile[]>;
  /** Throws WorkbenchError `storage/write-failed`; then some of them may be gone. */
  remove(names: readonly string[]): Promise<void>;
  /** Asks the operating system to write everything to the disk. */
  sync(): Promise<void>;
}
