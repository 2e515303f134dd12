import { EventEmitter, workspace, type Event, type TextDocumentContentProvider, type Uri } from 'vscode';

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
  let followed: RecordDocumentsSource | undefined;
  const loadSource = async (): Promise<RecordDocumentsSource> => {
    const source = await load();
    // A workbench that was loaded anew has documents of its own.
    if (followed !== source) source.onDidChange((uri) => changes.fire(uri));
    followed = source;
    return source;
  };
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
