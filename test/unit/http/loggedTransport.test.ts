import assert from 'node:assert/strict';
import { WorkbenchError } from '../../../src/core/base/errors.ts';
import type { HttpTransport } from '../../../src/core/http/httpTransport.ts';
import { withLog } from '../../../src/core/http/loggedTransport.ts';

describe('withLog', () => {
  const lines: string[] = [];
  const note = (message: string) => void lines.push(message);
  const log = { debug: note, info: note, warn: note, error: note };
  const secretUrl = 'https://user:pw@emr.test/oauth2/default/token?code=hush';
  beforeEach(() => (lines.length = 0));

  it('notes method, address without its secrets, status and duration, and hands the answer on', async () => {
    const response = {
      status: 401,
      headers: new Headers(),
      durationMs: 12.4,
      text: '{"access_token":"hush"}',
    };
    const streamed = { status: 200, headers: new Headers(), durationMs: 3.6, chunks: new Blob([]).stream() };
    const transport: HttpTransport = {
      send: () => Promise.resolve(response),
      stream: () => Promise.resolve(streamed),
    };
    const logged = withLog(transport, log);
    assert.equal(await logged.send({ method: 'POST', url: secretUrl, body: 'code=hush' }), response);
    assert.equal(await logged.stream({ method: 'GET', url: 'https://emr.test/Patient?name=Doe' }), streamed);
    assert.deepEqual(lines, [
      'POST https://emr.test/oauth2/default/token: 401 in 12 ms',
      'GET https://emr.test/Patient: 200 in 4 ms',
    ]);
  });

  it('notes a failure by its code and hands it on', async () => {
    const failures = [
      new WorkbenchError('network/dns', { details: { host: 'emr.test', systemCode: 'ENOTFOUND' } }),
      new WorkbenchError('network/timed-out'),
    ];
    for (const failure of failures) {
      const transport: HttpTransport = {
        send: () => Promise.reject(failure),
        stream: () => Promise.reject(failure),
      };
      await assert.rejects(withLog(transport, log).send({ method: 'GET', url: secretUrl }), failure);
    }
    assert.deepEqual(lines, [
      'GET https://emr.test/oauth2/default/token: network/dns (ENOTFOUND)',
      'GET https://emr.test/oauth2/default/token: network/timed-out',
    ]);
  });
});
