import { EventEmitter, workspace, type Event, type TextDocumentContentProvider, type Uri } from 'vscode';
import { followLoaded } from './followLoaded.ts';

/** Shown as `openemr-fhir:/<connection>/<type>/<id>.json`. */
export const fhirScheme = 'openemr-fhir';

export interface RecordDocumentsSource extends TextDocumentContentProvider {
  readonly onDidChange: Event<Uri>;
}

/**
 * Records as documents from the editor's start on; what reads them is loaded by the first that is asked for. One that
 * is still open from before, as after a restart of the extensions alone, is read anew: masked, since nobody revealed
 * it to this window yet.
 */
export function registerRecordDocuments(load: () => Promise<RecordDocumentsSource>): { dispose(): void } {
  const changes = new EventEmitter<Uri>();
  const loadSource = followLoaded(load, (source) => source.onDidChange((uri) => changes.fire(uri)));
  const registration = workspace.registerTextDocumentContentProvider(fhirScheme, {
    onDidChange: changes.event,
    provideTextDocumentContent: async (uri, cancellation) =>
      (await loadSource()).provideTextDocumentContent(uri, cancellation),
  });
  for (const { uri } of workspace.textDocuments) if (uri.scheme === fhirScheme) changes.fire(uri);
  return {
    dispose: () => {
      registration.dispose();
      changes.dispose();
    },
  };
}
