import { request } from 'node:http';
import type { ReplayedResponse } from './compare.ts';

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** One request as it is: no redirect followed, no cookie kept, no header added but Host and the length. */
export async function send({ method, url, headers, body }: HttpRequest): Promise<ReplayedResponse> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const outgoing = request(
      url,
      { method, headers: { ...headers, ...length }, agent: false },
      (incoming) => {
        const pieces: Buffer[] = [];
        incoming.on('data', (piece: Buffer) => pieces.push(piece));
        incoming.on('error', reject);
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body: Buffer.concat(pieces).toString('utf8'),
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

export async function sendJson(url: string, method: string, value: unknown): Promise<ReplayedResponse> {
  const answer = await send({
    method,
    url,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(value),
  });
  if (answer.status >= 400) throw new Error(`${method} ${url}: ${answer.status} ${answer.body}`);
  return answer;
}
