/** A JSON text that was cut off: what can be read of it, and which of its lists and objects are incomplete. */
export interface PartialJson {
  readonly value: unknown;
  readonly incomplete: ReadonlySet<object>;
}

class EndOfText extends Error {}

/** Reads as far as the text goes. A string, number or word at the very end may be cut and is dropped. */
export function parsePartialJson(text: string): PartialJson {
  const reader = new Reader(text);
  let value: unknown;
  try {
    reader.read((found) => (value = found));
  } catch (error) {
    if (!(error instanceof EndOfText)) throw error;
  }
  return { value, incomplete: reader.incomplete };
}

/** Takes a value: a list or an object while it is still empty, anything else once it is complete. */
type Attach = (value: unknown) => void;

class Reader {
  readonly incomplete = new Set<object>();
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(attach: Attach): void {
    const next = this.#peek();
    if (next === '{') this.#object(attach);
    else if (next === '[') this.#list(attach);
    else attach(next === '"' ? this.#string() : this.#word());
  }

  #peek(): string {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at += 1;
    const character = this.#text[this.#at];
    if (character === undefined) throw new EndOfText();
    return character;
  }

  #take(expected: string): void {
    if (this.#peek() !== expected) throw new SyntaxError(`Expected ${expected} at ${this.#at}.`);
    this.#at += 1;
  }

  #object(attach: Attach): void {
    const result: Record<string, unknown> = {};
    attach(result);
    this.#items(result, '{', '}', () => {
      const key = this.#string();
      this.#take(':');
      this.read((value) => (result[key] = value));
    });
  }

  #list(attach: Attach): void {
    const result: unknown[] = [];
    attach(result);
    this.#items(result, '[', ']', () => this.read((value) => result.push(value)));
  }

  #items(container: object, open: string, close: string, item: () => void): void {
    this.incomplete.add(container);
    this.#take(open);
    while (this.#peek() !== close) {
      item();
      if (this.#peek() === ',') this.#at += 1;
    }
    this.#take(close);
    this.incomplete.delete(container);
  }

  #string(): string {
    this.#peek();
    return JSON.parse(this.#match(/"(?:[^"\\]|\\.)*"/sy)) as string;
  }

  #word(): unknown {
    if (!/[\w.+-]/.test(this.#peek())) throw new SyntaxError(`Not JSON at ${this.#at}.`);
    const word = this.#match(/[\w.+-]+/y);
    if (this.#at >= this.#text.length) throw new EndOfText();
    return JSON.parse(word) as unknown;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) throw new EndOfText();
    this.#at += found.length;
    return found;
  }
}
