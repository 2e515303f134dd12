import { l10n, ProgressLocation, window } from 'vscode';
import { freeName } from '../core/connection/connectionFile.ts';
import type { FieldProblem, PanelViewModel } from '../protocol/viewModels.ts';
import type { ActiveConnection } from './activeConnection.ts';
import { plainText } from './plainText.ts';
import { DraftTrust } from './webview/draftTrust.ts';
import type { PanelBackend } from './webview/panelBackend.ts';
import type { ConnectionPanels } from './webview/connectionPanels.ts';

export interface QuickConnectDependencies {
  readonly backend: Pick<PanelBackend, 'viewModel' | 'validate' | 'discover' | 'save'>;
  readonly panels: ConnectionPanels;
  readonly active: Pick<ActiveConnection, 'choose'>;
  readonly names: () => ReadonlySet<string>;
}

type Draft = PanelViewModel['saved'];

/**
 * The fast way to a connection: a name, an address, and the panel at its next step. What the server's answers lack is
 * left to the panel, which can show and repair it; what was typed is saved either way.
 */
export async function quickConnect(dependencies: QuickConnectDependencies): Promise<void> {
  const { backend, panels, active, names } = dependencies;
  const { saved: empty } = await backend.viewModel();
  const complaint = async (draft: Draft, field: keyof Draft): Promise<string | undefined> =>
    errorOf(await backend.validate({ draft }), field);

  const name = await window.showInputBox({
    title: l10n.t('Quick Connect (1 of 2): name'),
    prompt: l10n.t('How you want to call this OpenEMR, for example the name of the practice.'),
    value: freeName('OpenEMR', names()),
    ignoreFocusOut: true,
    validateInput: (value) => complaint({ ...empty, name: value }, 'name'),
  });
  if (name === undefined) return;
  const typed = await window.showInputBox({
    title: l10n.t('Quick Connect (2 of 2): address'),
    prompt: l10n.t('Open OpenEMR in your browser and copy what its address line shows; any page will do.'),
    placeHolder: 'https://emr.example.org/openemr',
    ignoreFocusOut: true,
    validateInput: (value) => complaint({ ...empty, baseUrl: value }, 'baseUrl'),
  });
  if (typed === undefined) return;

  const draft = { ...empty, name, baseUrl: typed };
  const trust = new DraftTrust();
  const outcome = await window.withProgress(
    {
      location: ProgressLocation.Notification,
      title: plainText(l10n.t('Asking {name} what it offers', { name })),
      cancellable: true,
    },
    (_progress, token) => {
      const controller = new AbortController();
      token.onCancellationRequested(() => controller.abort());
      return backend.discover({ draft, trust }, controller.signal);
    },
  );
  if (outcome.kind === 'cancelled') return;
  const address =
    outcome.kind === 'found' ? { baseUrl: outcome.discovery.baseUrl, site: outcome.discovery.site } : {};
  const saved = await backend.save({ draft: { ...draft, ...address }, trust, confirmed: false });
  if (saved.kind !== 'saved') {
    panels.open();
    return;
  }
  await active.choose(saved.connectionId);
  const discover = outcome.kind !== 'found';
  panels.open(saved.connectionId, { section: 'connection', field: 'next', discover });
}

function errorOf(problems: readonly FieldProblem[], wanted: keyof Draft): string | undefined {
  return problems.find(({ field, severity }) => field === wanted && severity === 'error')?.message;
}
