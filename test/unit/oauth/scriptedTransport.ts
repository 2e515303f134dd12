import { WorkbenchError } from '../../../src/core/base/errors.ts';
import type { HttpRequest, HttpResponse, HttpTransport } from '../../../src/core/http/httpTransport.ts';

export interface ScriptedAnswer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly json?: unknown;
  readonly text?: string;
  readonly error?: WorkbenchError;
}

type Script = ScriptedAnswer | ((request: HttpRequest) => ScriptedAnswer | Promise<ScriptedAnswer>);

/** Gives recorded answers by "METHOD path" and keeps what was asked; an unscripted request is a plain 404 page. */
export class ScriptedTransport implements HttpTransport {
  readonly requests: HttpRequest[] = [];
  readonly #scripts: Readonly<Record<string, Script>>;

  constructor(scripts: Readonly<Record<string, Script>>) {
    this.#scripts = scripts;
  }

  async send(request: HttpRequest): Promise<HttpResponse> {
    this.requests.push(request);
    const script = this.#scripts[`${request.method} ${new URL(request.url).pathname}`];
    const answer = typeof script === 'function' ? await script(request) : script;
    if (answer?.error) throw answer.error;
    const {
      status = 200,
      headers = {},
      json,
      text,
    } = answer ?? { status: 404, text: '<html>Not Found</html>' };
    return {
      status,
      headers: new Headers(headers),
      text: text ?? (json === undefined ? '' : JSON.stringify(json)),
      durationMs: 12,
      clockSkewMs: 300,
    };
  }

  stream(): never {
    throw new Error('Nothing here streams.');
  }

  form(index: number): URLSearchParams {
    return new URLSearchParams(this.requests[index]!.body);
  }
}

/** The WorkbenchError that the promise must end with. */
export async function failureOf(promise: Promise<unknown>): Promise<WorkbenchError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof WorkbenchError) return error;
    throw error;
  }
  throw new Error('It did not fail.');
}
