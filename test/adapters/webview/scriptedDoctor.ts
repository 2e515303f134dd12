import { EventEmitter } from '../../../src/core/base/event.ts';
import type { DoctorPage, DoctorView } from '../../../src/protocol/doctorView.ts';
import type { DoctorBackend } from '../../../src/vscode/webview/doctorRequests.ts';

/** A doctor that says what the test wants, and remembers what it was asked. */
export class ScriptedDoctor implements DoctorBackend {
  readonly changed = new EventEmitter<string>();
  readonly onDidChange = this.changed.event;
  readonly calls: string[] = [];
  views: readonly DoctorView[] = [{ state: 'running', rows: [] }];

  page(): DoctorPage {
    return { doctor: { state: 'none' }, flows: [] };
  }

  run(connectionId: string, onChange: (view: DoctorView) => void): Promise<void> {
    this.calls.push(`run ${connectionId}`);
    for (const view of this.views) onChange(view);
    return Promise.resolve();
  }

  copy(connectionId: string, flow: string, exchange: number | undefined): Promise<boolean> {
    this.calls.push(`copy ${connectionId} ${flow} ${exchange ?? 'all'}`);
    return Promise.resolve(true);
  }

  copySupportReport(connectionId: string | undefined): Promise<void> {
    this.calls.push(`report ${connectionId ?? ''}`);
    return Promise.resolve();
  }
}
