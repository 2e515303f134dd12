import {
  CodeLens,
  DocumentLink,
  EventEmitter,
  l10n,
  languages,
  Range,
  Uri,
  window,
  workspace,
  commands,
  type CodeLensProvider,
  type DocumentLinkProvider,
  type TextDocument,
} from 'vscode';
import { DisposableStore, type Disposable } from '../core/base/disposable.ts';
import type { Connection } from '../core/connection/connection.ts';
import type { ConnectionService } from '../core/connection/connectionService.ts';
import { maskResource } from '../core/fhir/masking.ts';
import type { FhirService } from '../core/fhir/fhirService.ts';
import type { PresentedError } from '../protocol/viewModels.ts';
import { agreesToReveal } from './environment.ts';
import type { FhirReveals } from './fhirReveals.ts';
import { fhirScheme, type RecordDocumentsSource } from './recordDocuments.ts';

const revealCommand = 'openemr.revealFhirResource';
const maskCommand = 'openemr.maskFhirResource';
const readAgainCommand = 'openemr.readFhirResourceAgain';
const referencePattern = /"reference":\s*"([A-Z][A-Za-z]{1,63})\/([A-Za-z0-9.-]{1,64})"/g;

export interface FhirDocumentsDependencies {
  readonly connections: Pick<ConnectionService, 'find'>;
  readonly fhir: Pick<FhirService, 'read'>;
  readonly reveals: FhirReveals;
  readonly present: (error: unknown) => PresentedError;
}

interface ResourceAddress {
  readonly connection: Connection;
  readonly type: string;
  readonly id: string;
}

/** A record as a read-only document. It lives in the editor's memory alone and is read anew each time. */
export class FhirDocuments
  implements RecordDocumentsSource, CodeLensProvider, DocumentLinkProvider, Disposable
{
  readonly #dependencies: FhirDocumentsDependencies;
  readonly #changed = new EventEmitter<Uri>();
  readonly #disposables = new DisposableStore();
  readonly #lensesChanged = new EventEmitter<void>();
  /** Records that could not be read the last time. */
  readonly #unread = new Set<string>();
  readonly onDidChange = this.#changed.event;
  readonly onDidChangeCodeLenses = this.#lensesChanged.event;

  constructor(dependencies: FhirDocumentsDependencies) {
    this.#dependencies = dependencies;
    const selector = { scheme: fhirScheme };
    const own: Disposable[] = [
      languages.registerCodeLensProvider(selector, this),
      languages.registerDocumentLinkProvider(selector, this),
      commands.registerCommand(revealCommand, (target: unknown) => this.#setRevealed(target, true)),
      commands.registerCommand(maskCommand, (target: unknown) => this.#setRevealed(target, false)),
      commands.registerCommand(readAgainCommand, (target: unknown) => {
        if (typeof target === 'string') this.#changed.fire(Uri.parse(target));
      }),
      dependencies.reveals.onDidChange(() => this.#refreshAll()),
      this.#changed,
      this.#lensesChanged,
    ];
    for (const disposable of own) this.#disposables.add(disposable);
  }

  /** Opens a record beside the panel. */
  async open({ id: connectionId }: Connection, type: string, id: string): Promise<void> {
    const document = await workspace.openTextDocument(addressOf(connectionId, type, id));
    await window.showTextDocument(document, { preview: true });
  }

  async provideTextDocumentContent(uri: Uri): Promise<string> {
    const address = this.#addressIn(uri);
    if (!address) return failureText(l10n.t('This connection is not there any more.'));
    const { connection, type, id } = address;
    try {
      const resource = await this.#dependencies.fhir.read(connection, type, id);
      const isShown = await this.#isShown(address);
      this.#noteRead(uri, true);
      return JSON.stringify(isShown ? resource : maskResource(resource), undefined, 2);
    } catch (error) {
      this.#noteRead(uri, false);
      const { happened, why, remedy } = this.#dependencies.present(error);
      return failureText(happened, why, remedy);
    }
  }

  async provideCodeLenses(document: TextDocument): Promise<CodeLens[]> {
    const address = this.#addressIn(document.uri);
    if (!address) return [];
    const top = new Range(0, 0, 0, 0);
    const target = [document.uri.toString()];
    if (this.#unread.has(document.uri.toString())) {
      const title = l10n.t('$(refresh) Read again');
      return [new CodeLens(top, { title, command: readAgainCommand, arguments: target })];
    }
    if (await this.#dependencies.reveals.isSandbox(address.connection)) {
      return [new CodeLens(top, { title: l10n.t('$(beaker) Sandbox: made-up data'), command: '' })];
    }
    const isRevealed = this.#isRevealed(address);
    const title = this.#dependencies.reveals.isAllRevealed(address.connection)
      ? l10n.t('$(eye-closed) All are revealed. Mask all again')
      : isRevealed
        ? l10n.t('$(eye-closed) Revealed. Mask again')
        : l10n.t('$(eye) Masked. Reveal this record');
    const command = isRevealed ? maskCommand : revealCommand;
    return [new CodeLens(top, { title, command, arguments: target })];
  }

  provideDocumentLinks(document: TextDocument): DocumentLink[] {
    const address = this.#addressIn(document.uri);
    if (!address) return [];
    return [...document.getText().matchAll(referencePattern)].map(
      ({ 0: whole, 1: type = '', 2: id = '', index }) => {
        const text = `${type}/${id}`;
        const start = index + whole.lastIndexOf(text);
        const range = new Range(document.positionAt(start), document.positionAt(start + text.length));
        return new DocumentLink(range, addressOf(address.connection.id, type, id));
      },
    );
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  #noteRead(uri: Uri, isRead: boolean): void {
    if (isRead) this.#unread.delete(uri.toString());
    else this.#unread.add(uri.toString());
    this.#lensesChanged.fire();
  }

  async #setRevealed(target: unknown, isRevealed: boolean): Promise<void> {
    const address = typeof target === 'string' ? this.#addressIn(Uri.parse(target)) : undefined;
    if (!address) return;
    const { connection, type, id } = address;
    const { reveals } = this.#dependencies;
    if (isRevealed) {
      if (await agreesToReveal(connection)) reveals.reveal(connection, type, id);
    } else if (reveals.isAllRevealed(connection)) reveals.maskAll(connection);
    else reveals.mask(connection, type, id);
  }

  async #isShown(address: ResourceAddress): Promise<boolean> {
    return this.#isRevealed(address) || this.#dependencies.reveals.isSandbox(address.connection);
  }

  #isRevealed({ connection, type, id }: ResourceAddress): boolean {
    return this.#dependencies.reveals.isRevealed(connection, type, id);
  }

  #addressIn(uri: Uri): ResourceAddress | undefined {
    const [, connectionId = '', type = '', id = ''] =
      /^\/([A-Za-z0-9_-]{1,64})\/([A-Z][A-Za-z]{0,63})\/([A-Za-z0-9.-]{1,64})\.json$/.exec(uri.path) ?? [];
    const connection =
      uri.scheme === fhirScheme ? this.#dependencies.connections.find(connectionId) : undefined;
    return connection && { connection, type, id };
  }

  #refreshAll(): void {
    this.#lensesChanged.fire();
    for (const { uri } of workspace.textDocuments) if (uri.scheme === fhirScheme) this.#changed.fire(uri);
  }
}

function addressOf(connectionId: string, type: string, id: string): Uri {
  return Uri.from({ scheme: fhirScheme, path: `/${connectionId}/${type}/${id}.json` });
}

/** Still JSON, since that is the document's language. */
function failureText(...sentences: readonly string[]): string {
  return JSON.stringify({ notShown: sentences.filter(Boolean) }, undefined, 2);
}
