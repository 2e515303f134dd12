import { EventEmitter } from '../../../src/core/base/event.ts';
import type { AuditBackend } from '../../../src/vscode/webview/auditRequests.ts';

/** An audit log that says what a test wants to hear. */
export class ScriptedAuditLog implements AuditBackend {
  readonly #changes = new EventEmitter<void>();
  readonly onDidChange = this.#changes.event;
  readonly asked: unknown[][] = [];

  page(...asked: Parameters<AuditBackend['page']>): ReturnType<AuditBackend['page']> {
    this.asked.push(['page', ...asked]);
    return Promise.resolve({ rows: [], actions: [], notices: [], expiredFiles: 0 });
  }

  verify(onProgress: (share: number) => void): ReturnType<AuditBackend['verify']> {
    onProgress(0.5);
    return Promise.resolve({ tone: 'good', headline: 'The audit log is intact.', lines: [] });
  }

  export(format: 'csv' | 'jsonl'): Promise<boolean> {
    this.asked.push(['export', format]);
    return Promise.resolve(format === 'csv');
  }

  removeExpired(): Promise<number> {
    return Promise.resolve(2);
  }

  change(): void {
    this.#changes.fire();
  }
}
