import { parsePartialJson } from './partialJson.ts';

const tokenLabel = /[\w-]*…<(?:JWT|code or refresh token) \w+>/;

/**
 * What the sandbox gave out in place of what the recorded server gave out: tokens and codes by their label,
 * client ids and addresses; stored resources have the recorded ids. Learned by walking a recorded and a replayed answer side by side.
 */
export class Bindings {
  readonly #values = new Map<string, string>();
  /** The client that a recorded token or code belongs to, by its sandbox id. */
  readonly #owners = new Map<string, string>();

  bind(recorded: string, replayed: string): void {
    if (recorded !== '' && recorded !== replayed) this.#values.set(recorded, replayed);
  }

  own(recorded: string, clientId: string): void {
    this.#owners.set(recorded, clientId);
  }

  ownerOf(text: string): string | undefined {
    return this.#owners.get(tokenLabel.exec(text)?.[0] ?? '');
  }

  knows(recorded: string): boolean {
    return this.#values.has(recorded);
  }

  /** Longest first, because a client URI holds shorter values. */
  translate(text: string): string {
    let result = text;
    for (const [recorded, replayed] of [...this.#values].toSorted(
      ([one], [other]) => other.length - one.length,
    )) {
      if (result.includes(recorded)) result = result.replaceAll(recorded, replayed);
    }
    return result;
  }

  /** Labels in a text that no answer has given out. */
  unknownLabels(text: string): string[] {
    return [...text.matchAll(new RegExp(tokenLabel, 'g'))]
      .map(([label]) => label)
      .filter((label) => !this.knows(label));
  }

  learn(recorded: unknown, replayed: unknown, clientId: string | undefined): void {
    if (typeof recorded === 'string' && typeof replayed === 'string') {
      this.#learnText(recorded, replayed, clientId);
    } else if (
      typeof recorded === 'object' &&
      recorded !== null &&
      typeof replayed === 'object' &&
      replayed !== null
    ) {
      for (const [key, value] of Object.entries(recorded)) {
        const other = (replayed as Record<string, unknown>)[key];
        if (isIdentifier(key) && typeof value === 'string' && typeof other === 'string')
          this.bind(value, other);
        else this.learn(value, other, clientId);
      }
    }
  }

  learnJsonText(recorded: string, replayed: string, clientId: string | undefined): void {
    this.learn(parsePartialJson(recorded).value, parsePartialJson(replayed).value, clientId);
  }

  #learnText(recorded: string, replayed: string, clientId: string | undefined): void {
    const label = tokenLabel.exec(recorded)?.[0];
    if (label !== recorded) return;
    this.bind(label, replayed);
    if (clientId !== undefined) this.own(label, clientId);
  }
}

function isIdentifier(key: string): boolean {
  return key === 'client_id' || key === 'registration_client_uri';
}
