import { l10n, MarkdownString, StatusBarAlignment, ThemeColor, window, type StatusBarItem } from 'vscode';
import type { Clock } from '../core/base/clock.ts';
import type { Disposable } from '../core/base/disposable.ts';
import type { EnvironmentName } from '../protocol/viewModels.ts';
import type { StatusSnapshot } from './statusSnapshot.ts';

// Part of the start-up path: nothing but types may be imported from elsewhere.

type TimedState = StatusSnapshot['state'];

export interface StatusBarView {
  readonly text: string;
  readonly background?: 'statusBarItem.warningBackground' | 'statusBarItem.errorBackground';
  /** The state in a sentence, for the tooltip and for screen readers. */
  readonly sentence: string;
  readonly links: readonly StatusLink[];
  /** Milliseconds until the text changes by itself. */
  readonly changesInMs?: number;
}

export interface StatusLink {
  readonly label: string;
  readonly command: string;
}

const minuteMs = 60_000;
const maxNameLength = 40;

/** Minutes left of the token: "42 min", "1 h 5 min", "< 1 min". */
export function timeLeft(remainingMs: number): string {
  const minutes = Math.floor(remainingMs / minuteMs);
  if (minutes < 1) return l10n.t('< 1 min');
  if (minutes < 60) return l10n.t('{0} min', minutes);
  const hours = Math.floor(minutes / 60);
  return minutes % 60 ? l10n.t('{0} h {1} min', hours, minutes % 60) : l10n.t('{0} h', hours);
}

/** What a server is for, in a word. */
export function environmentLabel(environment: EnvironmentName): string {
  switch (environment) {
    case 'production':
      return l10n.t('Production');
    case 'test':
      return l10n.t('Test');
    case 'training':
      return l10n.t('Training');
  }
}

function environmentSuffix({ environment }: StatusSnapshot): string {
  return environment ? ` (${environmentLabel(environment)})` : '';
}

export function statusBarView(snapshot: StatusSnapshot, now: number): StatusBarView {
  const remainingMs = Math.max(0, (snapshot.expiresAt ?? 0) - now);
  const state = stateAt(snapshot, remainingMs);
  const { icon, words, sentence, background } = snapshot.isBehind
    ? behindFace()
    : faceOf(state, remainingMs, snapshot.isSandbox);
  return {
    text: `$(${icon}) OpenEMR: ${shortName(snapshot.connectionName)}${environmentSuffix(snapshot)} · ${words}`,
    ...(background ? { background } : {}),
    sentence,
    links: snapshot.isBehind ? [reloadLink()] : linksFor(state, snapshot),
    ...(isTimed(state) ? { changesInMs: (remainingMs % minuteMs) + 1 } : {}),
  };
}

function isTimed(state: TimedState): boolean {
  return state === 'valid' || state === 'expiring';
}

/** A snapshot ages: a token that was valid when it was written may have expired since. */
function stateAt({ state }: StatusSnapshot, remainingMs: number): TimedState {
  return isTimed(state) && remainingMs === 0 ? 'expired' : state;
}

interface Face {
  readonly icon: string;
  readonly words: string;
  readonly sentence: string;
  readonly background?: StatusBarView['background'];
}

function faceOf(state: TimedState, remainingMs: number, isSandbox: boolean): Face {
  const left = timeLeft(remainingMs);
  switch (state) {
    case 'none':
      return { icon: 'circle-outline', words: l10n.t('signed out'), sentence: l10n.t('You are signed out.') };
    case 'authorizing':
      return {
        icon: 'sync~spin',
        words: l10n.t('signing in'),
        sentence: l10n.t('The login is waiting for you in the browser.'),
      };
    case 'valid':
      return {
        icon: isSandbox ? 'beaker' : 'pulse',
        words: left,
        sentence: l10n.t('You are signed in. The token is valid for {0}.', left),
      };
    case 'expiring':
      return {
        icon: 'watch',
        words: left,
        sentence: l10n.t('You are signed in. The token ends in {0}.', left),
      };
    case 'refreshing':
      return {
        icon: 'sync~spin',
        words: l10n.t('refreshing'),
        sentence: l10n.t('The token is being refreshed.'),
      };
    case 'expired':
      return {
        icon: 'warning',
        words: l10n.t('expired'),
        sentence: l10n.t('The token has expired. Refresh it, or log in again.'),
        background: 'statusBarItem.warningBackground',
      };
    case 'refreshFailed':
      return {
        icon: 'warning',
        words: l10n.t('offline, retrying'),
        sentence: l10n.t('The token could not be refreshed. The workbench tries again; you stay signed in.'),
        background: 'statusBarItem.warningBackground',
      };
    case 'reauthenticationRequired':
      return {
        icon: 'error',
        words: l10n.t('log in again'),
        sentence: l10n.t('OpenEMR ended this session. Log in again; your settings are kept.'),
        background: 'statusBarItem.errorBackground',
      };
  }
}

function behindFace(): Face {
  return {
    icon: 'refresh',
    words: l10n.t('reload to pick up the login'),
    sentence: l10n.t('Another window changed the login. Reload this window to pick it up.'),
    background: 'statusBarItem.warningBackground',
  };
}

function reloadLink(): StatusLink {
  return { label: l10n.t('Reload window'), command: 'workbench.action.reloadWindow' };
}

function linksFor(state: TimedState, { nextStep }: StatusSnapshot): StatusLink[] {
  const configure = { label: l10n.t('Connection settings'), command: 'openemr.configureConnection' };
  const logIn = { label: l10n.t('Log in'), command: 'openemr.logIn' };
  const refresh = { label: l10n.t('Refresh token'), command: 'openemr.refreshToken' };
  switch (state) {
    case 'authorizing':
    case 'refreshing':
      return [configure];
    case 'none':
      if (nextStep === 'connect' || nextStep === 'enable') return [configure];
      if (nextStep === 'register') {
        return [{ label: l10n.t('Register client'), command: 'openemr.registerClient' }, configure];
      }
      return [logIn, configure];
    case 'reauthenticationRequired':
      return [logIn, configure];
    case 'expired':
    case 'refreshFailed':
      return [refresh, logIn, configure];
    case 'valid':
    case 'expiring':
      return [{ label: l10n.t('Test connection'), command: 'openemr.testConnection' }, refresh, configure];
  }
}

/** One line of bearable length in which `$(…)` is no icon. */
function shortName(name: string): string {
  const line = name.replace(/\s+/g, ' ').trim();
  const short = line.length > maxNameLength ? `${line.slice(0, maxNameLength - 1)}…` : line;
  return short.replaceAll('$(', '\\$(');
}

/** The one status bar item: where the active connection stands. A click opens the menu. */
export class StatusBar implements Disposable {
  readonly #clock: Clock;
  readonly #item: StatusBarItem;
  readonly #focus: Disposable;
  #timer: Disposable | undefined;
  #snapshot: StatusSnapshot | undefined;
  /** How the login is kept alive, for the tooltip. */
  #lines: readonly string[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#item = window.createStatusBarItem('openemr.status', StatusBarAlignment.Left);
    this.#item.name = l10n.t('OpenEMR connection');
    this.#item.command = 'openemr.showMenu';
    // Timers stand still while the computer sleeps.
    this.#focus = window.onDidChangeWindowState(({ focused }) => {
      if (focused) this.#render();
    });
  }

  /** Shows the snapshot from now on; without one there is no connection and the item hides. */
  show(snapshot: StatusSnapshot | undefined, lines: readonly string[] = []): void {
    this.#snapshot = snapshot;
    this.#lines = lines;
    this.#render();
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#focus.dispose();
    this.#item.dispose();
  }

  #render(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
    if (!this.#snapshot) {
      this.#item.hide();
      return;
    }
    const view = statusBarView(this.#snapshot, this.#clock.now());
    this.#item.text = view.text;
    this.#item.backgroundColor = view.background ? new ThemeColor(view.background) : undefined;
    this.#item.tooltip = tooltipOf(this.#snapshot.connectionName, view, this.#lines);
    this.#item.command = this.#snapshot.isBehind ? reloadLink().command : 'openemr.showMenu';
    this.#item.accessibilityInformation = {
      label: l10n.t('OpenEMR, {0}: {1}', this.#snapshot.connectionName, view.sentence),
      role: 'button',
    };
    this.#item.show();
    if (view.changesInMs !== undefined) {
      this.#timer = this.#clock.schedule(() => this.#render(), view.changesInMs);
    }
  }
}

function tooltipOf(
  name: string,
  { sentence, links }: StatusBarView,
  lines: readonly string[],
): MarkdownString {
  const tooltip = new MarkdownString();
  tooltip.isTrusted = { enabledCommands: links.map(({ command }) => command) };
  tooltip.appendMarkdown('**').appendText(name.replace(/\s+/g, ' ').trim()).appendMarkdown('**\n\n');
  tooltip.appendText(sentence);
  for (const line of lines) tooltip.appendMarkdown('\n\n').appendText(line);
  return tooltip.appendMarkdown(
    `\n\n${links.map(({ label, command }) => `[${label}](command:${command})`).join(' · ')}`,
  );
}
