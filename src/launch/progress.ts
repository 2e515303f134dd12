/** Tells the person at the terminal what is going on. On stderr, because stdout carries results. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** A condition the person has to change: its message is one sentence that is shown as it is, without a stack. */
export class MissingRequirement extends Error {
  override readonly name = 'MissingRequirement';
}

/** The sentence to show for anything that was thrown. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
