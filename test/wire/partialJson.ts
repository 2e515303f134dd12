/** A JSON text that was cut off: what can be read of it, and which of its lists and objects are incomplete. */
export interface PartialJson {
  readonly value: unknown;
  readonly incomplete: ReadonlySet<object>;
}

class EndOfText extends Error {}

/** Reads as far as the text goes. A string, number or word at the very end may be cut and is dropped. */
export function parsePartialJson(text: string): PartialJson {
  const reader = new Reader(text);
  try {
    return { value: reader.value(), incomplete: reader.incomplete };
  } catch (error) {
    if (!(error instanceof EndOfText)) throw error;
    return { value: reader.outermost, incomplete: reader.incomplete };
  }
}

class Reader {
  readonly incomplete = new Set<object>();
  outermost: unknown;
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): unknown {
    const next = this.#peek();
    if (next === '{') return this.#object();
    if (next === '[') return this.#list();
    if (next === '"') return this.#string();
    return this.#word();
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

  #object(): object {
    const result: Record<string, unknown> = {};
    return this.#container(result, '{', '}', () => {
      const key = this.#string();
      this.#take(':');
      this.#store(this.value.bind(this), (value) => (result[key] = value));
    });
  }

  #list(): object {
    const result: unknown[] = [];
    return this.#container(result, '[', ']', () => this.#store(this.value.bind(this), (value) => result.push(value)));
  }

  /** Keeps an incomplete container that the value turned out to be before giving up. */
  #store(read: () => unknown, keep: (value: unknown) => void): void {
    const before = this.#last;
    this.#last = undefined;
    try {
      keep(read());
    } catch (error) {
      if (this.#last !== undefined) keep(this.#last);
      throw error;
    } finally {
      this.#last = before;
    }
  }

  #last: object | undefined;

  #container<Container extends object>(result: Container, open: string, close: string, item: () => void): Container {
    this.outermost ??= result;
    this.#last = result;
    this.incomplete.add(result);
    this.#take(open);
    while (this.#peek() !== close) {
      item();
      if (this.#peek() === ',') this.#at += 1;
    }
    this.#take(close);
    this.incomplete.delete(result);
    return result;
  }

  #string(): string {
    this.#peek();
    const match = /"(?:[^"\\]|\\.)*"/sy;
    match.lastIndex = this.#at;
    const found = match.exec(this.#text)?.[0];
    if (found === undefined) throw new EndOfText();
    this.#at += found.length;
    return JSON.parse(found) as string;
  }

  #word(): unknown {
    const match = /[\w.+-]+/y;
    match.lastIndex = this.#at;
    const found = match.exec(this.#text)?.[0];
    if (found === undefined) throw new SyntaxError(`Not JSON at ${this.#at}.`);
    this.#at += found.length;
    if (this.#at >= this.#text.length) throw new EndOfText();
    return JSON.parse(found) as unknown;
  }
}
