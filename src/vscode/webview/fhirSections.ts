import { l10n, window } from 'vscode';
import { isWorkbenchError } from '../../core/base/errors.ts';
import { DisposableStore, type Disposable } from '../../core/base/disposable.ts';
import type { Connection } from '../../core/connection/connection.ts';
import type { ProbeProgress } from '../../core/fhir/resourceProbe.ts';
import type { FhirAsk, FhirSection } from '../../protocol/fhirViews.ts';
import type { ActionOutcome } from '../../protocol/outcomes.ts';
import { agreesToReveal } from '../environment.ts';
import { tokenView } from '../tokenTexts.ts';
import { ExplorerState } from './explorerState.ts';
import type { FhirPanelPort, FhirSectionsServices } from './fhirPanelPort.ts';
import { fhirStrings } from './fhirStrings.ts';
import { matrixView, scopesView, timingView } from './fhirViewModels.ts';

/** The FHIR sections of one panel: scopes and matrix, token, explorer. */
export class FhirSections implements Disposable {
  readonly #services: FhirSectionsServices;
  readonly #port: FhirPanelPort;
  readonly #explorer: ExplorerState;
  readonly #opened = new Set<FhirSection>();
  readonly #disposables = new DisposableStore();
  #probing: ReadonlyMap<string, ProbeProgress> | undefined;
  #probeMs: number | undefined;

  constructor(services: FhirSectionsServices, port: FhirPanelPort) {
    this.#services = services;
    this.#port = port;
    this.#explorer = new ExplorerState(services, port);
    this.#disposables.add(
      services.connections.connectionChanged((id) => {
        if (id === undefined || id === this.#connectionId()) void this.#bringUpToDate();
      }),
    );
    this.#disposables.add(services.reveals.onDidChange(() => void this.#explorer.postQuietly()));
  }

  /** Does what the page asks; its views go by the port. */
  async answer(ask: FhirAsk): Promise<ActionOutcome> {
    try {
      return await this.#do(ask);
    } catch (error) {
      if (isWorkbenchError(error, 'operation/cancelled')) return { kind: 'cancelled' };
      return { kind: 'failed', error: this.#services.present(error) };
    }
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  async #do(ask: FhirAsk): Promise<ActionOutcome> {
    const { documents, fhir, reveals } = this.#services;
    const connection = this.#port.connection();
    switch (ask.kind) {
      case 'open':
        this.#port.post({ part: 'strings', strings: fhirStrings() });
        this.#opened.add(ask.section);
        await this.#show(ask.section);
        return done();
      case 'probe':
        await this.#probe(connection);
        return done();
      case 'selectType':
        await this.#explorer.select(ask.type);
        return done();
      case 'search':
        await this.#explorer.search(ask.type, ask.values, ask.limit);
        return done();
      case 'showRows':
        await this.#explorer.showRows(ask.from);
        return done();
      case 'openResource': {
        const resource = this.#explorer.resourceAt(ask.index);
        if (resource) await documents.open(connection, resource.resourceType, resource.id);
        return done();
      }
      case 'reveal': {
        const resource = this.#explorer.resourceAt(ask.index);
        if (!resource) return done();
        if (!(await agreesToReveal(connection))) return { kind: 'cancelled' };
        reveals.reveal(connection, resource.resourceType, resource.id);
        return done();
      }
      case 'revealAll':
        if (!(await agreesToRevealAll(connection))) return { kind: 'cancelled' };
        reveals.revealAll(connection);
        return done();
      case 'mask': {
        const resource = this.#explorer.resourceAt(ask.index);
        if (resource) reveals.mask(connection, resource.resourceType, resource.id);
        return done();
      }
      case 'maskAll':
        reveals.maskAll(connection);
        return done(l10n.t('Everything is masked again.'));
      case 'openUser': {
        const [type = '', id = ''] = (await fhir.tokenDetails(connection))?.user?.reference.split('/') ?? [];
        if (type && id) await documents.open(connection, type, id);
        return done();
      }
      case 'copyAccessToken':
        return this.#copyAccessToken(connection);
      case 'exportReport':
        return (await this.#services.reports.export(connection, ask.format))
          ? done(l10n.t('The report was written.'))
          : { kind: 'cancelled' };
    }
  }

  async #copyAccessToken(connection: Connection): Promise<ActionOutcome> {
    const { sessions, clipboard } = this.#services;
    const tokens = await sessions.tokens(connection);
    if (!tokens) return done(l10n.t('There is no login.'));
    return (await clipboard.copy(connection.id, connection.name, tokens.accessToken))
      ? done(l10n.t('The access token is on the clipboard for a minute.'))
      : { kind: 'cancelled' };
  }

  async #show(section: FhirSection): Promise<void> {
    const connection = this.#port.connection();
    switch (section) {
      case 'scopes':
        await this.#postScopes(connection);
        this.#postMatrix(connection);
        this.#postTiming(connection);
        return;
      case 'token':
        this.#port.post(tokenView(await this.#services.fhir.tokenDetails(connection)));
        return;
      case 'explorer':
        await this.#explorer.open();
    }
  }

  async #probe(connection: Connection): Promise<void> {
    const { fhir } = this.#services;
    const rows = new Map<string, ProbeProgress>();
    this.#probing = rows;
    const startedAt = performance.now();
    try {
      await this.#port.run('probe', async (signal) => {
        this.#postMatrix(connection);
        await fhir.probe(
          connection,
          (row) => {
            rows.set(row.type, row);
            this.#postMatrix(connection);
          },
          signal,
        );
      });
    } finally {
      this.#probing = undefined;
      this.#probeMs = performance.now() - startedAt;
      this.#postMatrix(connection);
      this.#postTiming(connection);
    }
  }

  async #postScopes(connection: Connection): Promise<void> {
    const { fhir, clients } = this.#services;
    const report = await fhir.scopes(connection);
    const current = clients.registeredAt(connection).find(({ clientId }) => clientId === connection.clientId);
    this.#port.post(scopesView(connection, report, current?.clientName));
  }

  #postMatrix(connection: Connection): void {
    const { fhir } = this.#services;
    this.#port.post(
      matrixView({
        running: this.#probing && [...this.#probing.values()],
        scopeFor: (type) => fhir.readScope(connection, type),
        last: fhir.lastProbe(connection.id),
        total: fhir.knownTypes(connection),
        durationMs: this.#probeMs,
      }),
    );
  }

  #postTiming({ id }: Connection): void {
    const { latency } = this.#services;
    this.#port.post(timingView(latency.runs(id, 'test'), latency.runs(id, 'matrix')));
  }

  /** After a login, a refresh or an edit; what fails then is shown where it is asked for. */
  async #bringUpToDate(): Promise<void> {
    for (const section of this.#opened) {
      const update = section === 'explorer' ? this.#explorer.follow() : this.#show(section);
      await update.catch(() => undefined);
    }
  }

  #connectionId(): string | undefined {
    try {
      return this.#port.connection().id;
    } catch {
      return undefined;
    }
  }
}

async function agreesToRevealAll({ name }: Connection): Promise<boolean> {
  const reveal = l10n.t('Reveal all');
  const question = l10n.t('Show names, dates and everything else of all records of {0}?', name);
  const detail = l10n.t(
    'Until this window closes nothing of this connection is masked. It is written to the audit log. Whoever sees your screen sees it too.',
  );
  return (await window.showWarningMessage(question, { modal: true, detail }, reveal)) === reveal;
}

function done(message = ''): ActionOutcome {
  return { kind: 'done', message };
}
