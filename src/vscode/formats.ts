import { env } from 'vscode';

/** A moment (milliseconds since the epoch) as the editor's language writes it. */
export function momentText(time: number): string {
  return new Intl.DateTimeFormat(env.language, { dateStyle: 'medium', timeStyle: 'short' }).format(time);
}

/** The text for this many; both are given already translated, because languages form plurals in their own ways. */
export function countText(count: number, one: string, many: string): string {
  return count === 1 ? one : many;
}

/** Milliseconds in seconds with one decimal: 1.4 or 1,4. */
export function secondsText(ms: number): string {
  const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  return new Intl.NumberFormat(env.language, digits).format(ms / 1000);
}

/** A number as the editor's language writes it: 1,234 or 1.234. */
export function numberText(value: number): string {
  return new Intl.NumberFormat(env.language).format(value);
}
