import type { PanelStringKey } from '../src/protocol/panelStrings.ts';
import type {
  ConnectionDraft,
  DiscoveryView,
  PanelViewModel,
  PathStep,
  ScopeChoice,
  TestRow,
} from '../src/protocol/viewModels.ts';

export const steps = ['connect', 'register', 'enable', 'logIn', 'verify'] as const;

export const buttonNames = [
  'discover',
  'registerClient',
  'save',
  'logIn',
  'testConnection',
  'refreshToken',
  'logOut',
  'openApiClients',
  'checkAgain',
] as const satisfies readonly PanelStringKey[];
export type ButtonName = (typeof buttonNames)[number];

/** What the decisions below look at. */
export interface Situation {
  readonly model: PanelViewModel;
  readonly draft: ConnectionDraft;
  readonly hasTypedSecret: boolean;
  readonly discovery: DiscoveryView | undefined;
  readonly busy: boolean;
  /** Whether the user was sent to API Clients: the next step is then to look again. */
  readonly hasOpenedApiClients: boolean;
}

export function isDirty({ model, draft, hasTypedSecret }: Situation): boolean {
  return hasTypedSecret || !isSameDraft(model.saved, draft);
}

export function isSameDraft(a: ConnectionDraft, b: ConnectionDraft): boolean {
  const plain = (draft: ConnectionDraft) => JSON.stringify(Object.entries({ ...draft, scopes: '' }).sort());
  return plain(a) === plain(b) && isSameSet(a.scopes, b.scopes);
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((member) => b.includes(member));
}

/** The step the user stands at, counting what is on the form and not yet saved. */
export function currentStep(situation: Situation): PathStep {
  const { model, draft, discovery } = situation;
  const isAddressSaved =
    model.connectionId !== undefined &&
    model.saved.baseUrl === draft.baseUrl &&
    model.saved.site === draft.site;
  const isUnderstood = discovery?.baseUrl === draft.baseUrl && discovery.site === draft.site;
  if (!isAddressSaved) return isUnderstood ? 'register' : 'connect';
  return model.step === 'connect' && isUnderstood ? 'register' : model.step;
}

/** The one button that leads on. */
export function primaryButton(situation: Situation): ButtonName | undefined {
  const step = currentStep(situation);
  if (step === 'connect') return 'discover';
  if (isDirty(situation) && situation.draft.clientId !== '') return 'save';
  switch (step) {
    case 'register':
      return 'registerClient';
    case 'enable':
      return situation.hasOpenedApiClients ? 'checkAgain' : 'openApiClients';
    case 'logIn':
      return 'logIn';
    case 'verify':
      return 'testConnection';
    case 'done':
      return isDirty(situation) ? 'save' : undefined;
  }
}

/** Why a button cannot be pressed now. */
export function disabledReason(button: ButtonName, situation: Situation): PanelStringKey | undefined {
  const { model } = situation;
  if (situation.busy) return 'reasonBusy';
  if (button === 'discover' || button === 'registerClient') return undefined;
  if (button === 'save') return model.connectionId && !isDirty(situation) ? 'reasonNothingToSave' : undefined;
  if (button === 'refreshToken' || button === 'logOut') return sessionReason(button, model);
  if (!model.connectionId) return button === 'logIn' ? 'reasonNoClient' : 'reasonNotSaved';
  if (isDirty(situation)) return 'reasonUnsaved';
  return button === 'testConnection' || model.saved.clientId !== '' ? undefined : 'reasonNoClient';
}

function sessionReason(
  button: 'refreshToken' | 'logOut',
  { session }: PanelViewModel,
): PanelStringKey | undefined {
  if (session.state === 'none' || session.state === 'authorizing') return 'reasonNotSignedIn';
  return button === 'refreshToken' && !session.canRefresh ? 'reasonNoRefreshToken' : undefined;
}

/** Takes over a new view model; what the user changed and did not save stays. */
export function mergeDraft(
  draft: ConnectionDraft,
  before: ConnectionDraft,
  after: ConnectionDraft,
): ConnectionDraft {
  const merged: Record<string, unknown> = { ...draft };
  for (const key of Object.keys(after) as (keyof ConnectionDraft)[]) {
    const isUntouched =
      key === 'scopes' ? isSameSet(draft.scopes, before.scopes) : draft[key] === before[key];
    if (isUntouched) merged[key] = after[key];
  }
  return merged as ConnectionDraft;
}

/** Every permission that can be ticked for the draft's client type, and how many are not for it. */
export function offeredScopes(
  choices: readonly ScopeChoice[],
  draft: ConnectionDraft,
): { offered: ScopeChoice[]; hiddenCount: number } {
  const known = new Set(choices.map(({ scope }) => scope));
  const own = draft.scopes
    .filter((scope) => !known.has(scope))
    .map((scope): ScopeChoice => ({ scope, explanation: '', allowedFor: ['confidential', 'public'] }));
  const all = [...choices, ...own];
  const offered = all.filter(
    ({ scope, allowedFor }) => allowedFor.includes(draft.clientType) || draft.scopes.includes(scope),
  );
  return { offered, hiddenCount: all.length - offered.length };
}

/** Joins what is known by name; the first description of a scope wins. */
export function joinChoices(...lists: readonly (readonly ScopeChoice[])[]): ScopeChoice[] {
  const byName = new Map<string, ScopeChoice>();
  for (const choice of lists.flat()) if (!byName.has(choice.scope)) byName.set(choice.scope, choice);
  return [...byName.values()];
}

let numbers = new Intl.NumberFormat('en');

/** From now on numbers are written as this language does. */
export function writeNumbersIn(language: string): void {
  numbers = new Intl.NumberFormat(language);
}

/** Puts values into `{0}`, `{1}`. */
export function fill(template: string, ...values: readonly (string | number)[]): string {
  return template.replace(/\{(\d)\}/g, (whole, index: string) => {
    const value = values[Number(index)];
    return typeof value === 'number' ? numbers.format(value) : (value ?? whole);
  });
}

/** The time left in words, and the milliseconds after which they change. */
export function timeLeft(
  expiresAt: number,
  now: number,
  strings: Record<'hoursMinutes' | 'minutes' | 'lessThanAMinute', string>,
): { text: string; changesInMs: number } | undefined {
  const leftMs = expiresAt - now;
  if (leftMs <= 0) return undefined;
  const minutes = Math.floor(leftMs / 60_000);
  const hours = Math.floor(minutes / 60);
  const text =
    hours > 0
      ? fill(strings.hoursMinutes, hours, minutes % 60)
      : minutes > 0
        ? fill(strings.minutes, minutes)
        : strings.lessThanAMinute;
  return { text, changesInMs: (leftMs % 60_000) + 50 };
}

const counted = {
  pass: ['testPassedOne', 'testPassed'],
  fail: ['testFailed', 'testFailed'],
  warning: ['testWarnings', 'testWarnings'],
  skipped: ['testSkippedOne', 'testSkipped'],
} as const satisfies Record<Exclude<TestRow['result'], 'running'>, readonly [PanelStringKey, PanelStringKey]>;
type SummaryKey = (typeof counted)[keyof typeof counted][number] | 'seconds';

/** How a test went, in a line: how many checks passed, what else there was, and the time. */
export function testSummary(
  strings: Record<SummaryKey, string>,
  rows: readonly Pick<TestRow, 'result'>[],
  seconds: string,
): string {
  const counts = (['pass', 'fail', 'warning', 'skipped'] as const).flatMap((result) => {
    const [one, many] = counted[result];
    const count = rows.filter((row) => row.result === result).length;
    if (count === 0 && result !== 'pass') return [];
    return [fill(strings[count === 1 ? one : many], count)];
  });
  return [...counts, fill(strings.seconds, seconds)].join(' · ');
}
