import { WorkbenchError } from '../base/errors.ts';
import { redactUrl } from '../base/redact.ts';

/** The JSON of a body, whatever its media type says. Throws WorkbenchError `http/not-json`. */
export function parseJsonBody(text: string, url: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Without the parser's error as cause: its message quotes the body.
    throw new WorkbenchError('http/not-json', { details: { url: redactUrl(url) } });
  }
}
