import { env } from 'vscode';

/** A moment (milliseconds since the epoch) as the editor's language writes it. */
export function momentText(time: number): string {
  return new Intl.DateTimeFormat(env.language, { dateStyle: 'medium', timeStyle: 'short' }).format(time);
}

/** A number as the editor's language writes it: 1,234 or 1.234. */
export function numberText(value: number): string {
  return new Intl.NumberFormat(env.language).format(value);
}
