import assert from 'node:assert/strict';
import { fhirGet, fhirStream } from '../../../src/core/fhir/fhirClient.ts';
import { CannedTransport } from './cannedTransport.ts';
import { bundle, fault82, fhirBaseUrl, unauthorised70 } from './recordings.ts';

const request = { url: `${fhirBaseUrl}/Patient?_count=1`, accessToken: 'eyJ.header.payload' };

describe('Authorised FHIR reads', () => {
  it('send the bearer token in the case that OpenEMR insists on, and only by GET', async () => {
    const transport = new CannedTransport(() => ({ body: bundle([]) }));
    const response = await fhirGet(transport, request);
    assert.equal(response.status, 200);
    const [sent] = transport.requests;
    assert.equal(sent?.method, 'GET');
    assert.equal(sent.headers?.['authorization'], 'Bearer eyJ.header.payload');
    assert.equal(sent.maxBytes, 256 * 1024 * 1024);
  });

  it('let the caller set time and size', async () => {
    const transport = new CannedTransport(() => ({}));
    await fhirGet(transport, { ...request, timeoutMs: 5, maxBytes: 7 });
    assert.deepEqual([transport.requests[0]?.timeoutMs, transport.requests[0]?.maxBytes], [5, 7]);
  });

  it('fail with the reason of the refusal, without a second request', async () => {
    const transport = new CannedTransport(() => ({
      status: 401,
      body: unauthorised70('Access token has been revoked'),
    }));
    await assert.rejects(fhirGet(transport, request), { code: 'fhir/token-refused' });
    assert.equal(transport.requests.length, 1);
  });

  it('stream a success and read the reason out of a streamed refusal', async () => {
    const granted = await fhirStream(new CannedTransport(() => ({ body: 'abc' })), request);
    const parts: Uint8Array[] = [];
    for await (const chunk of granted.chunks) parts.push(chunk);
    assert.equal(Buffer.concat(parts).toString(), 'abc');

    const refusing = new CannedTransport(() => ({ status: 401, body: fault82('Unauthorized') }));
    await assert.rejects(fhirStream(refusing, request), { code: 'fhir/access-refused' });
  });

  it('do not read an endless refusal to its end', async () => {
    let given = 0;
    const head = { status: 500, headers: new Headers(), durationMs: 1 };
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        await Promise.resolve();
        given += 16_384;
        yield new Uint8Array(16_384);
      }
    }
    const transport = {
      send: () => Promise.reject(new Error('not asked for')),
      stream: () => Promise.resolve({ ...head, chunks: endless() }),
    };
    await assert.rejects(fhirStream(transport, request), { code: 'http/server-error' });
    assert.ok(given <= 65_536 + 16_384);
  });
});
