import { FileDecoration, l10n, ThemeColor, Uri, window, type Disposable, type QuickPickItem } from 'vscode';
import { environments, type Connection, type Environment } from '../core/connection/connection.ts';
import { plainText } from './plainText.ts';
import { environmentLabel } from './statusBar.ts';

const scheme = 'openemr-connection';

const badges: Record<Environment, readonly [letter: string, color: string]> = {
  production: ['P', 'openemr.productionForeground'],
  test: ['T', 'openemr.testForeground'],
  training: ['L', 'openemr.trainingForeground'],
};

/** Names a connection to whatever decorates the items of a view. */
export function connectionUri(connectionId: string, environment: Environment): Uri {
  return Uri.from({ scheme, path: `/${connectionId}`, query: environment });
}

/** Gives connections of a known environment its colour and a letter, wherever they are listed. */
export function registerEnvironmentDecorations(): Disposable {
  return window.registerFileDecorationProvider({
    provideFileDecoration: (uri) => {
      const environment = environments.find((name) => name === uri.query);
      if (uri.scheme !== scheme || !environment) return undefined;
      const [letter, color] = badges[environment];
      return new FileDecoration(letter, environmentLabel(environment), new ThemeColor(color));
    },
  });
}

interface EnvironmentItem extends QuickPickItem {
  readonly environment: Environment | 'none';
}

/** Asks what a server is for; `undefined` when the list is closed. */
export async function pickEnvironment({
  name,
  environment: current,
}: Connection): Promise<Environment | 'none' | undefined> {
  const details: Record<Environment, string> = {
    production: l10n.t('Real patients. Asks before anything is revealed or handed over.'),
    test: l10n.t('For trying things out; no real patients.'),
    training: l10n.t('For courses; no real patients.'),
  };
  const items: EnvironmentItem[] = [
    ...environments.map((environment) => ({
      label: environmentLabel(environment),
      detail: details[environment],
      environment,
    })),
    { label: l10n.t('No environment'), environment: 'none' as const },
  ];
  const marked = items.map((item) =>
    item.environment === (current ?? 'none') ? { ...item, description: l10n.t('current') } : item,
  );
  const title = plainText(l10n.t('What is {name} for?', { name }));
  return (await window.showQuickPick(marked, { title, matchOnDetail: true }))?.environment;
}

/**
 * Asks before something of a production server is revealed or handed over; everything else goes on without a word.
 * `consequence` is a sentence that says what would be seen or given away, `goOn` the button that does it.
 */
export async function agreesOnProduction(
  { name, environment }: Pick<Connection, 'name' | 'environment'>,
  consequence: string,
  goOn: string,
): Promise<boolean> {
  if (environment !== 'production') return true;
  const question = plainText(l10n.t('{name} is a production server', { name }));
  const detail = plainText(consequence);
  return (await window.showWarningMessage(question, { modal: true, detail }, goOn)) === goOn;
}

/** Asks before a record of a production server is shown unmasked. */
export function agreesToReveal(connection: Pick<Connection, 'name' | 'environment'>): Promise<boolean> {
  const consequence = l10n.t(
    'What is shown then concerns a real patient. Look who else can see your screen.',
  );
  return agreesOnProduction(connection, consequence, l10n.t('Show it'));
}
