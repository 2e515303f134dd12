import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { ActiveFault, FaultName } from '../faults.ts';
import { htmlPage } from './html.ts';
import { defaultContentType, empty, reply } from './reply.ts';
import type { Reply } from './reply.ts';

type Faults = ReadonlyMap<FaultName, ActiveFault>;

/** Writes an answer, or what the faults that strike make of it. */
export async function writeAnswer(
  response: ServerResponse,
  faults: Faults,
  handle: () => Promise<Reply>,
): Promise<number> {
  const slow = faults.get('slow');
  if (slow !== undefined) await delay(slow.milliseconds);
  if (faults.has('connection-reset')) return drop(response);
  const answer = replacement(faults) ?? (await handle());
  if (faults.has('lost-token-answer')) return drop(response);
  const huge = faults.get('huge-answer');
  if (huge !== undefined) return writeHuge(response, huge.bytes);
  if (faults.has('truncated-answer')) return writeHalf(response, answer);
  const changed = withNotices(faults, answer);
  if (faults.has('clock-ahead'))
    response.setHeader('date', new Date(Date.now() + clockAheadMs).toUTCString());
  writeHead(response, changed, Buffer.byteLength(changed.body));
  response.end(changed.body);
  return changed.status;
}

const clockAheadMs = 10 * 60_000;

function withNotices(faults: Faults, answer: Reply): Reply {
  if (!faults.has('php-notices') || !answer.body.startsWith('{')) return answer;
  const notice =
    '<br />\n<b>Warning</b>:  Key file "file:///var/www/sites/default/documents/certificates/oaprivate.key" ' +
    'permissions are not correct, recommend changing to 600 or 660 instead of 644 in <b>CryptKey.php</b><br />\n';
  return { ...answer, body: notice + answer.body };
}

function replacement(faults: Faults): Reply | undefined {
  if (faults.has('unavailable')) {
    return reply(
      503,
      htmlPage('503 Service Unavailable', '<h1>Service Unavailable</h1>'),
      defaultContentType,
      {
        'retry-after': '1',
      },
    );
  }
  if (faults.has('server-error')) return empty(500);
  if (faults.has('wrong-type-answer')) return reply(200, '[1,2,3]', 'application/json');
  if (faults.has('html-instead-of-json')) {
    return reply(200, htmlPage('Welcome', '<h1>Sign in to the guest network</h1>'), defaultContentType);
  }
  return undefined;
}

function drop(response: ServerResponse): number {
  response.destroy();
  return 0;
}

function writeHead(response: ServerResponse, answer: Reply, length: number): void {
  const headers = answer.headers.map(([name, value]): [string, string] => [name, value]);
  response.writeHead(answer.status, [...headers, ['content-length', String(length)]].flat());
}

function writeHalf(response: ServerResponse, answer: Reply): number {
  const body = Buffer.from(answer.body);
  writeHead(response, answer, body.length + 1);
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
  return answer.status;
}

/** A JSON string without an end, in pieces, as long as somebody reads it. */
async function writeHuge(response: ServerResponse, bytes: number): Promise<number> {
  response.writeHead(200, { 'content-type': 'application/json' });
  const piece = 'x'.repeat(256 * 1024);
  response.write('{"filler":"');
  for (let written = 0; written < bytes && !response.destroyed; written += piece.length) {
    if (!response.write(piece)) await drained(response);
  }
  response.end('"}');
  return 200;
}

async function drained(response: ServerResponse): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}
