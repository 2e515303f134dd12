import { l10n } from 'vscode';
import { presentBinding } from '../../core/connection/binding.ts';
import { rowsPerPage, type FhirResource, type SearchResult } from '../../core/fhir/fhirExplorer.ts';
import { summaryOf } from '../../core/fhir/resourceSummary.ts';
import type { ResourceDescription, SearchValue } from '../../core/fhir/searchParameters.ts';
import type { ExplorerView } from '../../protocol/fhirViews.ts';
import { recordNames } from '../scopeTexts.ts';
import type { FhirPanelPort, FhirSectionsServices } from './fhirPanelPort.ts';
import { countText, numberText } from '../formats.ts';

/** Parameters that FHIR has for all types and that help nobody who looks around. */
const hiddenParameters: ReadonlySet<string> = new Set(['_lastUpdated']);
const maxLine = 200;

/** The explorer of one panel: which type, which result, which rows. */
export class ExplorerState {
  readonly #services: FhirSectionsServices;
  readonly #port: FhirPanelPort;
  /** How many records of a type there are. */
  readonly #counted = new Map<string, number>();
  /** How many of them were seen, where the whole number is not known. */
  readonly #loaded = new Map<string, number>();
  #descriptions: readonly ResourceDescription[] = [];
  #boundTo: string | undefined;
  #selected: string | undefined;
  #result: SearchResult | undefined;
  #limit: number | undefined;

  constructor(services: FhirSectionsServices, port: FhirPanelPort) {
    this.#services = services;
    this.#port = port;
  }

  async open(): Promise<void> {
    this.#boundTo = this.#binding();
    this.#descriptions = await this.#services.fhir.descriptions(this.#port.connection());
    await this.#post();
  }

  /** Lets go of everything where the connection now leads to another server. */
  async follow(): Promise<void> {
    const boundTo = this.#binding();
    if (this.#boundTo === boundTo) return;
    this.#boundTo = boundTo;
    this.#result = undefined;
    this.#selected = undefined;
    this.#counted.clear();
    this.#loaded.clear();
    await this.open();
  }

  async select(type: string): Promise<void> {
    if (this.#selected !== type) this.#result = undefined;
    this.#selected = type;
    await this.#post();
  }

  async search(type: string, values: readonly SearchValue[], limit: number | undefined): Promise<void> {
    this.#selected = type;
    this.#limit = limit;
    this.#result = undefined;
    const work = this.#port.run('search', async (signal) => {
      await this.#post(true);
      const onProgress = (result: SearchResult): void => {
        this.#result = result;
        void this.postQuietly(true);
      };
      this.#result = await this.#services.fhir.search(
        this.#port.connection(),
        { type, values, limit, onProgress },
        signal,
      );
      const { count, isCapped } = this.#result;
      const isWhole = values.every(({ value }) => value.trim() === '') && !isCapped;
      const isAll = isWhole && (limit === undefined || count < limit);
      (isAll ? this.#counted : this.#loaded).set(type, count);
    });
    await work.catch(async (error: unknown) => {
      // What came before it ended early stays, and is no longer on its way.
      await this.postQuietly();
      throw error;
    });
    await this.#post();
  }

  async showRows(from: number): Promise<void> {
    const result = this.#result;
    if (!result) return;
    await this.#port.run('search', (signal) => result.show(from, signal));
    await this.#post();
  }

  resourceAt(index: number): FhirResource | undefined {
    const resource = this.#result?.page[index - this.#result.from];
    return resource?.id ? resource : undefined;
  }

  /** Where nobody waits for the answer. */
  async postQuietly(isRunning = false): Promise<void> {
    await this.#post(isRunning).catch(() => undefined);
  }

  async #post(isRunning = false): Promise<void> {
    const connection = this.#port.connection();
    const isSandbox = await this.#services.reveals.isSandbox(connection);
    const names = recordNames();
    const view: ExplorerView = {
      part: 'explorer',
      types: this.#descriptions
        .filter(({ canSearch }) => canSearch)
        .map(({ type }) => ({ type, records: names[type] ?? '', known: this.#countOf(type) })),
      isSandbox,
      isAllRevealed: this.#services.reveals.isAllRevealed(connection),
      ...this.#selectedPart(),
      ...this.#resultPart(isSandbox, isRunning),
    };
    this.#port.post(view);
  }

  #selectedPart(): Pick<ExplorerView, 'selected'> {
    const description = this.#descriptions.find(({ type }) => type === this.#selected);
    if (!description) return {};
    const parameters = description.searchParameters
      .filter(({ name }) => !hiddenParameters.has(name))
      .map(({ name, type }) => ({ name, kind: type }));
    return { selected: { type: description.type, parameters } };
  }

  #resultPart(isSandbox: boolean, isRunning: boolean): Pick<ExplorerView, 'result'> {
    const result = this.#result;
    if (!result) return {};
    const connection = this.#port.connection();
    const { reveals } = this.#services;
    const rows = result.page.map((resource, index) => {
      const isShown = isSandbox || reveals.isRevealed(connection, resource.resourceType, resource.id);
      const { id, what, state, about, updated, isMasked } = summaryOf(resource, isShown);
      const cut = (text: string): string => text.slice(0, maxLine);
      return {
        index: result.from + index,
        id: cut(id),
        ...{ what: cut(what), state: cut(state), about: cut(about), updated: cut(updated), isMasked },
      };
    });
    return {
      result: {
        type: result.type,
        from: result.from,
        count: result.count,
        pageSize: rowsPerPage,
        isRunning,
        text: this.#resultText(result, isRunning),
        rows,
      },
    };
  }

  #resultText({ count, isCapped, isComplete }: SearchResult, isRunning: boolean): string {
    const number = numberText(count);
    if (isRunning) {
      return countText(count, l10n.t('1 record so far'), l10n.t('{0} records so far', number));
    }
    if (!isComplete) return l10n.t('The search ended early; {0} records had come.', number);
    if (isCapped) {
      return l10n.t('Stopped after {0} records; the server has more. Narrow the search.', number);
    }
    if (this.#limit !== undefined && count >= this.#limit) {
      return l10n.t('The first {0} records; the server may have more.', number);
    }
    return countText(count, l10n.t('1 record'), l10n.t('{0} records', number));
  }

  #binding(): string {
    return presentBinding(this.#port.connection());
  }

  /** OpenEMR never tells a full count: what is not counted is only "loaded". */
  #countOf(type: string): string {
    const counted = this.#counted.get(type);
    if (counted !== undefined) return numberText(counted);
    const patients = type === 'Patient' ? this.#services.patientCount(this.#port.connection().id) : undefined;
    if (patients) {
      const number = numberText(patients.count);
      return patients.isAtLeast ? l10n.t('at least {0}', number) : number;
    }
    const loaded = this.#loaded.get(type);
    return loaded === undefined ? '' : l10n.t('{0} loaded', numberText(loaded));
  }
}
