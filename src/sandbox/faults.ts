import type { SandboxRequest } from './http/request.ts';

/** How a switched fault is narrowed down; everything has a default. */
export interface FaultOptions {
  /** Only requests whose path holds this text. */
  readonly path: string;
  /** How often it strikes before it switches itself off; Infinity for always. */
  readonly times: number;
  /** Of `slow`. */
  readonly milliseconds: number;
  /** Of `huge-answer`. */
  readonly bytes: number;
}

export const faultDescriptions = {
  slow: 'Answers late.',
  unavailable: 'Answers 503 with a page of the web server.',
  'server-error': 'Answers 500 with an empty body.',
  'html-instead-of-json': 'Answers 200 with a web page, as a proxy or captive portal does.',
  'wrong-type-answer': 'Answers 200 with JSON of another shape: a list of numbers.',
  'huge-answer': 'Answers with far more bytes than anybody expects.',
  'truncated-answer': 'Announces the whole answer, sends half and closes the connection.',
  'connection-reset': 'Closes the connection without a byte; the request has no effect.',
  'lost-token-answer':
    'Does what the token endpoint does, tokens rotated and all, then closes without an answer.',
} as const;

export type FaultName = keyof typeof faultDescriptions;

export interface ActiveFault extends FaultOptions {
  readonly name: FaultName;
}

const defaults: FaultOptions = { path: '', times: Infinity, milliseconds: 5000, bytes: 300 * 1024 * 1024 };
const defaultPaths: Partial<Record<FaultName, string>> = { 'lost-token-answer': '/token' };

export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(faultDescriptions, name);
}

/** The faults that are on. Control pages never suffer from them. */
export class FaultRegistry {
  readonly #active = new Map<FaultName, { fault: ActiveFault; left: number }>();

  switchOn(name: FaultName, options: Partial<FaultOptions> = {}): ActiveFault {
    const fault: ActiveFault = { ...defaults, path: defaultPaths[name] ?? '', ...options, name };
    this.#active.set(name, { fault, left: fault.times });
    return fault;
  }

  switchOff(name: FaultName): boolean {
    return this.#active.delete(name);
  }

  active(): readonly ActiveFault[] {
    return [...this.#active.values()].map(({ fault }) => fault);
  }

  /** The faults that strike this request; counts them down. */
  striking(request: SandboxRequest): ReadonlyMap<FaultName, ActiveFault> {
    const struck = new Map<FaultName, ActiveFault>();
    for (const [name, entry] of this.#active) {
      if (!request.path.includes(entry.fault.path)) continue;
      struck.set(name, entry.fault);
      entry.left -= 1;
      if (entry.left <= 0) this.#active.delete(name);
    }
    return struck;
  }
}
